import type { Literal } from "../values/values";

/**
 * A CEL expression after parsing, its macros expanded as cel-go expands them: `has()` is a select that only tests, comprehensions and `cel.bind` are folds.
 * Every node carries the offset (in UTF-16 units) at which cel-go reports errors about it: of an operator, a dot, an opening bracket, or its first character.
 */
export type Expr = LiteralExpr | IdentExpr | SelectExpr | CallExpr | ListExpr | MapExpr | MessageExpr | FoldExpr;

export interface LiteralExpr {
  readonly kind: "literal";
  readonly offset: number;
  readonly value: Literal;
}

export interface IdentExpr {
  readonly kind: "ident";
  readonly offset: number;
  readonly name: string;
}

export interface SelectExpr {
  readonly kind: "select";
  readonly offset: number;
  readonly operand: Expr;
  readonly field: string;
  /** `has(operand.field)`. */
  readonly testOnly: boolean;
}

/** A function, method or operator. Operators have cel-go's names: `_==_`, `@in`, `_[_]`, `_?._`. A chain of `&&` or `||` is one call. */
export interface CallExpr {
  readonly kind: "call";
  readonly offset: number;
  readonly function: string;
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
}

export interface ListExpr {
  readonly kind: "list";
  readonly offset: number;
  readonly elements: readonly { readonly value: Expr; readonly optional: boolean }[];
}

export interface MapExpr {
  readonly kind: "map";
  readonly offset: number;
  readonly entries: readonly { readonly key: Expr; readonly value: Expr; readonly optional: boolean }[];
}

/** `name{...}`: a protocol buffer message. No environment declares one. */
export interface MessageExpr {
  readonly kind: "message";
  readonly offset: number;
  readonly name: string;
}

/** cel-go's comprehension: `accumulator = init; for element of range while condition: accumulator = step; result`. */
export interface FoldExpr {
  readonly kind: "fold";
  readonly offset: number;
  readonly range: Expr;
  /** Element of a list or key of a map; with `secondVariable`: index of a list or key of a map. */
  readonly variable: string;
  /** Element of a list or value of a map. */
  readonly secondVariable: string | undefined;
  readonly accumulator: string;
  readonly init: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

/** Whether a fold stands for `cel.bind(name, init, result)`: it loops over nothing. */
export function isBind(fold: FoldExpr): boolean {
  return (
    fold.range.kind === "list" && fold.range.elements.length === 0 && fold.condition.kind === "literal" && fold.condition.value === false
  );
}

/** The direct parts of a node, in the order in which cel-go visits them. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "literal":
    case "ident":
    case "message":
      return [];
    case "select":
      return [expr.operand];
    case "call":
      return expr.target === undefined ? expr.args : [expr.target, ...expr.args];
    case "list":
      return expr.elements.map(({ value }) => value);
    case "map":
      return expr.entries.flatMap(({ key, value }) => [key, value]);
    case "fold":
      return [expr.range, expr.init, expr.condition, expr.step, expr.result];
  }
}

/** The dotted name that an expression of identifiers and selections spells (`optional`, `a.b`), undefined for anything else. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === "ident") {
    return expr.name;
  }
  if (expr.kind === "select" && !expr.testOnly) {
    const prefix = qualifiedName(expr.operand);
    return prefix === undefined ? undefined : `${prefix}.${expr.field}`;
  }
  return undefined;
}
