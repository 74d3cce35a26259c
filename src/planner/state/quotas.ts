/** The quotas of a cluster with what they have counted. */
import type { Counts } from "../../cluster/object-counts";
import { objectAt } from "../../cluster/objects";
import type { ClusterObject } from "../../cluster/objects";
import { claimCounts, podCounts, quotaAmounts } from "../../cluster/quota";
import type { Excess } from "../../cluster/quota";
import type { ClaimSpec } from "../../dra/claims";
import { CLAIM_COUNT_KEY, countedDeviceClass } from "../../well-known/quota-keys";
import type { BoundPod, PlannedClaim, PlannedCluster, WaitingPod } from "./cluster";

type Amounts = ReadonlyMap<string, number>;

/** Every key of every quota of a namespace that something would exceed. */
export function excesses(cluster: PlannedCluster, namespace: string, counts: Counts): readonly Excess[] {
  const used = usedAmounts(cluster, namespace);
  return quotasIn(cluster, namespace).flatMap((quota) => {
    const hard = quotaAmounts(objectAt(quota.body, "spec", "hard"));
    return Object.entries(counts).flatMap(([key, asked]): Excess[] => {
      const limit = hard.get(key);
      const before = used.get(key) ?? 0;
      return limit !== undefined && asked > 0 && before + asked > limit ? [{ quota: quota.name, key, limit, used: before, asked }] : [];
    });
  });
}

/**
 * What counts against the quotas of a namespace, under their keys. What the status of a quota says is what the API server goes by. Where it says nothing, as in a rehearsal, the
 * claims and pods that there are count.
 */
export function usedAmounts({ limits, claims, bound, pending }: Counted, namespace: string): ReadonlyMap<string, number> {
  const quotas = quotasIn({ limits }, namespace);
  const used = new Map(quotas.flatMap(({ body }) => [...quotaAmounts(objectAt(body, "status", "used"))]));
  const limited = quotas.flatMap(({ body }) => Object.keys(objectAt(body, "spec", "hard")));
  for (const key of new Set(limited.filter((each) => !used.has(each)))) {
    const sums = isOfClaims(key)
      ? [claimSums.of(claims).get(namespace)]
      : [podSums.of(bound).get(namespace), podSums.of(pending).get(namespace)];
    used.set(
      key,
      sums.reduce((sum, each) => sum + (each?.get(key) ?? 0), 0),
    );
  }
  return used;
}

type Counted = Pick<PlannedCluster, "limits" | "claims" | "bound" | "pending">;

function isOfClaims(key: string): boolean {
  return key === CLAIM_COUNT_KEY || countedDeviceClass(key) !== undefined;
}

/** What objects count, by namespace. Most changes that are simulated leave most lists as they are, so each list is counted once. */
class Sums<T extends object> {
  private readonly counted = new WeakMap<readonly T[], ReadonlyMap<string, Amounts>>();

  constructor(
    private readonly namespaceOf: (item: T) => string,
    private readonly countsOf: (item: T) => Counts,
  ) {}

  of(items: readonly T[]): ReadonlyMap<string, Amounts> {
    const known = this.counted.get(items);
    if (known !== undefined) {
      return known;
    }
    const sums = new Map<string, Map<string, number>>();
    for (const item of items) {
      const namespace = this.namespaceOf(item);
      const own = sums.get(namespace) ?? new Map<string, number>();
      sums.set(namespace, own);
      const counts = this.countsOf(item);
      for (const key in counts) {
        own.set(key, (own.get(key) ?? 0) + (counts[key] ?? 0));
      }
    }
    this.counted.set(items, sums);
    return sums;
  }
}

/** Claims of one template share what they ask for. */
const countsOfSpecs = new WeakMap<ClaimSpec, Counts>();

const claimSums = new Sums<PlannedClaim>(
  ({ claim }) => claim.namespace ?? "",
  ({ claim: { spec } }) => {
    const counts = countsOfSpecs.get(spec) ?? claimCounts(spec);
    countsOfSpecs.set(spec, counts);
    return counts;
  },
);

const podSums = new Sums<BoundPod | WaitingPod>(
  ({ pod }) => pod.namespace,
  ({ pod, limits }) => podCounts(pod.requests, limits),
);

/** The ResourceQuotas of a namespace. */
export function quotasIn({ limits }: Pick<PlannedCluster, "limits">, namespace: string): readonly ClusterObject[] {
  return limits.filter((object) => object.kind === "ResourceQuota" && object.namespace === namespace);
}

/** CPU and memory that a quota counts and a pod does not name: the API server then refuses the pod (Kubernetes, `podEvaluator.Constraints`). */
export function unnamedResources(cluster: PlannedCluster, namespace: string, counts: Counts): readonly string[] {
  const hard = quotasIn(cluster, namespace).flatMap(({ body }) => Object.keys(objectAt(body, "spec", "hard")));
  return [...new Set(hard)].filter((key) => MUST_BE_NAMED.includes(key) && counts[key] === undefined);
}

const MUST_BE_NAMED: readonly string[] = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];
