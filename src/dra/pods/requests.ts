import type { Fields } from "../manifest/fields";
import { isObject } from "../manifest/fields";
import { amountOf, resourceAmounts } from "../manifest/resources";
import type { ResourceAmounts } from "../manifest/resources";

/** Resources that may be asked for once for the whole pod (feature gate PodLevelResources), besides huge pages. */
const POD_LEVEL_RESOURCES = ["cpu", "memory"];

/**
 * What a pod asks of its node: the sum over its containers, or more where an init container needs more, then what the pod asks for as a whole,
 * plus its overhead. A limit without a request counts as the request.
 * Source: `PodRequests` of `k8s.io/component-helpers/resource`. Not applied: LimitRanges of the namespace.
 *
 * @param spec of a pod
 */
export function podRequests(spec: Fields): ResourceAmounts {
  return add({ ...containerSums(spec), ...podLevelRequests(spec) }, overheadOf(spec));
}

/** What counts for a pod where kube-scheduler compares nodes. */
export type CountedRequests = Readonly<Record<"cpu" | "memory", number>>;

/** What counts for a container that does not say what it needs. */
export const UNSAID: CountedRequests = { cpu: 100, memory: 200 * 2 ** 20 };

/**
 * As {@link podRequests}, with an amount for every container that does not say what it needs. What a pod asks for as a whole counts instead, and the API server
 * sums up its containers where it asks for something else as a whole (`setDefaultPodLevelResourceRequests` of `pkg/apis/core/v1/defaults.go`).
 */
export function requestsThatCount(spec: Fields): CountedRequests {
  const podLevel = podLevelRequests(spec);
  const said = { ...(Object.keys(podLevel).length > 0 ? containerSums(spec) : {}), ...podLevel };
  const counted = { ...containerSums(spec, UNSAID), ...said };
  const { cpu = 0, memory = 0 } = add(counted, overheadOf(spec));
  return { cpu, memory };
}

function podLevelRequests(spec: Fields): ResourceAmounts {
  const requests = Object.entries(ownRequests(spec.value("resources"), spec.path("resources"), spec.problems));
  return Object.fromEntries(requests.filter(([name]) => POD_LEVEL_RESOURCES.includes(name) || name.startsWith("hugepages-")));
}

function overheadOf(spec: Fields): ResourceAmounts {
  return resourceAmounts(spec.value("overhead"), spec.path("overhead"), spec.problems);
}

/** What the containers of a pod ask for together. @param spec of a pod. @param unsaid what counts for one that does not say it. */
export function containerSums(spec: Fields, unsaid: ResourceAmounts = {}): ResourceAmounts {
  const requestsOf = (container: unknown, path: string) => ({ ...unsaid, ...containerRequests(container, path, spec.problems) });
  const containers = spec
    .list("containers")
    .map((container, index) => requestsOf(container, `${spec.path("containers")}[${String(index)}]`));
  let total = containers.reduce<ResourceAmounts>(add, {});
  let sidecars: ResourceAmounts = {};
  let startUp: ResourceAmounts = {};
  for (const [index, container] of spec.list("initContainers").entries()) {
    const own = requestsOf(container, `${spec.path("initContainers")}[${String(index)}]`);
    if (isObject(container) && container["restartPolicy"] === "Always") {
      total = add(total, own);
      sidecars = add(sidecars, own);
      startUp = maximum(startUp, sidecars);
    } else {
      startUp = maximum(startUp, add(own, sidecars));
    }
  }
  return maximum(total, startUp);
}

function containerRequests(container: unknown, path: string, problems: string[]): ResourceAmounts {
  return isObject(container) ? ownRequests(container["resources"], `${path}.resources`, problems) : {};
}

function ownRequests(resources: unknown, path: string, problems: string[]): ResourceAmounts {
  return isObject(resources)
    ? Object.assign(
        resourceAmounts(resources["limits"], `${path}.limits`, problems),
        resourceAmounts(resources["requests"], `${path}.requests`, problems),
      )
    : {};
}

function add(a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts {
  return combine(a, b, (x, y) => x + y);
}

function maximum(a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts {
  return combine(a, b, Math.max);
}

/** Loops, because the containers of all pods come through here. */
function combine(a: ResourceAmounts, b: ResourceAmounts, operation: (x: number, y: number) => number): ResourceAmounts {
  const combined: Record<string, number> = {};
  for (const name of Object.keys(a)) {
    combined[name] = operation(amountOf(a, name), amountOf(b, name));
  }
  for (const name of Object.keys(b)) {
    if (!Object.hasOwn(a, name)) {
      combined[name] = operation(0, amountOf(b, name));
    }
  }
  return combined;
}
