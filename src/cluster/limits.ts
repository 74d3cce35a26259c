/**
 * LimitRange of namespaces: what the API server writes into containers that do not say what they need, before quotas count them.
 * Source: `plugin/pkg/admission/limitranger` and `SetDefaults_LimitRangeItem` of Kubernetes. Not modelled: refusals below `min` and above `max`.
 */
import { isObject } from "../dra/manifest/fields";
import { readPodSpec } from "../dra/pods";
import type { ResourceAmounts } from "../dra/pods";
import { objectAt, valueAt } from "./objects";
import type { ClusterObject, JsonObject } from "./objects";

interface Defaults {
  readonly requests: JsonObject;
  readonly limits: JsonObject;
}

export class LimitRanges {
  private constructor(private readonly ranges: readonly ClusterObject[]) {}

  static of(objects: readonly ClusterObject[]): LimitRanges {
    return new LimitRanges(objects.filter((object) => object.kind === "LimitRange" && object.apiVersion === "v1"));
  }

  /** The spec of a pod as it is stored in a namespace. */
  apply(namespace: string, spec: unknown): unknown {
    const defaults = this.ranges.filter((range) => range.namespace === namespace).flatMap(defaultsOf);
    return mapResources(spec, (resources) =>
      defaults.reduce(
        ({ requests, limits }, own) => ({ requests: { ...own.requests, ...requests }, limits: { ...own.limits, ...limits } }),
        // A limit without a request is the request too.
        { ...resources, requests: { ...resources.limits, ...resources.requests } },
      ),
    );
  }
}

/** What a pod may use at most, added up as its requests are. */
export function podLimits(spec: unknown): ResourceAmounts {
  const reading = readPodSpec(
    mapResources(spec, ({ limits }) => ({ requests: limits, limits: {} })),
    { name: "", namespace: "" },
  );
  return reading.type === "pod" ? reading.pod.requests : {};
}

function defaultsOf(range: ClusterObject): readonly Defaults[] {
  const items = valueAt(range.body, "spec", "limits");
  return (Array.isArray(items) ? (items as readonly unknown[]) : [])
    .filter((item) => valueAt(item, "type") === "Container")
    .map((item) => {
      const limits = { ...objectAt(item, "max"), ...objectAt(item, "default") };
      return { limits, requests: { ...objectAt(item, "min"), ...limits, ...objectAt(item, "defaultRequest") } };
    });
}

/** Changes the resources of every container. What is not a pod's spec stays as it is, for others to complain of. */
function mapResources(spec: unknown, change: (resources: Defaults) => Defaults): unknown {
  if (!isObject(spec)) {
    return spec;
  }
  const mapped = ["initContainers", "containers"].flatMap((key) => {
    const containers = spec[key];
    return Array.isArray(containers) ? [[key, containers.map((container: unknown) => mapContainer(container, change))]] : [];
  });
  return { ...spec, ...(Object.fromEntries(mapped) as object) };
}

function mapContainer(container: unknown, change: (resources: Defaults) => Defaults): unknown {
  const resources = isObject(container) ? (container["resources"] ?? {}) : undefined;
  if (!isObject(container) || !isObject(resources)) {
    return container;
  }
  const { requests = {}, limits = {} } = resources;
  return isObject(requests) && isObject(limits)
    ? { ...container, resources: { ...resources, ...change({ requests, limits }) } }
    : container;
}
