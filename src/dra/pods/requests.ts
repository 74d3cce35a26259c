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
  const podLevel = Object.entries(ownRequests(spec.value("resources"), spec.path("resources"), spec.problems)).filter(
    ([name]) => POD_LEVEL_RESOURCES.includes(name) || name.startsWith("hugepages-"),
  );
  const overhead = resourceAmounts(spec.value("overhead"), spec.path("overhead"), spec.problems);
  return add({ ...containerSums(spec), ...Object.fromEntries(podLevel) }, overhead);
}

/** What the containers of a pod ask for together. @param spec of a pod */
export function containerSums(spec: Fields): ResourceAmounts {
  const containers = spec
    .list("containers")
    .map((container, index) => containerRequests(container, `${spec.path("containers")}[${String(index)}]`, spec.problems));
  let total = containers.reduce<ResourceAmounts>(add, {});
  let sidecars: ResourceAmounts = {};
  let startUp: ResourceAmounts = {};
  for (const [index, container] of spec.list("initContainers").entries()) {
    const own = containerRequests(container, `${spec.path("initContainers")}[${String(index)}]`, spec.problems);
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
    ? {
        ...resourceAmounts(resources["limits"], `${path}.limits`, problems),
        ...resourceAmounts(resources["requests"], `${path}.requests`, problems),
      }
    : {};
}

function add(a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts {
  return combine(a, b, (x, y) => x + y);
}

function maximum(a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts {
  return combine(a, b, Math.max);
}

function combine(a: ResourceAmounts, b: ResourceAmounts, operation: (x: number, y: number) => number): ResourceAmounts {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, operation(amountOf(a, name), amountOf(b, name))]));
}
