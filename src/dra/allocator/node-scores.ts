/**
 * Which of the nodes that fit kube-scheduler prefers: that with the most room, and with CPU and memory used alike. Nodes with the same score it draws among.
 * Source: `pkg/scheduler/framework/plugins/noderesources` of Kubernetes v1.34.4, `least_allocated.go` and `balanced_allocation.go`, each with weight 1.
 * Not scored: images, which are equally absent; preferred affinity, preferred taints, and the spread of a workload's pods, which a rehearsal warns of by its differences.
 */
import { amountOf } from "../manifest/resources";
import type { ResourceAmounts } from "../manifest/resources";

/** How a scheduler chooses among the nodes that fit. */
export type NodeChoice =
  /** The first in their order. */
  | "first"
  /** By score; of equal ones the first or the last, so that two runs show what the draw decides. */
  | "firstOfBest"
  | "lastOfBest";

const SCORED = ["cpu", "memory"] as const;

/** What counts for a pod that does not say what it needs. Source: `pkg/scheduler/util/pod_resources.go`. */
const UNSAID: Readonly<Record<(typeof SCORED)[number], number>> = { cpu: 100, memory: 200 * 2 ** 20 };

/**
 * The score of a node with a further pod.
 * @param used what the pods of the node have asked for. @param counted the same, with what counts for those that say nothing.
 */
export function nodeScore(pod: ResourceAmounts, allocatable: ResourceAmounts, used: ResourceAmounts, counted: ResourceAmounts): number {
  const existing = SCORED.filter((resource) => amountOf(allocatable, resource) > 0);
  if (existing.length === 0) {
    return 0;
  }
  const free = existing.map((resource) => {
    const all = amountOf(allocatable, resource);
    const requested = amountOf(counted, resource) + countedAmount(pod, resource);
    return requested > all ? 0 : Math.floor(((all - requested) * 100) / all);
  });
  const least = Math.floor(free.reduce((sum, each) => sum + each, 0) / existing.length);
  const saysNothing = SCORED.every((resource) => amountOf(pod, resource) === 0);
  if (saysNothing) {
    return least;
  }
  const fractions = existing.map((resource) =>
    Math.min(1, (amountOf(used, resource) + amountOf(pod, resource)) / amountOf(allocatable, resource)),
  );
  const [one = 0, other = one] = fractions;
  return least + Math.floor((1 - Math.abs(one - other) / 2) * 100);
}

/** What a pod's request counts for in scores. */
export function countedAmount(pod: ResourceAmounts, resource: (typeof SCORED)[number]): number {
  return amountOf(pod, resource) || UNSAID[resource];
}
