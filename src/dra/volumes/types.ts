/** PersistentVolumeClaims and StorageClasses, reduced to what decides where pods with volumes run. */

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
  readonly claims: readonly VolumeClaim[];
  /** What a claim asks for that a controller makes under this name; undefined: none does. */
  readonly madeClaim: (namespace: string, name: string) => VolumeClaimSpec | undefined;
  /** Classes of the PersistentVolumes that somebody made by hand; empty for one without a class. */
  readonly classesOfVolumes: readonly string[];
  /** Names of those. */
  readonly volumes: readonly string[];
}
