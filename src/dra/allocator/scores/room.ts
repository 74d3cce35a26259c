/**
 * The room that a node has left: the most free CPU and memory, and both used alike.
 * Source: `pkg/scheduler/framework/plugins/noderesources` of Kubernetes v1.34.4 (the same in v1.35.4) and v1.36.3, `least_allocated.go` and `balanced_allocation.go`.
 */
import { amountOf } from "../../manifest/resources";
import type { ResourceAmounts } from "../../manifest/resources";
import type { CountedRequests } from "../../pods/requests";
import { MAX_SCORE } from "./normalize";

const SCORED = ["cpu", "memory"] as const;

/** A node's resources, and what its pods have asked for. */
export interface NodeUsage {
  readonly allocatable: ResourceAmounts;
  readonly used: ResourceAmounts;
  /** The same, with an amount for every container that does not say what it needs. */
  readonly counted: CountedRequests;
}

/** How much of CPU and memory is free once a further pod runs: 100 for an empty node. */
export function freeScore(counted: CountedRequests, node: NodeUsage): number {
  const existing = SCORED.filter((resource) => amountOf(node.allocatable, resource) > 0);
  const free = existing.map((resource) => {
    const all = amountOf(node.allocatable, resource);
    const requested = node.counted[resource] + counted[resource];
    return requested > all ? 0 : Math.floor(((all - requested) * MAX_SCORE) / all);
  });
  return existing.length === 0 ? 0 : Math.floor(free.reduce((sum, each) => sum + each, 0) / existing.length);
}

/**
 * How alike CPU and memory are used once a further pod runs; 0 on every node for one that asks for neither.
 * @param gained compares it with how alike they are used now, which is what counts from Kubernetes 1.36 on.
 */
export function balanceScore(requests: ResourceAmounts, node: NodeUsage, gained: boolean): number {
  if (SCORED.every((resource) => amountOf(requests, resource) === 0)) {
    return 0;
  }
  const then = balance(node, requests);
  return gained ? MAX_SCORE / 2 + Math.trunc((MAX_SCORE / 2 + then - balance(node, {})) / 2) : then;
}

function balance({ allocatable, used }: NodeUsage, further: ResourceAmounts): number {
  const fractions = SCORED.filter((resource) => amountOf(allocatable, resource) > 0).map((resource) =>
    Math.min(1, (amountOf(used, resource) + amountOf(further, resource)) / amountOf(allocatable, resource)),
  );
  const [one = 0, other = one] = fractions;
  return Math.trunc((1 - Math.abs((one - other) / 2)) * MAX_SCORE);
}
