/**
 * LimitRange of namespaces: what the API server writes into containers that do not say what they need, before quotas count them, and what it refuses of
 * containers, pods and volumes. Source: `plugin/pkg/admission/limitranger` and `SetDefaults_LimitRangeItem` of Kubernetes.
 */
import { isObject, readLeniently } from "../dra/manifest/fields";
import { readQuantity } from "../dra/manifest/quantity";
import { formatAmount, resourceAmounts } from "../dra/manifest/resources";
import type { ResourceAmounts } from "../dra/pods";
import { podRequests } from "../dra/pods/requests";
import { asPart } from "./judgement/validation/rules";
import { wholePodProblems } from "./judgement/validation/pods/resources";
import { objectAt } from "./objects";
import { valueAt } from "../json/value-at";
import type { ClusterObject, JsonObject } from "./objects";

/** The resources of a container, as they stand. */
interface Resources {
  readonly requests: JsonObject;
  readonly limits: JsonObject;
}

/** The same, read. */
interface Amounts {
  readonly requests: ResourceAmounts;
  readonly limits: ResourceAmounts;
}

/** What an item of a LimitRange is about. */
type LimitType = "Container" | "Pod" | "PersistentVolumeClaim";

export class LimitRanges {
  private constructor(private readonly ranges: readonly ClusterObject[]) {}

  static of(objects: readonly ClusterObject[]): LimitRanges {
    return new LimitRanges(objects.filter((object) => object.kind === "LimitRange" && object.apiVersion === "v1"));
  }

  /** The spec of a pod as it is stored in a namespace. */
  apply(namespace: string, spec: unknown): unknown {
    const defaults = this.items(namespace, "Container").map(defaultsOf);
    return mapResources(spec, (resources) =>
      defaults.reduce(
        ({ requests, limits }, own) => ({ requests: { ...own.requests, ...requests }, limits: { ...own.limits, ...limits } }),
        // A limit without a request is the request too.
        { ...resources, requests: { ...resources.limits, ...resources.requests } },
      ),
    );
  }

  /** What the API server refuses of a pod. @param spec as {@link apply} makes it. */
  podProblems(namespace: string, spec: unknown, path: string): readonly string[] {
    const own = containersOf(spec, path);
    const ofContainers = this.items(namespace, "Container");
    const containers = ofContainers.flatMap((item) =>
      own.flatMap(({ path: at, amounts }) => faults(item, "Container", amounts).map((fault) => `${at}: ${fault}`)),
    );
    const aboveLimit = own.flatMap(({ path: at, amounts }) => aboveLimits(amounts).map((fault) => `${at}: ${fault}`));
    const pods = this.items(namespace, "Pod").flatMap((item) =>
      faults(item, "Pod", { requests: requestsOf(spec), limits: podLimits(spec) }).map((fault) => `${path}: ${fault}`),
    );
    // What the API server writes into containers may not go with what the pod says of all of them.
    const isChanged = ofContainers.length > 0;
    const ofWhole = (isChanged ? wholePodProblems(asPart(spec), path) : []).map(
      (fault) => `${fault}. Set requests and limits of each container too: the namespace's LimitRange gives one without them a default`,
    );
    return [...aboveLimit, ...ofWhole, ...containers, ...pods];
  }

  /** What the API server refuses of a PersistentVolumeClaim: it compares requests only. */
  volumeProblems(namespace: string, spec: unknown, path: string): readonly string[] {
    const requests = resourceAmounts(valueAt(spec, "resources", "requests"), `${path}.resources.requests`, []);
    return this.items(namespace, "PersistentVolumeClaim").flatMap((item) =>
      faults(item, "PersistentVolumeClaim", { requests, limits: requests }).map((fault) => `${path}.resources: ${fault}`),
    );
  }

  private items(namespace: string, type: LimitType): readonly unknown[] {
    return this.ranges
      .filter((range) => range.namespace === namespace)
      .flatMap((range) => {
        const items = valueAt(range.body, "spec", "limits");
        return (Array.isArray(items) ? (items as readonly unknown[]) : []).filter((item) => valueAt(item, "type") === type);
      });
  }
}

