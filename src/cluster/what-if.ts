/** Further pods in a cluster as it is: whether it would take them, without taking them. */
import { Scheduler } from "../dra/allocator";
import type { ClusterState, NodeChoice } from "../dra/allocator";
import type { ResourceClaim } from "../dra/claims";
import type { KubernetesRules } from "../releases/kubernetes";
import type { PodOutcome } from "./pod-outcomes";

/** A scheduler of the cluster with the pods that have been placed. */
export function schedulerAfter(
  cluster: ClusterState,
  outcomes: readonly PodOutcome[],
  rules: KubernetesRules,
  choice: NodeChoice,
): Scheduler {
  const placed = outcomes.flatMap((outcome) => (outcome.type === "placed" ? [outcome] : []));
  const specs = new Map(
    [...cluster.claims, ...cluster.templates].map((claim) => [`${claim.kind}/${claim.namespace ?? ""}/${claim.name}`, claim.spec]),
  );
  const held = new Map<string, ResourceClaim>();
  for (const { planned, nodeName, claims } of placed) {
    for (const { podClaim, claimName, devices } of claims) {
      const { namespace } = planned.pod;
      const { source } = podClaim;
      const named =
        source.type === "claim"
          ? `ResourceClaim/${namespace}/${source.claimName}`
          : `ResourceClaimTemplate/${namespace}/${source.templateName}`;
      const spec = specs.get(named);
      if (spec !== undefined) {
        const common = { kind: "ResourceClaim", apiVersion: "resource.k8s.io/v1", name: claimName, namespace } as const;
        const reservations = (held.get(`${namespace}/${claimName}`)?.reservations ?? 0) + 1;
        held.set(`${namespace}/${claimName}`, { ...common, spec, allocation: { devices, nodeName }, reservations });
      }
    }
  }
  const free = cluster.claims.filter(({ namespace, name }) => !held.has(`${namespace ?? ""}/${name}`));
  const pods = placed.map(({ planned, nodeName }) => ({ pod: planned.pod, nodeName }));
  return new Scheduler({ ...cluster, claims: [...free, ...held.values()], pods: [...cluster.pods, ...pods] }, rules, choice);
}
