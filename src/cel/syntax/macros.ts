import type { CallExpr, Expr, FoldExpr, LiteralExpr } from "./ast";
import { ParseIssue } from "./issues";

/** cel-go's name for the accumulator of a macro; no identifier of the source can be it. */
const ACCUMULATOR = "@result";
/** Its old name, which macros still refuse as a variable. */
const OLD_ACCUMULATOR = "__result__";
/** The loop variable of a fold that does not loop. */
const UNUSED = "#unused";

/** What a macro makes of a call that names it. Throws `ParseIssue` where arguments do not fit. */
type Expand = (call: CallExpr) => Expr;

/** Macros by name, number of arguments and whether they are methods: `has/1`, `x.all/2`. */
export type MacroTable = ReadonlyMap<string, Expand>;

/** The macros of the CEL standard library. */
export const STANDARD_MACROS: MacroTable = new Map<string, Expand>([
  ["has/1", has],
  ["x.all/2", (call) => all(call, oneVariable(call, "argument must be a simple name"), argument(call, 1))],
  ["x.exists/2", (call) => exists(call, oneVariable(call, "argument must be a simple name"), argument(call, 1))],
  ["x.exists_one/2", (call) => existsOne(call, oneVariable(call, "argument must be a simple name"), argument(call, 1))],
  ["x.map/2", (call) => toList(call, oneVariable(call, "argument is not an identifier"), undefined, argument(call, 1))],
  ["x.map/3", (call) => toList(call, oneVariable(call, "argument is not an identifier"), argument(call, 1), argument(call, 2))],
  ["x.filter/2", (call) => toList(call, oneVariable(call, "argument is not an identifier"), argument(call, 1), argument(call, 0))],
]);

/** The two-variable comprehensions of cel-go's `ext`. `existsOne` exists with two variables only. */
export const TWO_VARIABLE_MACROS: MacroTable = new Map<string, Expand>([
  ["x.all/3", (call) => all(call, twoVariables(call), argument(call, 2))],
  ["x.exists/3", (call) => exists(call, twoVariables(call), argument(call, 2))],
  ["x.exists_one/3", (call) => existsOne(call, twoVariables(call), argument(call, 2))],
  ["x.existsOne/3", (call) => existsOne(call, twoVariables(call), argument(call, 2))],
  ["x.transformList/3", (call) => toList(call, twoVariables(call), undefined, argument(call, 2))],
  ["x.transformList/4", (call) => toList(call, twoVariables(call), argument(call, 2), argument(call, 3))],
  ["x.transformMap/3", (call) => toMap(call, twoVariables(call), undefined, [argument(call, 0), argument(call, 2)])],
  ["x.transformMap/4", (call) => toMap(call, twoVariables(call), argument(call, 2), [argument(call, 0), argument(call, 3)])],
  ["x.transformMapEntry/3", (call) => toMap(call, twoVariables(call), undefined, [argument(call, 2)])],
  ["x.transformMapEntry/4", (call) => toMap(call, twoVariables(call), argument(call, 2), [argument(call, 3)])],
]);

/** `cel.bind`. */
export const BINDING_MACROS: MacroTable = new Map<string, Expand>([["x.bind/3", bind]]);

/** The macros of optionals. */
export const OPTIONAL_MACROS: MacroTable = new Map<string, Expand>([
  ["x.optMap/2", (call) => optionalMap(call, (mapped) => callOf(call, "optional.of", [mapped]))],
  ["x.optFlatMap/2", (call) => optionalMap(call, (mapped) => mapped)],
]);

/** What the macro that a call names makes of it; the call itself where it names none. Throws `ParseIssue` where arguments do not fit. */
export function expandMacro(call: CallExpr, macros: MacroTable): Expr {
  const key = `${call.target === undefined ? "" : "x."}${call.function}/${String(call.args.length)}`;
  return macros.get(key)?.(call) ?? call;
}

interface Variables {
  readonly variable: string;
  readonly secondVariable: string | undefined;
}

function has(call: CallExpr): Expr {
  const tested = argument(call, 0);
  if (tested.kind !== "select") {
    throw new ParseIssue(tested.offset, "invalid argument to has() macro");
  }
  return { ...tested, offset: call.offset, testOnly: true };
}

function all(call: CallExpr, variables: Variables, predicate: Expr): Expr {
  return fold(call, variables, {
    init: literal(call, true),
    condition: callOf(call, "@not_strictly_false", [accumulator(call)]),
    step: callOf(call, "_&&_", [accumulator(call), predicate]),
  });
}

function exists(call: CallExpr, variables: Variables, predicate: Expr): Expr {
  return fold(call, variables, {
    init: literal(call, false),
    condition: callOf(call, "@not_strictly_false", [callOf(call, "!_", [accumulator(call)])]),
    step: callOf(call, "_||_", [accumulator(call), predicate]),
  });
}