/** Where an item of a LimitRange is not met; a sentence each. */
function faults(item: unknown, type: LimitType, { requests, limits }: Amounts): readonly string[] {
  const bounds = (key: string) => Object.entries(resourceAmounts(objectAt(item, key), key, []));
  const found: string[] = [];
  const refuse = (bound: string, resource: string, amount: string, is: string) =>
    found.push(`the namespace's ${bound} ${resource} per ${type} is ${amount}, ${is}`);
  const says = (what: "request" | "limit", resource: string, amount: number) => `and the ${what} is ${formatAmount(resource, amount)}`;
  for (const [resource, least] of bounds("min")) {
    const [request, limit] = [own(requests, resource), own(limits, resource)];
    if (request === undefined) {
      refuse("minimum", resource, formatAmount(resource, least), "and no request says it");
    } else if (request < least) {
      refuse("minimum", resource, formatAmount(resource, least), says("request", resource, request));
    } else if (limit !== undefined && limit < least) {
      refuse("minimum", resource, formatAmount(resource, least), says("limit", resource, limit));
    }
  }
  for (const [resource, most] of bounds("max")) {
    const [request, limit] = [own(requests, resource), own(limits, resource)];
    if (limit === undefined) {
      refuse("maximum", resource, formatAmount(resource, most), "and no limit says it");
    } else if (limit > most) {
      refuse(
        "maximum",
        resource,
        formatAmount(resource, most),
        says(type === "PersistentVolumeClaim" ? "request" : "limit", resource, limit),
      );
    } else if (request !== undefined && request > most) {
      refuse("maximum", resource, formatAmount(resource, most), says("request", resource, request));
    }
  }
  for (const [resource, most] of Object.entries(objectAt(item, "maxLimitRequestRatio"))) {
    const [request, limit] = [own(requests, resource) ?? 0, own(limits, resource) ?? 0];
    const ratio = readQuantity(most);
    if (request === 0 || limit === 0 || (ratio !== undefined && limit / request > Number(ratio.units) * 10 ** ratio.scale)) {
      refuse("maximum ratio of limit to request of", resource, String(most), "and request and limit do not keep it");
    }
  }
  return found;
}

/** A request above its limit, which is often the default of the LimitRange. */
function aboveLimits({ requests, limits }: Amounts): readonly string[] {
  return Object.entries(limits).flatMap(([resource, limit]) => {
    const request = own(requests, resource) ?? 0;
    return request > limit
      ? [
          `the request of ${resource}, ${formatAmount(resource, request)}, is above the limit, ${formatAmount(resource, limit)}. Set limits.${resource} too: the namespace's LimitRange gives a container without one a default`,
        ]
      : [];
  });
}

function own(amounts: ResourceAmounts, resource: string): number | undefined {
  return Object.hasOwn(amounts, resource) ? amounts[resource] : undefined;
}

/** What a pod may use at most, added up as its requests are. @param spec of a pod that can be read */
export function podLimits(spec: unknown): ResourceAmounts {
  return requestsOf(mapResources(spec, ({ limits }) => ({ requests: limits, limits: {} })));
}

function requestsOf(spec: unknown): ResourceAmounts {
  const fields = readLeniently(spec, "spec", []);
  return fields === undefined ? {} : podRequests(fields);
}

function defaultsOf(item: unknown): Resources {
  const limits = { ...objectAt(item, "max"), ...objectAt(item, "default") };
  return { limits, requests: { ...objectAt(item, "min"), ...limits, ...objectAt(item, "defaultRequest") } };
}

const CONTAINER_LISTS = ["initContainers", "containers"] as const;

function containersOf(spec: unknown, path: string): readonly { readonly path: string; readonly amounts: Amounts }[] {
  return CONTAINER_LISTS.flatMap((key) => {
    const containers = valueAt(spec, key);
    return (Array.isArray(containers) ? (containers as readonly unknown[]) : []).map((container, index) => ({
      path: `${path}.${key}[${index}].resources`,
      amounts: {
        requests: resourceAmounts(valueAt(container, "resources", "requests"), "", []),
        limits: resourceAmounts(valueAt(container, "resources", "limits"), "", []),
      },
    }));
  });
}

/** Changes the resources of every container. What is not a pod's spec stays as it is, for others to complain of. */
function mapResources(spec: unknown, change: (resources: Resources) => Resources): unknown {
  if (!isObject(spec)) {
    return spec;
  }
  const mapped = CONTAINER_LISTS.flatMap((key) => {
    const containers = spec[key];
    return Array.isArray(containers) ? [[key, containers.map((container: unknown) => mapContainer(container, change))]] : [];
  });
  return { ...spec, ...(Object.fromEntries(mapped) as object) };
}

function mapContainer(container: unknown, change: (resources: Resources) => Resources): unknown {
  const resources = isObject(container) ? (container["resources"] ?? {}) : undefined;
  if (!isObject(container) || !isObject(resources)) {
    return container;
  }
  const { requests = {}, limits = {} } = resources;
  return isObject(requests) && isObject(limits)
    ? { ...container, resources: { ...resources, ...change({ requests, limits }) } }
    : container;
}
