/** HorizontalPodAutoscalers and PodDisruptionBudgets. Source: `pkg/apis/autoscaling/validation` and `pkg/apis/policy/validation` of Kubernetes. */
import { problem } from "../../../dra/manifest/fields";
import { readQuantity } from "../../../dra/manifest/quantity";
import { pathSegmentFault } from "./metadata";
import { labelSelectorProblems } from "./selectors";
import { asList, asPart, between, each, isGiven, named, number, oneOf, oneOfRequired, required, scaledProblems, text } from "./rules";
import type { Part, Problems } from "./rules";

export function autoscalerProblems(spec: Part): Problems {
  const { scaleTargetRef, minReplicas, maxReplicas, metrics, behavior } = spec;
  const { kind, name, apiVersion } = asPart(scaleTargetRef);
  const least = number(minReplicas) ?? 1;
  const most = number(maxReplicas) ?? 0;
  return [
    ...named(kind, "spec.scaleTargetRef.kind", pathSegmentFault),
    ...named(name, "spec.scaleTargetRef.name", pathSegmentFault),
    ...named(apiVersion, "spec.scaleTargetRef.apiVersion", (version) =>
      /^[^/]+\/[^/]+$/.test(version) || (version === "v1" && kind === "ReplicationController")
        ? undefined
        : "must be a group and a version, such as apps/v1",
    ),
    ...between(minReplicas, "spec.minReplicas", 1),
    ...between(most, "spec.maxReplicas", 1),
    ...(most > 0 && most < least ? [problem("spec.maxReplicas", most, `must be at least minReplicas, ${String(least)}`)] : []),
    ...each(metrics, "spec.metrics", metricProblems),
    ...["scaleUp", "scaleDown"].flatMap((direction) => behaviorProblems(asPart(asPart(behavior)[direction]), `spec.behavior.${direction}`)),
  ];
}

function behaviorProblems({ policies, stabilizationWindowSeconds, selectPolicy }: Part, path: string): Problems {
  return [
    ...(policies !== undefined && policies !== null && asList(policies).length === 0
      ? [problem(`${path}.policies`, undefined, "at least one is required")]
      : []),
    ...between(stabilizationWindowSeconds, `${path}.stabilizationWindowSeconds`, 0, 3600),
    ...oneOf(selectPolicy, `${path}.selectPolicy`, ["Max", "Min", "Disabled"]),
    ...each(policies, `${path}.policies`, ({ type, value, periodSeconds }, at) => [
      ...oneOfRequired(type, `${at}.type`, ["Pods", "Percent"]),
      ...between(value ?? 0, `${at}.value`, 1),
      ...between(periodSeconds ?? 0, `${at}.periodSeconds`, 1, 1800),
    ]),
  ];
}

/** Of each sort of metric: the field that has it, and which of the target's fields it takes. One of them is required. */
const METRICS: Readonly<Record<string, { readonly field: string; readonly targets: readonly string[] }>> = {
  Resource: { field: "resource", targets: ["averageUtilization", "averageValue"] },
  ContainerResource: { field: "containerResource", targets: ["averageUtilization", "averageValue"] },
  Pods: { field: "pods", targets: ["averageValue"] },
  Object: { field: "object", targets: ["value", "averageValue"] },
  External: { field: "external", targets: ["value", "averageValue"] },
};

function metricProblems(metric: Part, path: string): Problems {
  const type = text(metric["type"]);
  const sort = Object.hasOwn(METRICS, type) ? METRICS[type] : undefined;
  if (sort === undefined) {
    return oneOfRequired(type, `${path}.type`, Object.keys(METRICS));
  }
  const { field, targets } = sort;
  const others = Object.values(METRICS).filter((other) => other.field !== field && isGiven(metric[other.field]));
  const source = asPart(metric[field]);
  const at = `${path}.${field}`;
  return [
    ...others.map((other) => problem(`${path}.${other.field}`, undefined, `not allowed with type ${type}`)),
    ...(isGiven(metric[field]) ? targetProblems(asPart(source["target"]), `${at}.target`, targets) : required(undefined, at)),
    ...(isGiven(metric[field]) ? identityProblems(source, at, type) : []),
  ];
}

function identityProblems({ name, container, metric, describedObject }: Part, path: string, type: string): Problems {
  switch (type) {
    case "Resource":
      return required(name, `${path}.name`);
    case "ContainerResource":
      return [...required(name, `${path}.name`), ...required(container, `${path}.container`)];
    case "Object": {
      const { kind, name: objectName } = asPart(describedObject);
      return [
        ...named(kind, `${path}.describedObject.kind`, pathSegmentFault),
        ...named(objectName, `${path}.describedObject.name`, pathSegmentFault),
        ...named(asPart(metric)["name"], `${path}.metric.name`, pathSegmentFault),
      ];
    }
    default:
      return named(asPart(metric)["name"], `${path}.metric.name`, pathSegmentFault);
  }
}

function targetProblems(target: Part, path: string, fields: readonly string[]): Problems {
  const given = fields.filter((field) => isGiven(target[field]));
  return [
    ...oneOfRequired(target["type"], `${path}.type`, ["Utilization", "Value", "AverageValue"]),
    ...(given.length === 0 ? [problem(`${path}.${fields[0] ?? ""}`, undefined, `one of ${fields.join(", ")} is required`)] : []),
    ...(given.length > 1 ? [problem(path, undefined, `only one of ${given.join(", ")} is allowed`)] : []),
    ...between(target["averageUtilization"], `${path}.averageUtilization`, 1),
    ...["value", "averageValue"].flatMap((field) => {
      const quantity = readQuantity(target[field]);
      return quantity === undefined || quantity.units > 0n ? [] : [problem(`${path}.${field}`, target[field], "must be more than 0")];
    }),
  ];
}

export function disruptionBudgetProblems({ minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy }: Part): Problems {
  const isSet = (value: unknown) => value !== undefined && value !== null;
  return [
    ...(isSet(minAvailable) && isSet(maxUnavailable)
      ? [problem("spec.maxUnavailable", maxUnavailable, "not allowed beside minAvailable")]
      : []),
    ...scaledProblems(minAvailable, "spec.minAvailable"),
    ...scaledProblems(maxUnavailable, "spec.maxUnavailable"),
    ...labelSelectorProblems(selector, "spec.selector"),
    ...oneOf(unhealthyPodEvictionPolicy, "spec.unhealthyPodEvictionPolicy", ["IfHealthyBudget", "AlwaysAllow"]),
  ];
}
