/** Label selectors of workloads. Source: `k8s.io/apimachinery/pkg/apis/meta/v1/validation`. */
import { problem } from "../../../dra/manifest/fields";
import { labelKeyFault, labelValueFault } from "../../../dra/manifest/names";
import { labelProblems } from "./metadata";
import { asList, asPart, each, formatted, named, oneOf, text } from "./rules";
import type { Part, Problems } from "./rules";

const OPERATORS = ["In", "NotIn", "Exists", "DoesNotExist"];

export function labelSelectorProblems(selector: unknown, path: string): Problems {
  const { matchLabels, matchExpressions } = asPart(selector);
  return [...labelProblems(matchLabels, `${path}.matchLabels`), ...each(matchExpressions, `${path}.matchExpressions`, requirementProblems)];
}

function requirementProblems({ key, operator, values }: Part, path: string): Problems {
  const needsValues = ["In", "NotIn"].includes(text(operator));
  const count = asList(values).length;
  return [
    ...named(key, `${path}.key`, labelKeyFault),
    ...(operator === undefined || operator === ""
      ? [problem(`${path}.operator`, undefined, "required")]
      : oneOf(operator, `${path}.operator`, OPERATORS)),
    ...(needsValues && count === 0 ? [problem(`${path}.values`, undefined, `required with ${text(operator)}`)] : []),
    ...(!needsValues && OPERATORS.includes(text(operator)) && count > 0
      ? [problem(`${path}.values`, undefined, `not allowed with ${text(operator)}`)]
      : []),
    ...asList(values).flatMap((value, index) => formatted(value, `${path}.values[${String(index)}]`, labelValueFault)),
  ];
}

/** Whether a selector has neither labels nor expressions, so that it matches everything. */
export function isEmptySelector(selector: unknown): boolean {
  const { matchLabels, matchExpressions } = asPart(selector);
  return Object.keys(asPart(matchLabels)).length === 0 && asList(matchExpressions).length === 0;
}

export function selects(selector: unknown, labels: Part): boolean {
  const { matchLabels, matchExpressions } = asPart(selector);
  const has = (key: string) => Object.hasOwn(labels, key);
  return (
    Object.entries(asPart(matchLabels)).every(([key, value]) => has(key) && text(labels[key]) === text(value)) &&
    asList(matchExpressions).every((entry) => {
      const { key, operator, values } = asPart(entry);
      const name = text(key);
      switch (text(operator)) {
        case "In":
          return has(name) && asList(values).includes(labels[name]);
        case "NotIn":
          return !has(name) || !asList(values).includes(labels[name]);
        case "Exists":
          return has(name);
        default:
          return !has(name);
      }
    })
  );
}
