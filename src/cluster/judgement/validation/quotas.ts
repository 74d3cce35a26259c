/** ResourceQuotas and LimitRanges. Source: `ValidateResourceQuota`, `ValidateLimitRange` and `pkg/apis/core/helper` of Kubernetes. */
import { readQuantity } from "../../../dra/manifest/quantity";
import { problem } from "../../../dra/manifest/fields";
import { quantityProblems } from "./pods/resources";
import { asPart, duplicates, each, named, text } from "./rules";
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

export function quotaProblems({ hard }: Part): Problems {
  return Object.entries(asPart(hard)).flatMap(([name, amount]) => {
    const isKnown = name.includes("/") || QUOTA_KEYS.includes(name) || /^(?:requests\.)?hugepages-/.test(name);
    return isKnown
      ? quantityProblems(amount ?? 0, `spec.hard.${name}`, COUNTED.includes(name) || name.startsWith("count/"))
      : [problem(`spec.hard[${name}]`, undefined, `must be one of ${QUOTA_KEYS.join(", ")}, count/RESOURCE.GROUP, or have a domain`)];
  });
}

const LIMIT_TYPES = ["Container", "Pod", "PersistentVolumeClaim"];

export function limitRangeProblems({ limits }: Part): Problems {
  return [
    ...each(limits, "spec.limits", (item, at) => [
      ...named(item["type"], `${at}.type`, typeFault),
      ...(item["type"] === "PersistentVolumeClaim" ? storageProblems(item, at) : unknownResources(item, at, OF_CONTAINERS)),
      ...orderProblems(item, at),
    ]),
    ...duplicates(limits, "spec.limits", ({ type }) => text(type), "type"),
  ];
}

function typeFault(type: string): string | undefined {
  return LIMIT_TYPES.includes(type) || type.includes("/") ? undefined : `must be one of ${LIMIT_TYPES.join(", ")}`;
}

function storageProblems(item: Part, path: string): Problems {
  const { min, max } = item;
  return [
    ...([min, max].some((amounts) => Object.hasOwn(asPart(amounts), "storage"))
      ? []
      : [problem(path, undefined, "min.storage or max.storage is required for PersistentVolumeClaim")]),
    ...unknownResources(item, path, ["storage", ...QUOTA_KEYS]),
  ];
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
