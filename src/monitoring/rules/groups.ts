/** All rules of a stack. */
import type { MonitoredStack } from "../stack";
import { ACCOUNTING_INTERVAL_SECONDS, ACCOUNTING_RULES } from "./accounting";
import { ALERTS } from "./alerts";
import { DEVICE_RULES } from "./devices";
import { stackRules } from "./stack-series";
import type { AlertingRule, RuleGroup } from "./types";

/** Page with the runbooks, from the root of the repository. */
const RUNBOOKS = "docs/operations.md";

/** The groups in the order in which they use each other. Groups run beside one another, so that a rule may see what another group recorded half a minute ago. */
export function ruleGroups(stack: MonitoredStack): readonly RuleGroup[] {
  return [
    { name: "shared-gpu-stack", intervalSeconds: 60, rules: stackRules(stack) },
    // In one group: accounting uses the activity of the same instant.
    { name: "shared-gpu-accounting", intervalSeconds: ACCOUNTING_INTERVAL_SECONDS, rules: [...DEVICE_RULES, ...ACCOUNTING_RULES] },
    { name: "shared-gpu-alerts", intervalSeconds: 60, rules: ALERTS },
  ];
}

/** `spec` of a PrometheusRule, which is also a file of rules. */
export function ruleFile(groups: readonly RuleGroup[]) {
  return {
    groups: groups.map(({ name, intervalSeconds, rules }) => ({
      name,
      interval: `${String(intervalSeconds)}s`,
      rules: rules.map((rule) => ("record" in rule ? { ...rule } : alertingRule(rule))),
    })),
  };
}

function alertingRule({ alert, expr, for: duration, severity, summary, impact, runbook }: AlertingRule) {
  return {
    alert,
    expr,
    for: duration,
    labels: { severity },
    annotations: { summary, impact, runbook: `${RUNBOOKS}#${headingAnchor(runbook)}` },
  };
}

/** The anchor that GitHub gives to a heading. */
export function headingAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}
