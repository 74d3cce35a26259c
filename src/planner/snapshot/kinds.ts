/** The kinds that the planner reads, each once: where an API server has them, and what cannot be said without them. */

export const KIND_NAMES = [
  "Node",
  "Namespace",
  "Pod",
  "ResourceQuota",
  "LimitRange",
  "Event",
  "ResourceSlice",
  "DeviceClass",
  "ResourceClaim",
  "ResourceClaimTemplate",
  "PersistentVolumeClaim",
  "PersistentVolume",
  "StorageClass",
] as const;

export type Kind = (typeof KIND_NAMES)[number];

export interface KindOfObject {
  /** Plural, as in the path of the API. */
  readonly resource: string;
  /** `dra`: of `resource.k8s.io`, in the newest version that the API server has. `storage`: of `storage.k8s.io/v1`. */
  readonly group: "core" | "dra" | "storage";
  /** Asked of the API server, so that it does not send what has no part in any answer. @default everything */
  readonly fieldSelector?: string;
  /** What is unknown without them. */
  readonly without: string;
}

export const KINDS: Readonly<Record<Kind, KindOfObject>> = {
  Node: { resource: "nodes", group: "core", without: "which nodes there are, what they cost and which pods they take" },
  Namespace: { resource: "namespaces", group: "core", without: "which namespaces are teams" },
  Pod: {
    resource: "pods",
    group: "core",
    fieldSelector: "status.phase!=Succeeded,status.phase!=Failed",
    without: "how much CPU, memory and how many pods the nodes have left, which pods are pending, and which claims are idle",
  },
  ResourceQuota: { resource: "resourcequotas", group: "core", without: "what quotas let in, and what they reserve" },
  LimitRange: { resource: "limitranges", group: "core", without: "which requests a namespace gives to containers that have none" },
  Event: {
    resource: "events",
    group: "core",
    fieldSelector: "type=Warning",
    without: "which claims and pods a quota refused, where only an event says so",
  },
  ResourceSlice: { resource: "resourceslices", group: "dra", without: "which slices there are" },
  DeviceClass: { resource: "deviceclasses", group: "dra", without: "which slices a device class has" },
  ResourceClaim: { resource: "resourceclaims", group: "dra", without: "which slices are held, and by whom" },
  ResourceClaimTemplate: { resource: "resourceclaimtemplates", group: "dra", without: "what pods that name a template ask for" },
  PersistentVolumeClaim: { resource: "persistentvolumeclaims", group: "core", without: "which volumes pods have" },
  PersistentVolume: { resource: "persistentvolumes", group: "core", without: "on which nodes volumes can be used" },
  StorageClass: { resource: "storageclasses", group: "storage", without: "where volumes are made that do not exist yet" },
};

/** Those that decide about pods with volumes alone. */
export const VOLUME_KINDS: readonly Kind[] = ["PersistentVolumeClaim", "PersistentVolume", "StorageClass"];

/** Versions of `resource.k8s.io` that the planner can read, best first. */
export const DRA_VERSIONS = ["v1", "v1beta2", "v1beta1"] as const;

export const DRA_GROUP = "resource.k8s.io";

/** Names of groups in the API; empty for the core group. */
export const API_GROUPS: Readonly<Record<KindOfObject["group"], string>> = { core: "", dra: DRA_GROUP, storage: "storage.k8s.io" };

/** `resource.k8s.io/v1`, and so on. */
export const DRA_API_VERSIONS: readonly string[] = DRA_VERSIONS.map((version) => `${DRA_GROUP}/${version}`);

export function isKind(name: unknown): name is Kind {
  return KIND_NAMES.some((kind) => kind === name);
}
