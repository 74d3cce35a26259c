/** ResourceQuotas and LimitRanges. Source: `ValidateResourceQuota`, `ValidateLimitRange` and `pkg/apis/core/helper` of Kubernetes. */
import { readQuantity } from "../../../dra/manifest/quantity";
import { problem } from "../../../dra/manifest/fields";
import { labelKeyFault } from "../../../dra/manifest/names";
import { quantityProblems } from "./pods/resources";
import { asList, asPart, duplicates, each, named, oneOfRequired, text } from "./rules";
import type { Part, Problems } from "./rules";

/** Things that are counted. */
const COUNTED: readonly string[] = [
  ...["pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "persistentvolumeclaims", "configmaps"],
  ...["services.nodeports", "services.loadbalancers"],
];

/** What a quota can limit without a domain in its name. */
const QUOTA_KEYS: readonly string[] = [
  ...["cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage", "requests.ephemeral-storage"],
  ...["limits.cpu", "limits.memory", "limits.ephemeral-storage"],
  ...COUNTED,
];

export function quotaProblems({ hard, scopes, scopeSelector }: Part): Problems {
  const limited = Object.keys(asPart(hard));
  const { matchExpressions } = asPart(scopeSelector);
  return [
    ...Object.entries(asPart(hard)).flatMap(([name, amount]) =>
      name.includes("/") || isStandard(name)
        ? quantityProblems(amount ?? 0, `spec.hard.${name}`, COUNTED.includes(name) || name.startsWith("count/"))
        : [problem(`spec.hard[${name}]`, undefined, `must be one of ${QUOTA_KEYS.join(", ")}, count/RESOURCE.GROUP, or have a domain`)],
    ),
    ...asList(scopes).flatMap((scope, index) => scopeProblems(text(scope), `spec.scopes[${String(index)}]`, limited)),
    ...conflictProblems(asList(scopes).map(text), "spec.scopes"),
    ...each(matchExpressions, "spec.scopeSelector.matchExpressions", (expression, at) => expressionProblems(expression, at, limited)),
    ...conflictProblems(
      asList(matchExpressions).map((expression) => text(asPart(expression)["scopeName"])),
      "spec.scopeSelector.matchExpressions",
    ),
  ];
}

/** Whether Kubernetes itself counts a resource. */
function isStandard(name: string): boolean {
  return QUOTA_KEYS.includes(name) || /^(?:requests\.)?hugepages-/.test(name);
}

const OF_PODS: readonly string[] = ["pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];

/** What a quota with a scope can limit (`IsResourceQuotaScopeValidForResource`). */
const SCOPES: ReadonlyMap<string, readonly string[]> = new Map([
  ["Terminating", OF_PODS],
  ["NotTerminating", OF_PODS],
  ["BestEffort", ["pods"]],
  ["NotBestEffort", OF_PODS],
  ["PriorityClass", OF_PODS],
  ["CrossNamespacePodAffinity", OF_PODS],
  ["VolumeAttributesClass", ["persistentvolumeclaims", "requests.storage"]],
]);

const OPPOSITES = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
] as const;

function scopeProblems(scope: string, path: string, limited: readonly string[]): Problems {
  const possible = SCOPES.get(scope);
  if (possible === undefined) {
    return [problem(path, scope, `must be one of ${[...SCOPES.keys()].join(", ")}`)];
  }
  return limited
    .filter((name) => isStandard(name) && !possible.includes(name))
    .map((name) => problem(path, scope, `does not go with ${name} in hard: a quota with this scope limits ${possible.join(", ")}`));
}

function conflictProblems(scopes: readonly string[], path: string): Problems {
  return OPPOSITES.filter((pair) => pair.every((scope) => scopes.includes(scope))).map((pair) =>
    problem(path, undefined, `${pair.join(" and ")} exclude one another`),
  );
}

/** Scopes that pods are in or not, whatever the values. */
const WITHOUT_VALUES: readonly string[] = ["Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "CrossNamespacePodAffinity"];

function expressionProblems({ scopeName, operator, values }: Part, path: string, limited: readonly string[]): Problems {
  const operators = WITHOUT_VALUES.includes(text(scopeName)) ? ["Exists"] : ["In", "NotIn", "Exists", "DoesNotExist"];
  const takesValues = operator === "In" || operator === "NotIn";
  return [
    ...scopeProblems(text(scopeName), `${path}.scopeName`, limited),
    ...oneOfRequired(operator, `${path}.operator`, operators),
    ...(takesValues && asList(values).length === 0 ? [problem(`${path}.values`, undefined, `required with operator ${operator}`)] : []),
    ...(!takesValues && asList(values).length > 0 ? [problem(`${path}.values`, undefined, "allowed with operator In or NotIn only")] : []),
  ];
}

const LIMIT_TYPES = ["Container", "Pod", "PersistentVolumeClaim"];

export function limitRangeProblems({ limits }: Part): Problems {
  return [
    ...each(limits, "spec.limits", (item, at) => [
      ...named(item["type"], `${at}.type`, typeFault),
      ...(item["type"] === "PersistentVolumeClaim" ? storageProblems(item, at) : []),
      ...unknownResources(item, at, item["type"] === "Container" || item["type"] === "Pod" ? OF_CONTAINERS : ["storage", ...QUOTA_KEYS]),
      ...orderProblems(item, at),
    ]),
    ...duplicates(limits, "spec.limits", ({ type }) => text(type), "type"),
  ];
}

function typeFault(type: string): string | undefined {
  return LIMIT_TYPES.includes(type) || (type.includes("/") && labelKeyFault(type) === undefined)
    ? undefined
    : `must be one of ${LIMIT_TYPES.join(", ")}`;
}

function storageProblems(item: Part, path: string): Problems {
  const { min, max } = item;
  return [min, max].some((amounts) => Object.hasOwn(asPart(amounts), "storage"))
    ? []
    : [problem(path, undefined, "min.storage or max.storage is required for PersistentVolumeClaim")];
}

/** Resources that containers and pods have. */
const OF_CONTAINERS: readonly string[] = ["cpu", "memory", "ephemeral-storage"];

function unknownResources(item: Part, path: string, known: readonly string[]): Problems {
  return [...ORDER, "maxLimitRequestRatio"].flatMap((field) =>
    Object.keys(asPart(item[field]))
      .filter((name) => !name.includes("/") && !name.startsWith("hugepages-") && !known.includes(name))
      .map((name) => problem(`${path}.${field}[${name}]`, undefined, `must be one of ${known.join(", ")}, or have a domain`)),
  );
}

/** Each of these amounts must be at most those after it. */
const ORDER = ["min", "defaultRequest", "default", "max"] as const;

function orderProblems(item: Part, path: string): Problems {
  return ORDER.flatMap((lower, index) =>
    ORDER.slice(index + 1).flatMap((upper) =>
      Object.entries(asPart(item[lower])).flatMap(([resource, amount]) => {
        const bound = asPart(item[upper])[resource];
        // An amount that is null is 0.
        const [low, high] = [amount, bound].map((value) => readQuantity(value === null ? "0" : value));
        return low !== undefined && high !== undefined && low.compare(high) > 0
          ? [problem(`${path}.${lower}.${resource}`, amount, `must be at most ${upper}, ${String(bound)}`)]
          : [];
      }),
    ),
  );
}
