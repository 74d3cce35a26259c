import type { KubernetesRules } from "../../releases/kubernetes";

const MAX_KEPT = 10_000;

/** What is worked out of CEL expressions, once for each expression and each version's rules. */
export function oncePerExpression<Result>(
  work: (expression: string, rules: KubernetesRules) => Result,
): (expression: string, rules: KubernetesRules) => Result {
  const kept = new WeakMap<KubernetesRules, Map<string, Result>>();
  return (expression, rules) => {
    const byExpression = kept.get(rules) ?? new Map<string, Result>();
    kept.set(rules, byExpression);
    const known = byExpression.get(expression);
    if (known !== undefined) {
      return known;
    }
    if (byExpression.size >= MAX_KEPT) {
      byExpression.clear();
    }
    const result = work(expression, rules);
    byExpression.set(expression, result);
    return result;
  };
}