function existsOne(call: CallExpr, variables: Variables, predicate: Expr): Expr {
  return fold(call, variables, {
    init: literal(call, 0n),
    step: onlyIf(call, predicate, callOf(call, "_+_", [accumulator(call), literal(call, 1n)])),
    result: callOf(call, "_==_", [accumulator(call), literal(call, 1n)]),
  });
}

function toList(call: CallExpr, variables: Variables, filter: Expr | undefined, element: Expr): Expr {
  const appended = callOf(call, "_+_", [
    accumulator(call),
    { kind: "list", offset: call.offset, elements: [{ value: element, optional: false }] },
  ]);
  return fold(call, variables, { init: { kind: "list", offset: call.offset, elements: [] }, step: onlyIf(call, filter, appended) });
}

function toMap(call: CallExpr, variables: Variables, filter: Expr | undefined, inserted: readonly Expr[]): Expr {
  const step = callOf(call, "cel.@mapInsert", [accumulator(call), ...inserted]);
  return fold(call, variables, { init: { kind: "map", offset: call.offset, entries: [] }, step: onlyIf(call, filter, step) });
}

function bind(call: CallExpr): Expr {
  if (call.target?.kind !== "ident" || call.target.name !== "cel") {
    return call;
  }
  const name = argument(call, 0);
  if (name.kind !== "ident") {
    throw new ParseIssue(name.offset, "cel.bind() variable names must be simple identifiers");
  }
  return local(call, name.name, argument(call, 1), argument(call, 2));
}

function optionalMap(call: CallExpr, wrap: (mapped: Expr) => Expr): Expr {
  const name = argument(call, 0);
  if (name.kind !== "ident") {
    throw new ParseIssue(name.offset, `${call.function}() variable name must be a simple identifier`);
  }
  const { target } = call;
  const value: CallExpr = { kind: "call", offset: call.offset, function: "value", target, args: [] };
  return callOf(call, "_?_:_", [
    { ...value, function: "hasValue" },
    wrap(local(call, name.name, value, argument(call, 1))),
    callOf(call, "optional.none", []),
  ]);
}

/** A fold over nothing, whose result sees `name` bound to `init`. */
function local(call: CallExpr, name: string, init: Expr, result: Expr): FoldExpr {
  const { offset } = call;
  return {
    kind: "fold",
    offset,
    range: { kind: "list", offset, elements: [] },
    variable: UNUSED,
    secondVariable: undefined,
    accumulator: name,
    init,
    condition: literal(call, false),
    step: { kind: "ident", offset, name },
    result,
  };
}

function fold(
  call: CallExpr,
  variables: Variables,
  parts: { readonly init: Expr; readonly condition?: Expr; readonly step: Expr; readonly result?: Expr },
): FoldExpr {
  const range = call.target;
  if (range === undefined) {
    throw new Error(`${call.function} is a method`);
  }
  return {
    kind: "fold",
    offset: call.offset,
    range,
    ...variables,
    accumulator: ACCUMULATOR,
    condition: literal(call, true),
    result: accumulator(call),
    ...parts,
  };
}

function oneVariable(call: CallExpr, complaint: string): Variables {
  return { variable: variableName(argument(call, 0), complaint), secondVariable: undefined };
}

function twoVariables(call: CallExpr): Variables {
  const [first, second] = [argument(call, 0), argument(call, 1)];
  const variable = variableName(first, "argument must be a simple name");
  const secondVariable = variableName(second, "argument must be a simple name");
  if (variable === secondVariable) {
    throw new ParseIssue(second.offset, `duplicate variable name: ${variable}`);
  }
  return { variable, secondVariable };
}

function variableName(expr: Expr, complaint: string): string {
  if (expr.kind !== "ident") {
    throw new ParseIssue(expr.offset, complaint);
  }
  if (expr.name === OLD_ACCUMULATOR) {
    throw new ParseIssue(expr.offset, "iteration variable overwrites accumulator variable");
  }
  return expr.name;
}

function onlyIf(call: CallExpr, filter: Expr | undefined, step: Expr): Expr {
  return filter === undefined ? step : callOf(call, "_?_:_", [filter, step, accumulator(call)]);
}

function accumulator({ offset }: CallExpr): Expr {
  return { kind: "ident", offset, name: ACCUMULATOR };
}

function literal({ offset }: CallExpr, value: LiteralExpr["value"]): Expr {
  return { kind: "literal", offset, value };
}

function callOf({ offset }: CallExpr, name: string, args: readonly Expr[]): Expr {
  return { kind: "call", offset, function: name, target: undefined, args };
}

function argument(call: CallExpr, index: number): Expr {
  const expr = call.args[index];
  if (expr === undefined) {
    throw new Error(`${call.function} has no argument ${String(index)}`);
  }
  return expr;
}
