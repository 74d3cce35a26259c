import type { PersistentVolumeClaimArgs } from "@pulumi/kubernetes/core/v1";
import type { input } from "@pulumi/kubernetes/types";
import type * as pulumi from "@pulumi/pulumi";
import { HOSTNAME_LABEL } from "../../well-known/labels";
import { NOT_AWAITED } from "../not-awaited";

/** Where the programs come from. */
export type ScriptSource =
  /** A ConfigMap with the package's files; the data set is downloaded. */
  | { readonly type: "configMap"; readonly name: pulumi.Input<string> }
  /** The image, which has the data set too (`workloads/Dockerfile`). */
  | { readonly type: "image" };

/** Where checkpoints are written. */
export type CheckpointStore =
  /** A volume of each pod, deleted with it: a new pod starts again from nothing, and inference trains its own small network. */
  | { readonly type: "perPod" }
  /** One volume for all three: a new pod resumes, and inference serves what the medium training has learnt. */
  | { readonly type: "shared"; readonly claimName: pulumi.Input<string> };

export const PYTHON_PATH = "/opt/workloads";

/** Directories that are written to: the root file system is read-only. */
export const WRITABLE = { tmp: "/tmp", home: "/home/fashion-mnist", data: "/data", checkpoints: "/checkpoints" } as const;

/** Says that pods belong together, for the affinity below. */
const PART_OF = { "app.kubernetes.io/part-of": "fashion-mnist" };

/** What the volumes add to a pod template. */
export interface Storage {
  readonly labels: Readonly<Record<string, string>>;
  readonly pod: Pick<input.core.v1.PodSpec, "volumes" | "affinity">;
  readonly mounts: readonly input.core.v1.VolumeMount[];
}

/**
 * Volumes, mounts and, for a shared volume, the rule that keeps the pods on one node: an EBS volume is attached to one node at a time, and the
 * scheduler does not look whether another pod has it elsewhere. The first pod satisfies its own rule.
 */
export function storageOf(scripts: ScriptSource, checkpoints: CheckpointStore): Storage {
  const scratch = { emptyDir: { sizeLimit: "4Gi" } };
  const checkpointVolume = checkpoints.type === "perPod" ? scratch : { persistentVolumeClaim: { claimName: checkpoints.claimName } };
  const sameNode = { topologyKey: HOSTNAME_LABEL, labelSelector: { matchLabels: PART_OF } };
  return {
    labels: PART_OF,
    pod: {
      volumes: [
        ...(scripts.type === "configMap" ? [{ name: "scripts", configMap: { name: scripts.name } }] : []),
        ...Object.keys(WRITABLE).map((name) => ({ name, ...(name === "checkpoints" ? checkpointVolume : scratch) })),
      ],
      ...(checkpoints.type === "shared" && {
        affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [sameNode] } },
      }),
    },
    mounts: [
      ...(scripts.type === "configMap" ? [{ name: "scripts", mountPath: `${PYTHON_PATH}/fashion_mnist`, readOnly: true }] : []),
      ...Object.entries(WRITABLE).map(([name, mountPath]) => ({ name, mountPath })),
    ],
  };
}

/** The shared volume. Pulumi does not wait for it: it is bound when the first pod is placed. */
export function checkpointClaim(
  namespace: string,
  storageClass: string,
  sizeGiB: number,
): PersistentVolumeClaimArgs & { readonly metadata: { readonly name: string } } {
  return {
    metadata: { name: "fashion-mnist-checkpoints", namespace, annotations: NOT_AWAITED },
    spec: { accessModes: ["ReadWriteOnce"], storageClassName: storageClass, resources: { requests: { storage: `${sizeGiB}Gi` } } },
  };
}
