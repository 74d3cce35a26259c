/** Volumes that one node has at a time, where kube-scheduler looks at their zone only. Source: Kubernetes documentation, "Persistent Volumes", section "Access Modes". */
import type { ObjectProblem } from "../judgement/checks";
import { listAt } from "../objects";
import { valueAt } from "../../json/value-at";
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
      return [
        ...ofOtherMode(claim, users),
        ...(modes.length > 0 && modes.every((mode) => mode === "ReadWriteOnce")
          ? [...onSeveralNodes(claim, users), ...heldInUpdates(claim, users)]
          : []),
      ];
    });

/** A raw device is used by volumeDevices, and a file system by volumeMounts: the kubelet starts no container that has it the other way. */
function ofOtherMode(claim: ClusterObject, users: readonly PodGroup[]): readonly ObjectProblem[] {
  const mode = valueAt(claim.body, "spec", "volumeMode") === "Block" ? "Block" : "Filesystem";
  const [right, wrong] = mode === "Block" ? (["volumeDevices", "volumeMounts"] as const) : (["volumeMounts", "volumeDevices"] as const);
  return users.flatMap(({ object, pods: { template } }) => {
    const names = volumesOf(template.spec, claim);
    const isWrong = ["initContainers", "containers"].some((list) =>
      listAt(template.spec, list).some((container) => listAt(container, wrong).some((entry) => names.includes(valueAt(entry, "name")))),
    );
    return isWrong
      ? [
          {
            object,
            message: `a container uses PersistentVolumeClaim "${claim.name}" by ${wrong}, and its volumeMode is ${mode}: the container does not start. Use ${right}, or the other volumeMode`,
          },
        ]
      : [];
  });
}

function uses({ object, pods: { template } }: PodGroup, claim: ClusterObject): boolean {
  return object.namespace === claim.namespace && volumesOf(template.spec, claim).length > 0;
}

/** The names by which a pod's containers call the volume of a claim. */
function volumesOf(spec: unknown, { name }: ClusterObject): readonly unknown[] {
  return listAt(spec, "volumes")
    .filter((volume) => valueAt(volume, "persistentVolumeClaim", "claimName") === name)
    .map((volume) => valueAt(volume, "name"));
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
