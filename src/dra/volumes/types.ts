/** PersistentVolumeClaims, PersistentVolumes and StorageClasses, reduced to what decides where pods with volumes run. */
import type { NodeSelectorTerm } from "../pods/placement-rules";

export interface VolumeClaimSpec {
  /** Undefined: the cluster's default. Empty: none, so that somebody has to make the volume by hand. */
  readonly storageClassName: string | undefined;
  readonly accessModes: readonly string[];
  /** The volume that it insists on. */
  readonly volumeName: string | undefined;
  /** It wants a volume with certain labels, which no provisioner makes. */
  readonly hasSelector: boolean;
  /** It wants a copy of something. */
  readonly hasSource: boolean;
}

export interface VolumeClaim {
  readonly namespace: string;
  readonly name: string;
  readonly spec: VolumeClaimSpec;
  readonly state: VolumeClaimState;
  /** The pod for whose ephemeral volume it was made; undefined: for none. */
  readonly madeFor: string | undefined;
}

export type VolumeClaimState =
  /** It has no volume. */
  | { readonly type: "unbound" }
  | { readonly type: "bound"; readonly volume: PersistentVolume }
  /** The volume that it was bound to does not exist. */
  | { readonly type: "lost"; readonly volume: string }
  | { readonly type: "beingDeleted" }
  /** Which volume it has or gets is unknown, or where that can be used. */
  | { readonly type: "unknown" };

/** Where a volume can be used. */
export interface PersistentVolume {
  readonly name: string;
  /** One of these has to match a node; undefined: every node does. */
  readonly nodeAffinity: readonly NodeSelectorTerm[] | undefined;
  /** The zones and regions that its labels name, by the label of nodes. */
  readonly zones: TopologyTerm;
  /** kube-scheduler translates its source into that of a CSI driver, and what its node affinity says with it. */
  readonly isTranslated: boolean;
}

export interface StorageClass {
  readonly name: string;
  readonly provisioner: string;
  /** When a claim gets its volume. */
  readonly bindingMode: "Immediate" | "WaitForFirstConsumer";
  /** Where volumes may be: one of these has to hold, with all its labels. Empty: everywhere. */
  readonly allowedTopologies: readonly TopologyTerm[];
}

/** Values by label of nodes. */
export type TopologyTerm = readonly { readonly key: string; readonly values: readonly string[] }[];

/** What is known of the volumes of a cluster. */
export interface VolumeState {
  readonly storageClasses: readonly StorageClass[];
  /** Name of the class of claims that name none. */
  readonly defaultStorageClass: string | undefined;
  /** What happens to a claim that waits for no pod: a provisioner makes its volume at once, or it is unknown when and where it does. */
  readonly immediateVolumes: "made" | "unknown";
  readonly claims: readonly VolumeClaim[];
  /** What a claim asks for that a controller makes under this name; undefined: none does. */
  readonly madeClaim: (namespace: string, name: string) => VolumeClaimSpec | undefined;
  /** Classes of the PersistentVolumes that somebody made by hand; empty for one without a class. */
  readonly classesOfVolumes: readonly string[];
  /** Names of those. */
  readonly volumes: readonly string[];
}
