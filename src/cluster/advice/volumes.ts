/** Volumes that one node, or one pod, has at a time. Source: Kubernetes documentation, "Persistent Volumes", section "Access Modes". */
import type { ObjectProblem } from "../judgement/checks";
import { listAt, valueAt } from "../objects";
import type { ClusterObject } from "../objects";
import { stepOf } from "./rollouts";
import { placedOf, podsInWords } from "./types";
import type { Advise, PodGroup } from "./types";

export const adviseOnVolumes: Advise = ({ objects, groups }) =>
  objects
    .filter(({ kind, apiVersion }) => kind === "PersistentVolumeClaim" && apiVersion === "v1")
    .flatMap((claim) => {
      const modes = listAt(valueAt(claim.body, "spec"), "accessModes");
      const users = groups.filter((group) => uses(group, claim));
      return modes.length > 0 && modes.every((mode) => mode === "ReadWriteOncePod")
        ? ofOnePod(claim, users)
        : modes.length > 0 && modes.every((mode) => mode === "ReadWriteOnce" || mode === "ReadWriteOncePod")
          ? [...onSeveralNodes(claim, users), ...heldInUpdates(claim, users)]
          : [];
    });

function uses({ object, pods: { template } }: PodGroup, claim: ClusterObject): boolean {
  return (
    object.namespace === claim.namespace &&
    listAt(template.spec, "volumes").some((volume) => valueAt(volume, "persistentVolumeClaim", "claimName") === claim.name)
  );
}

function ofOnePod(claim: ClusterObject, users: readonly PodGroup[]): readonly ObjectProblem[] {
  const pods = users.reduce((sum, group) => sum + group.pods.count, 0);
  return pods <= 1
    ? []
    : [
        {
          object: claim,
          message: `${podsInWords(pods)} use it, and its access mode ReadWriteOncePod is for one pod at a time: the others stay pending. Give each pod a volume of its own (volumeClaimTemplates of a StatefulSet, or ephemeral volumes)`,
        },
      ];
}

function onSeveralNodes(claim: ClusterObject, users: readonly PodGroup[]): readonly ObjectProblem[] {
  const placed = users.flatMap(placedOf);
  const nodes = [...new Set(placed.map(({ nodeName }) => nodeName))];
  return nodes.length <= 1
    ? []
    : [
        {
          object: claim,
          message: `${podsInWords(placed.length)} on ${String(nodes.length)} nodes (${nodes.join(", ")}) use it, and its access mode ReadWriteOnce is for one node at a time: the pods of the other nodes do not start. Keep the pods on one node (podAffinity with topologyKey kubernetes.io/hostname), or give each pod a volume of its own (volumeClaimTemplates of a StatefulSet, or ephemeral volumes)`,
        },
      ];
}

/** The new pod starts before the old one ends, and the scheduler may choose another node for it. */
function heldInUpdates(claim: ClusterObject, users: readonly PodGroup[]): readonly ObjectProblem[] {
  return users.flatMap((group) => {
    const step = group.pods.count === 0 ? undefined : stepOf(group);
    return step === undefined || step.surge === 0 || step.unavailable > 0
      ? []
      : [
          {
            object: group.object,
            message: `an update of it starts a new pod before the old one ends, and PersistentVolumeClaim "${claim.name}" (ReadWriteOnce) is on one node at a time: if the new pod gets another node, both wait for each other. ${step.remedy}`,
          },
        ];
  });
}
