import type { Environment } from "./environment";
import { estimateCost } from "./cost/estimate";
import { instantiate } from "./run/program";
import type { Program } from "./run/program";
import type { Expr } from "./syntax/ast";
import { formatIssues, ParseIssue } from "./syntax/issues";
import type { Issue } from "./syntax/issues";
import { parse } from "./syntax/parser";
import { check } from "./types/checker";
import { runtimeTypeName } from "./types/types";
import { validate } from "./types/validators";
import { EvaluationError } from "./values/failures";

/** What the API server makes of an expression: a program with its worst-case cost, or its reason to refuse it. */
export type Compilation =
  { readonly type: "program"; readonly run: Program; readonly cost: number } | { readonly type: "refused"; readonly message: string };

/**
 * Compiles an expression in the steps of the API server:
 *
 *     source -- syntax/parser --> Expr -- types/checker, types/validators --> Checked -- cost/estimate --> run/program --> Program
 *
 * Why CEL is compiled here and not by a library: docs/decisions/0001-cel-is-compiled-here.md.
 *
 * @param environment what the expression may use, and within which limits
 */
export function compile(expression: string, environment: Environment): Compilation {
  const { maxLengthBytes, maxCost } = environment.limits;
  const bytes = new TextEncoder().encode(expression).length;
  if (bytes > maxLengthBytes) {
    return refused(`Too long: may not be more than ${String(maxLengthBytes)} bytes (it is ${String(bytes)})`);
  }
  const parsed = tryParse(expression, environment);
  if (Array.isArray(parsed)) {
    return refused(`compilation failed: ${formatIssues(expression, parsed)}`);
  }
  const result = check(parsed as Expr, environment);
  if (result.type === "issues") {
    return refused(`compilation failed: ${formatIssues(expression, result.issues)}`);
  }
  const { checked } = result;
  const issues = validate(checked);
  if (issues.length > 0) {
    return refused(`compilation failed: ${formatIssues(expression, issues)}`);
  }
  const type = checked.types.get(checked.expr);
  if (type === undefined || !environment.results.includes(type.kind)) {
    const legal = environment.results.map((kind) => (kind === "any" ? "the unknown type" : kind)).join(" or ");
    return refused(`must evaluate to ${legal}, not ${type === undefined ? "" : runtimeTypeName(type)}`);
  }
  const cost = estimateCost(checked, environment);
  if (cost > maxCost) {
    // Before anything is evaluated: what is constant is computed by the next step.
    return refused("too complex, exceeds cost limit");
  }
  const run = instantiate(checked);
  return run instanceof EvaluationError ? refused(`program instantiation failed: ${run.message}`) : { type: "program", run, cost };
}

function tryParse(expression: string, { macros }: Environment): Expr | readonly Issue[] {
  try {
    return parse(expression, macros);
  } catch (error) {
    if (error instanceof ParseIssue) {
      return [error];
    }
    throw error;
  }
}

function refused(message: string): Compilation {
  return { type: "refused", message };
}
