import { BINDING_MACROS, STANDARD_MACROS } from "../../../cel/syntax/macros";
import type { MacroTable } from "../../../cel/syntax/macros";
import { isBind } from "../../../cel/syntax/ast";
import type { CallExpr, Expr, FoldExpr, SelectExpr } from "../../../cel/syntax/ast";
import { ParseIssue } from "../../../cel/syntax/issues";
import { parse } from "../../../cel/syntax/parser";
import { hasAllowedWords } from "./pattern";
import { Refusal } from "./problem";
import type { Problem } from "./problem";
import { patternFault } from "./regular-expression";
import { CONSTRUCTORS, EQUALITIES, INSTEAD, INSTEAD_OF, LIMITS, METHODS, ORDERINGS } from "./vocabulary";
import type { Kind } from "./vocabulary";
import { checkWords } from "./words";

/** `has` and `cel.bind`. All other macros stay calls of a name that is not in the language. */
const MACROS: MacroTable = new Map([...STANDARD_MACROS, ...BINDING_MACROS].filter(([name]) => ["has/1", "x.bind/3"].includes(name)));

const checked = new Map<string, Problem | undefined>();
const MAX_CHECKED = 10_000;

/**
 * The first thing in an expression that a claim may not use in a selector; undefined where there is none. Such an expression may still not compile:
 * whether an attribute exists and has the type that it is compared with is for the compiler and for reach.
 */
export function selectorProblem(expression: string): Problem | undefined {
  if (checked.has(expression)) {
    return checked.get(expression);
  }
  if (checked.size >= MAX_CHECKED) {
    checked.clear();
  }
  const problem = firstProblem(expression);
  checked.set(expression, problem);
  return problem;
}

function firstProblem(expression: string): Problem | undefined {
  try {
    checkWords(expression);
    const expr = parse(expression, MACROS);
    expectCondition(expr, kindOf(expr, NO_BINDINGS));
  } catch (error) {
    if (error instanceof Refusal) {
      return error.problem;
    }
    if (error instanceof ParseIssue) {
      return { about: "structure", offset: error.offset ?? 0, reason: error.message, instead: INSTEAD.attribute };
    }
    throw error;
  }
  return hasAllowedWords(expression)
    ? undefined
    : { about: "words", offset: 0, reason: "a name, a dot or a bracket is written in an unusual way", instead: INSTEAD.attribute };
}

type Bindings = ReadonlyMap<string, Kind>;
const NO_BINDINGS: Bindings = new Map();

const SCALARS: readonly Kind[] = ["boolean", "string", "integer", "quantity", "version", "attribute"];
const CONDITIONS: readonly Kind[] = ["boolean", "attribute"];

function kindOf(expr: Expr, bindings: Bindings): Kind {
  switch (expr.kind) {
    case "literal":
      switch (typeof expr.value) {
        case "boolean":
          return "boolean";
        case "string":
          return "string";
        case "bigint":
          return "integer";
        default:
          return refuseWord(expr, "this constant is of a type that no attribute has", INSTEAD.presence);
      }
    case "ident":
      return (
        bindings.get(expr.name) ??
        refuse(expr, `${expr.name} is neither the device's driver, attribute or capacity nor bound by cel.bind`, INSTEAD.bind)
      );
    case "select":
      return ofSelection(expr, bindings);
    case "call":
      return ofCall(expr, bindings);
    case "list":
      return refuse(expr, `a list can only stand behind "in"`, INSTEAD.list);
    case "fold":
      return isBind(expr) ? ofBinding(expr, bindings) : refuseWord(expr, "macros are not allowed", INSTEAD.attribute);
    case "map":
    case "message":
      return refuseWord(expr, "maps and messages are not allowed", INSTEAD.list);
  }
}

/** `device.driver`, or a name behind a domain. */
function ofSelection(expr: SelectExpr, bindings: Bindings): Kind {
  const { operand, field, testOnly } = expr;
  if (isDevice(operand, bindings)) {
    return !testOnly && field === "driver"
      ? "string"
      : refuse(expr, `device.${field} is not a value`, field === "capacity" ? INSTEAD.quantity : INSTEAD.attribute);
  }
  const value = valueIn(kindOf(operand, bindings), expr);
  return testOnly ? "boolean" : value;
}

function valueIn(kind: Kind, at: Expr): Kind {
  switch (kind) {
    case "attributes":
      return "attribute";
    case "capacities":
      return "quantity";
    default:
      return refuse(at, "only a domain of attributes or capacities has names in it", INSTEAD.attribute);
  }
}

function ofBinding({ accumulator, init, result }: FoldExpr, bindings: Bindings): Kind {
  const kind = kindOf(init, bindings);
  if (init.kind !== "select" && !(init.kind === "call" && init.function === "_[_]")) {
    return refuse(init, "cel.bind gives a name to a domain, an attribute or a capacity only", INSTEAD.bind);
  }
  return kindOf(result, new Map([...bindings, [accumulator, kind]]));
}

