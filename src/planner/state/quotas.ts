/** The quotas of a cluster with what they have counted. */
import type { Counts } from "../../cluster/object-counts";
import { objectAt } from "../../cluster/objects";
import type { ClusterObject } from "../../cluster/objects";
import { Quotas, claimCounts, podCounts, quotaAmounts } from "../../cluster/quota";
import type { Excess } from "../../cluster/quota";
import type { PlannedCluster } from "./cluster";

type Amounts = ReadonlyMap<string, number>;

/** The quotas, ready to count more. */
export function quotasOf(cluster: PlannedCluster): Quotas {
  const quotas = Quotas.of(cluster.limits);
  for (const [namespace, amounts] of usedAmounts(cluster)) {
    quotas.addTimes(namespace, Object.fromEntries(amounts), 1);
  }
  return quotas;
}

/** Every key of every quota of a namespace that something would exceed. */
export function excesses(cluster: PlannedCluster, namespace: string, counts: Counts): readonly Excess[] {
  const used = usedAmounts(cluster).get(namespace);
  return quotaObjects(cluster)
    .filter((quota) => quota.namespace === namespace)
    .flatMap((quota) => {
      const hard = quotaAmounts(objectAt(quota.body, "spec", "hard"));
      return Object.entries(counts).flatMap(([key, asked]): Excess[] => {
        const limit = hard.get(key);
        const before = used?.get(key) ?? 0;
        return limit !== undefined && asked > 0 && before + asked > limit ? [{ quota: quota.name, key, limit, used: before, asked }] : [];
      });
    });
}

/**
 * By namespace with a quota. What the status of a quota says is what the API server goes by. Where it says nothing, as in a rehearsal, the claims and pods that there are
 * count.
 */
function usedAmounts({
  limits,
  claims,
  bound,
  pending,
}: Pick<PlannedCluster, "limits" | "claims" | "bound" | "pending">): ReadonlyMap<string, Amounts> {
  const quotas = quotaObjects({ limits });
  if (quotas.length === 0) {
    return new Map();
  }
  const used = new Map(quotas.map(({ namespace }): [string, Map<string, number>] => [namespace, new Map<string, number>()]));
  const count = (namespace: string, counts: () => Counts) => {
    const sums = used.get(namespace);
    if (sums !== undefined) {
      for (const [key, amount] of Object.entries(counts())) {
        sums.set(key, (sums.get(key) ?? 0) + amount);
      }
    }
  };
  for (const { claim } of claims) {
    count(claim.namespace ?? "", () => claimCounts(claim.spec));
  }
  for (const each of [...bound, ...pending]) {
    count(each.pod.namespace, () => podCounts(each.pod.requests, each.limits));
  }
  for (const { namespace, body } of quotas) {
    for (const [key, amount] of quotaAmounts(objectAt(body, "status", "used"))) {
      used.get(namespace)?.set(key, amount);
    }
  }
  return used;
}

function quotaObjects({ limits }: Pick<PlannedCluster, "limits">): readonly ClusterObject[] {
  return limits.filter(({ kind }) => kind === "ResourceQuota");
}

/** CPU and memory that a quota counts and a pod does not name: the API server then refuses the pod (Kubernetes, `podEvaluator.Constraints`). */
export function unnamedResources({ limits }: PlannedCluster, namespace: string, counts: Counts): readonly string[] {
  const hard = quotaObjects({ limits })
    .filter((quota) => quota.namespace === namespace)
    .flatMap(({ body }) => [...quotaAmounts(objectAt(body, "spec", "hard")).keys()]);
  return [...new Set(hard)].filter((key) => MUST_BE_NAMED.includes(key) && counts[key] === undefined);
}

const MUST_BE_NAMED: readonly string[] = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];
