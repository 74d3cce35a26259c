import type { Expr } from "../../../cel/syntax/ast";
import { childrenOf, isBind } from "../../../cel/syntax/ast";
import { ParseIssue } from "../../../cel/syntax/issues";
import { parse } from "../../../cel/syntax/parser";
import { selectorEnvironment } from "../../selector/environment";
import { oncePerExpression } from "../../selector/once";

/**
 * The names of attributes and capacities (without their domains) that a selector can depend on; "everything" where that cannot be told,
 * because a whole map of them is passed on, compared or looped over, or indexed with something that is not written out.
 */
export type Reads = "everything" | ReadonlySet<string>;

/**
 * The reads of an expression, found in its syntax. Two devices of one driver with the same values (or the same lack of a value) for every name in the
 * result get the same verdict from it, so it has to be evaluated for one of them only.
 */
export const readsOf = oncePerExpression((expression, rules): Reads => {
  const reads = new Set<string>();
  try {
    return visit(parse(expression, selectorEnvironment(rules).macros), new Map([["device", "device"]]), reads) === "value"
      ? reads
      : "everything";
  } catch (error) {
    if (error instanceof ReadsEverything) {
      return "everything";
    }
    if (error instanceof ParseIssue) {
      return reads;
    }
    throw error;
  }
});

class ReadsEverything extends Error {}

/** What an expression yields: the device, its attributes or capacities by domain, those of one domain by name, or anything else. */
type Shape = "device" | "domains" | "names" | "value";

function visit(expr: Expr, shapes: ReadonlyMap<string, Shape>, reads: Set<string>): Shape {
  switch (expr.kind) {
    case "ident":
      return shapes.get(expr.name) ?? "value";
    case "select":
      return lookUp(visit(expr.operand, shapes, reads), expr.field, expr.testOnly, reads);
    case "call":
      return visitCall(expr, shapes, reads);
    case "fold":
      if (isBind(expr)) {
        const bound = visit(expr.init, shapes, reads);
        return visit(expr.result, new Map([...shapes, [expr.accumulator, bound]]), reads);
      }
      return visitValues(childrenOf(expr), withValues(shapes, [expr.variable, expr.secondVariable, expr.accumulator]), reads);
    default:
      return visitValues(childrenOf(expr), shapes, reads);
  }
}

function visitCall(
  { function: name, target, args }: Expr & { readonly kind: "call" },
  shapes: ReadonlyMap<string, Shape>,
  reads: Set<string>,
): Shape {
  const [first, second] = args;
  if (target === undefined && first !== undefined && second !== undefined) {
    const isIndex = name === "_[_]" || name === "_[?_]" || name === "_?._";
    const [key, map] = isIndex ? [second, first] : [first, second];
    const literal = key.kind === "literal" ? key.value : undefined;
    if ((isIndex || name === "@in") && typeof literal === "string") {
      return lookUp(visit(map, shapes, reads), literal, name === "@in", reads);
    }
  }
  return visitValues(target === undefined ? args : [target, ...args], shapes, reads);
}

/** A name looked up in something; `testOnly`: only whether it is there. */
function lookUp(shape: Shape, name: string, testOnly: boolean, reads: Set<string>): Shape {
  switch (shape) {
    case "device":
      return name === "attributes" || name === "capacity" ? "domains" : "value";
    case "domains":
      if (testOnly) {
        throw new ReadsEverything();
      }
      return "names";
    case "names":
      reads.add(name);
      return "value";
    case "value":
      return "value";
  }
}

/** Parts of an expression that do with their values what they like. */
function visitValues(parts: readonly Expr[], shapes: ReadonlyMap<string, Shape>, reads: Set<string>): Shape {
  for (const part of parts) {
    if (visit(part, shapes, reads) !== "value") {
      throw new ReadsEverything();
    }
  }
  return "value";
}

function withValues(shapes: ReadonlyMap<string, Shape>, names: readonly (string | undefined)[]): ReadonlyMap<string, Shape> {
  return new Map([...shapes, ...names.flatMap((name) => (name === undefined ? [] : [[name, "value"] as const]))]);
}