function ofCall(expr: CallExpr, bindings: Bindings): Kind {
  const [first, second, third] = expr.args;
  if (expr.target === undefined && first !== undefined && second !== undefined) {
    switch (expr.function) {
      case "_[_]":
        return ofIndex(expr, first, second, bindings);
      case "@in":
        return ofMembership(first, second, bindings);
      case "_?_:_":
        return ofConditional([first, second, ...(third === undefined ? [] : [third])], bindings);
    }
  }
  const operator = /^_?(.+?)_$/.exec(expr.function)?.[1];
  if (expr.target === undefined && operator !== undefined && first !== undefined) {
    return ofOperator(expr, operator, bindings);
  }
  return expr.target === undefined ? ofFunction(expr) : ofMethod(expr, expr.target, bindings);
}

/** A domain of the device, or a name in one. */
function ofIndex(at: Expr, operand: Expr, key: Expr, bindings: Bindings): Kind {
  const domains = domainsOf(operand, bindings);
  const kind = domains ?? valueIn(kindOf(operand, bindings), at);
  return key.kind === "literal" && typeof key.value === "string"
    ? kind
    : refuse(key, "domains and names are written out between quotes", INSTEAD.attribute);
}

/** What a domain is of, where an expression is `device.attributes` or `device.capacity`. */
function domainsOf(expr: Expr, bindings: Bindings): "attributes" | "capacities" | undefined {
  if (expr.kind !== "select" || expr.testOnly || !isDevice(expr.operand, bindings)) {
    return undefined;
  }
  return expr.field === "attributes" ? "attributes" : expr.field === "capacity" ? "capacities" : undefined;
}

function isDevice(expr: Expr, bindings: Bindings): boolean {
  return expr.kind === "ident" && expr.name === "device" && !bindings.has("device");
}

/** A value in a list of constants, or a name among those that the device has. */
function ofMembership(member: Expr, container: Expr, bindings: Bindings): Kind {
  if (container.kind === "list") {
    expect(member, kindOf(member, bindings), ["string", "integer", "attribute"], `"in" looks for a string or an integer`, INSTEAD.list);
    const kinds = container.elements.map(({ value, optional }) =>
      value.kind === "literal" && !optional ? kindOf(value, bindings) : undefined,
    );
    if (
      kinds.length === 0 ||
      kinds[0] === undefined ||
      !["string", "integer"].includes(kinds[0]) ||
      kinds.some((kind) => kind !== kinds[0])
    ) {
      return refuse(container, "a list has constants only, all strings or all integers", INSTEAD.list);
    }
    return "boolean";
  }
  if (member.kind !== "literal" || typeof member.value !== "string") {
    return refuse(member, "a name that a device may have is written out between quotes", INSTEAD.presence);
  }
  const domains = domainsOf(container, bindings) ?? kindOf(container, bindings);
  return expect(
    container,
    domains,
    ["attributes", "capacities"],
    `behind "in" stands a list of constants, or a domain`,
    INSTEAD.list,
    "boolean",
  );
}

function ofConditional(parts: readonly Expr[], bindings: Bindings): Kind {
  for (const part of parts) {
    expectCondition(part, kindOf(part, bindings));
  }
  return "boolean";
}

function ofOperator(expr: CallExpr, operator: string, bindings: Bindings): Kind {
  const kinds = expr.args.map((arg) => [arg, kindOf(arg, bindings)] as const);
  if (["&&", "||", "!"].includes(operator)) {
    kinds.forEach(([arg, kind]) => expectCondition(arg, kind));
    return "boolean";
  }
  const legal = isOneOf(operator, EQUALITIES)
    ? SCALARS
    : isOneOf(operator, ORDERINGS)
      ? (["string", "integer", "attribute"] as const)
      : undefined;
  if (legal === undefined) {
    return refuseWord(expr, `"${operator}" is not allowed, because selectors do not compute`, INSTEAD.quantity);
  }
  for (const [arg, kind] of kinds) {
    expect(
      arg,
      kind,
      legal,
      `"${operator}" does not compare this`,
      kind === "quantity" ? INSTEAD.quantity : kind === "version" ? INSTEAD.version : INSTEAD.attribute,
    );
  }
  return "boolean";
}

function isOneOf(text: string, table: readonly string[]): boolean {
  return table.includes(text);
}

