import { childrenOf } from "../syntax/ast";
import type { CallExpr, Expr } from "../syntax/ast";
import type { Checked } from "./checker";
import { EvaluationError, NotModelled } from "../values/failures";
import type { Issue } from "../syntax/issues";
import { compilePattern } from "../library/patterns";
import { renderFormat, wrongArgument } from "../library/string-format";
import { DYN, formatType, isDynamic, sameType, unwrapOptional } from "./types";
import type { CelType } from "./types";

/**
 * What the API server checks after types: that literal patterns compile, that literal lists and maps hold one type each (a dynamic value beside a typed one is
 * refused), and that literal format strings fit their arguments.
 */
export function validate(checked: Checked): readonly Issue[] {
  const nodes: { readonly expr: Expr; readonly inFormat: boolean }[] = [];
  const visit = (expr: Expr, inFormat: boolean): void => {
    nodes.push({ expr, inFormat });
    const inside = inFormat || (expr.kind === "call" && expr.function === "format");
    for (const child of childrenOf(expr)) {
      visit(child, inside);
    }
  };
  visit(checked.expr, false);
  const typeOf = (expr: Expr): CelType => checked.types.get(expr) ?? DYN;
  return [
    ...nodes.flatMap(({ expr }) => (expr.kind === "call" ? invalidPattern(expr) : [])),
    ...nodes.flatMap(({ expr, inFormat }) => (inFormat ? [] : mixedTypes(expr, typeOf))),
    ...nodes.flatMap(({ expr }) => (expr.kind === "call" ? invalidFormat(expr, typeOf) : [])),
  ];
}

/** As in cel-go it is the first argument that is checked, which for the function `matches(text, pattern)` is the text. */
function invalidPattern(call: CallExpr): readonly Issue[] {
  const [pattern] = call.args;
  if (call.function !== "matches" || pattern?.kind !== "literal" || typeof pattern.value !== "string") {
    return [];
  }
  const compiled = compilePattern(pattern.value);
  return compiled instanceof EvaluationError
    ? [{ offset: pattern.offset, message: compiled instanceof NotModelled ? compiled.message : "invalid matches argument" }]
    : [];
}

function mixedTypes(expr: Expr, typeOf: (expr: Expr) => CelType): readonly Issue[] {
  switch (expr.kind) {
    case "list":
      return [...unwrappable(expr.elements, typeOf), ...firstMismatch(elementTypes(expr.elements, typeOf)).slice(0, 1)];
    case "map":
      return [
        ...unwrappable(expr.entries, typeOf),
        ...firstMismatch(expr.entries.map(({ key }) => [key, typeOf(key)] as const)),
        ...firstMismatch(elementTypes(expr.entries, typeOf)),
      ];
    default:
      return [];
  }
}

interface Element {
  readonly value: Expr;
  readonly optional: boolean;
}

function elementTypes(elements: readonly Element[], typeOf: (expr: Expr) => CelType): readonly (readonly [Expr, CelType])[] {
  return elements.map(({ value, optional }) => [value, optional ? unwrapOptional(typeOf(value)) : typeOf(value)]);
}

/** An optional element of unknown type makes the API server's validation panic: the request fails, if not in so many words. */
function unwrappable(elements: readonly Element[], typeOf: (expr: Expr) => CelType): readonly Issue[] {
  return elements
    .filter(({ value, optional }) => optional && isDynamic(typeOf(value)))
    .map(({ value }) => ({ offset: value.offset, message: "the API server cannot validate an optional element of unknown type" }));
}

function firstMismatch(parts: readonly (readonly [Expr, CelType])[]): readonly Issue[] {
  const [first] = parts;
  return parts
    .filter(([, type]) => first !== undefined && !sameType(first[1], type, { names: false }))
    .map(([{ offset }, type]) => ({ offset, message: `expected type '${formatType(first?.[1] ?? DYN)}' but found '${formatType(type)}'` }));
}

/** Types that a clause of `format` takes; what is dynamic is not known yet. */
const CLAUSE_TYPES: Readonly<Record<string, readonly CelType["kind"][]>> = {
  s: ["list", "map", "int", "uint", "double", "bool", "string", "bytes", "type", "null"],
  d: ["int", "uint"],
  f: ["double", "string"],
  e: ["double", "string"],
  b: ["int", "uint", "bool"],
  x: ["int", "uint", "string", "bytes"],
  X: ["int", "uint", "string", "bytes"],
  o: ["int", "uint"],
};

function invalidFormat(call: CallExpr, typeOf: (expr: Expr) => CelType): readonly Issue[] {
  const { target, offset } = call;
  const [list] = call.args;
  if (call.function !== "format" || target?.kind !== "literal" || typeof target.value !== "string" || list?.kind !== "list") {
    return [];
  }
  const args = list.elements.map(({ value }) => value);
  let used = 0;
  let offending: Expr | undefined;
  const rendered = renderFormat(target.value, args.length, ({ letter }, index) => {
    used++;
    const arg = args[index];
    offending = arg && unformattable(arg, letter, typeOf);
    return offending === undefined ? "" : wrongArgument(letter, typeOf(offending).name);
  });
  if (rendered instanceof EvaluationError) {
    return [{ offset: offending?.offset ?? offset, message: rendered.message }];
  }
  return args.length > used
    ? [{ offset, message: `too many arguments supplied to string.format (expected ${String(used)}, got ${String(args.length)})` }]
    : [];
}

/** The part of an argument that a clause cannot render: of `%s`, also what literal lists and maps contain. */
function unformattable(expr: Expr, letter: string, typeOf: (expr: Expr) => CelType): Expr | undefined {
  const { kind } = typeOf(expr);
  if (kind !== "dyn" && !(CLAUSE_TYPES[letter] ?? []).includes(kind)) {
    return expr;
  }
  const parts = letter === "s" && (expr.kind === "list" || expr.kind === "map") ? childrenOf(expr) : [];
  for (const part of parts) {
    const found = unformattable(part, letter, typeOf);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}
