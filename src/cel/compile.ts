import { check } from "./types/checker";
import { estimateCost } from "./cost/estimate";
import { EvaluationError } from "./values/failures";
import { formatIssues, ParseIssue } from "./syntax/issues";
import type { Issue } from "./syntax/issues";
import { parse } from "./syntax/parser";
import { instantiate } from "./run/program";
import type { Program } from "./run/program";
import { runtimeTypeName } from "./types/types";
import type { CelType } from "./types/types";
import { validate } from "./types/validators";
import type { Expr } from "./syntax/ast";

/*
 * Why CEL is compiled here and not by a library. Two kept-up libraries were tried on the corpus of test/dra/selector/corpus, in the groups about
 * the language itself (966 expressions, given the device as maps): @marcbachmann/cel-js 8.0.0 agreed with Kubernetes on 718 of them and
 * @bufbuild/cel 0.6.1 on 493; this folder agrees on 960. What is missing is not functions, which both take, but
 * - the checks before evaluation: Kubernetes refuses by static type (attributes are `any`, literals hold one type each) and by estimated cost, which decides
 *   more often than one would think (`memory != quantity("1")` is refused for its cost); neither library has the types or the estimate;
 * - the language: bufbuild's has no optionals and no `cel.bind`, cel-js no `has()` behind an index and no comprehensions of two variables;
 *   their syntax is not quite cel-go's, and cannot be extended from outside;
 * - unknown values, on which the question "what could this claim reach?" rests. No library for JavaScript has them.
 * So the language is implemented in this folder after cel-go 0.26 and Kubernetes 1.34, in the pieces that those have (parser, macros, checker, validators, cost,
 * program, library), and held against the real thing expression by expression. Regular expressions are RE2's, through re2js: JavaScript's own have another
 * syntax and can be made to run for ever.
 */

/** Limits of a selector in resource.k8s.io/v1: `CELSelectorExpressionMaxLength` in bytes of UTF-8, `CELSelectorExpressionMaxCost` in CEL's cost units. */
export const MAX_LENGTH_BYTES = 10 * 1024;
export const MAX_COST = 1_000_000;

/** What the API server makes of an expression: a program with its worst-case cost, or its reason to refuse it. */
export type Compilation =
  { readonly type: "program"; readonly run: Program; readonly cost: number } | { readonly type: "refused"; readonly message: string };

/** Compiles a selector in the steps and with the limits of the API server of Kubernetes 1.34 (pkg/apis/resource/validation, dynamic-resource-allocation/cel). */
export function compile(expression: string): Compilation {
  const bytes = new TextEncoder().encode(expression).length;
  if (bytes > MAX_LENGTH_BYTES) {
    return refused(`Too long: may not be more than ${String(MAX_LENGTH_BYTES)} bytes (it is ${String(bytes)})`);
  }
  const parsed = tryParse(expression);
  if (Array.isArray(parsed)) {
    return refused(`compilation failed: ${formatIssues(expression, parsed)}`);
  }
  const result = check(parsed as Expr);
  if (result.type === "issues") {
    return refused(`compilation failed: ${formatIssues(expression, result.issues)}`);
  }
  const { checked } = result;
  const issues = validate(checked);
  if (issues.length > 0) {
    return refused(`compilation failed: ${formatIssues(expression, issues)}`);
  }
  const type = checked.types.get(checked.expr);
  if (type === undefined || !isSelectorType(type)) {
    return refused(`must evaluate to bool or the unknown type, not ${type === undefined ? "" : runtimeTypeName(type)}`);
  }
  const cost = estimateCost(checked);
  if (cost > MAX_COST) {
    // Before anything is evaluated: what is constant is computed by the next step.
    return refused("too complex, exceeds cost limit");
  }
  const run = instantiate(checked);
  return run instanceof EvaluationError ? refused(`program instantiation failed: ${run.message}`) : { type: "program", run, cost };
}

function tryParse(expression: string): Expr | readonly Issue[] {
  try {
    return parse(expression);
  } catch (error) {
    if (error instanceof ParseIssue) {
      return [error];
    }
    throw error;
  }
}

/** `dyn` is not among them: an attribute is of the unknown type `any`, but what `dyn()` returns is not. */
function isSelectorType({ kind }: CelType): boolean {
  return kind === "bool" || kind === "any";
}

function refused(message: string): Compilation {
  return { type: "refused", message };
}