/** `quantity` and `semver`, of a literal in its plain form. */
function ofFunction(expr: CallExpr): Kind {
  const { function: name, args } = expr;
  const constructor = isConstructor(name) ? CONSTRUCTORS[name] : undefined;
  if (constructor === undefined) {
    // A method with a dot and nothing before it has only words that are allowed. The API server knows no function of that name.
    const isMisplaced = name === "has" || (name.startsWith(".") && Object.hasOwn(METHODS, name.slice(1)));
    return (isMisplaced ? refuse : refuseWord)(
      expr,
      `${name.replace(/[_@]/g, "") || name}() is not allowed`,
      INSTEAD_OF[name] ?? INSTEAD.attribute,
    );
  }
  const [literal] = args;
  if (
    args.length !== 1 ||
    literal?.kind !== "literal" ||
    typeof literal.value !== "string" ||
    !FORM_OF[name as keyof typeof CONSTRUCTORS].test(literal.value)
  ) {
    return refuseWord(literal ?? expr, `${name}() takes one plain literal`, constructor.example);
  }
  return constructor.result;
}

function isConstructor(name: string): name is keyof typeof CONSTRUCTORS {
  return Object.hasOwn(CONSTRUCTORS, name);
}

const FORM_OF = {
  quantity: new RegExp(`^${CONSTRUCTORS.quantity.form}$`),
  semver: new RegExp(`^${CONSTRUCTORS.semver.form}$`),
} as const satisfies Readonly<Record<keyof typeof CONSTRUCTORS, RegExp>>;

function ofMethod(expr: CallExpr, target: Expr, bindings: Bindings): Kind {
  const { function: name, args } = expr;
  if (name === "orValue" && target.kind === "call" && target.function === "_?._") {
    return ofDefault(expr, target, bindings);
  }
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (method === undefined) {
    return (name === "bind" ? refuse : refuseWord)(expr, `${name}() is not allowed`, INSTEAD_OF[name] ?? INSTEAD.attribute);
  }
  const instead = method.argument === "pattern" ? INSTEAD.pattern : method.on.includes("string") ? INSTEAD.text : INSTEAD.quantity;
  expect(target, kindOf(target, bindings), method.on, `${name}() is not a method of this`, instead);
  const [argument] = args;
  if (args.length !== (method.argument === "none" ? 0 : 1)) {
    return refuse(expr, `${name}() has another number of arguments`, instead);
  }
  if (argument !== undefined) {
    checkArgument(name, method.argument, argument, instead, bindings);
  }
  return method.result;
}

function checkArgument(
  name: string,
  legal: (typeof METHODS)[string]["argument"],
  argument: Expr,
  instead: string,
  bindings: Bindings,
): void {
  if (legal === "pattern") {
    checkPattern(argument);
  } else if (legal !== "none") {
    expect(argument, kindOf(argument, bindings), legal, `${name}() does not take this`, instead);
  }
}

function checkPattern(argument: Expr): void {
  if (argument.kind !== "literal" || typeof argument.value !== "string") {
    return refuseWord(argument, "a regular expression is written out between quotes", INSTEAD.pattern);
  }
  if (argument.value.length > LIMITS.patternCharacters) {
    refuse(argument, `a regular expression has at most ${String(LIMITS.patternCharacters)} characters`, INSTEAD.pattern);
  }
  const fault = patternFault(argument.value);
  if (fault !== undefined) {
    refuse(argument, `the regular expression is not allowed: ${fault}`, INSTEAD.pattern);
  }
}

/** `domain.?name.orValue(constant)`. */
function ofDefault(expr: CallExpr, optional: CallExpr, bindings: Bindings): Kind {
  const [domain, name] = optional.args;
  const [fallback] = expr.args;
  if (domain === undefined || name === undefined || fallback === undefined || expr.args.length !== 1) {
    return refuse(expr, "orValue() takes one constant", INSTEAD.optional);
  }
  const kind = valueIn(kindOf(domain, bindings), optional);
  const isConstant = fallback.kind === "literal" || (fallback.kind === "call" && isConstructor(fallback.function));
  if (!isConstant) {
    return refuse(fallback, "orValue() takes one constant", INSTEAD.optional);
  }
  const legal: readonly Kind[] = kind === "quantity" ? ["quantity"] : ["string", "integer", "boolean", "version"];
  return expect(
    fallback,
    kindOf(fallback, bindings),
    legal,
    "orValue() takes a constant of the type that is missing",
    INSTEAD.optional,
    kind,
  );
}

function expectCondition(at: Expr, kind: Kind): void {
  expect(at, kind, CONDITIONS, "this is neither true nor false", INSTEAD.attribute);
}

/** The result where the kind is legal. */
function expect(at: Expr, kind: Kind, legal: readonly Kind[], reason: string, instead: string, result: Kind = kind): Kind {
  return legal.includes(kind) ? result : refuse(at, reason, instead);
}

function refuse({ offset }: Expr, reason: string, instead: string): never {
  throw new Refusal({ about: "structure", offset, reason, instead });
}

function refuseWord({ offset }: Expr, reason: string, instead: string): never {
  throw new Refusal({ about: "words", offset, reason, instead });
}
