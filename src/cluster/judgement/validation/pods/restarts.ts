/**
 * Restarts of single containers. Source: `validateContainerRestartPolicy` and `validateInitContainerRestartPolicy` of Kubernetes v1.35.4 and v1.36.3,
 * `pkg/apis/core/validation`.
 */
import { problem } from "../../../../dra/manifest/fields";
import type { RestartRules } from "../../../../releases/kubernetes";
import { asList, asPart, each, isGiven, oneOf, oneOfRequired } from "../rules";
import type { Part, Problems } from "../rules";

const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;

export function restartProblems(container: Part, path: string, sort: "main" | "init", features: RestartRules): Problems {
  const { restartPolicy, restartPolicyRules } = container;
  if (features === "none") {
    // The API server drops the rules, and every policy but the Always of an init container.
    return [];
  }
  const rules = asList(restartPolicyRules);
  const rulesPath = `${path}.restartPolicyRules`;
  if (!isGiven(restartPolicy)) {
    return rules.length === 0 ? [] : [problem(`${path}.restartPolicy`, undefined, "required beside restartPolicyRules")];
  }
  if (sort === "init" && restartPolicy === "Always" && features === "restart") {
    return rules.length === 0 ? [] : [problem(rulesPath, undefined, "not allowed for init containers with restartPolicy Always")];
  }
  return [
    ...oneOf(restartPolicy, `${path}.restartPolicy`, ["Always", "Never", "OnFailure"]),
    ...(rules.length > MAX_RULES ? [problem(rulesPath, undefined, `at most ${String(MAX_RULES)} are allowed`)] : []),
    ...each(restartPolicyRules, rulesPath, ({ action, exitCodes }, at) => [
      ...oneOfRequired(action, `${at}.action`, features === "restart" ? ["Restart"] : ["Restart", "RestartAllContainers"]),
      ...(isGiven(exitCodes)
        ? exitCodeProblems(asPart(exitCodes), `${at}.exitCodes`)
        : [problem(`${at}.exitCodes`, undefined, "required")]),
    ]),
  ];
}

function exitCodeProblems({ operator, values }: Part, path: string): Problems {
  return [
    ...oneOfRequired(operator, `${path}.operator`, ["In", "NotIn"]),
    ...(asList(values).length > MAX_EXIT_CODES
      ? [problem(`${path}.values`, undefined, `at most ${String(MAX_EXIT_CODES)} are allowed`)]
      : []),
  ];
}
