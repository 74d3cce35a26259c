/** Objects that the model places by labels which nodes may have, and which the simulated nodes do not have. */
import { toKubernetesNode } from "../cluster/nodes";
import type { Node } from "../cluster/nodes";
import type { ClusterObject } from "../cluster/objects";
import type { PodOutcome } from "../cluster/pod-outcomes";
import { openLabels } from "../dra/allocator";

export function ownersByOpenLabels(pods: readonly PodOutcome[], nodes: readonly Node[]): ReadonlySet<ClusterObject> {
  const byName = new Map(nodes.map((node) => [node.name, toKubernetesNode(node)]));
  const rests = (outcome: PodOutcome) => {
    const node = outcome.type === "placed" ? byName.get(outcome.nodeName) : undefined;
    return node !== undefined && openLabels(outcome.planned.pod, node).length > 0;
  };
  return new Set(pods.filter(rests).map(({ planned }) => planned.owner));
}
