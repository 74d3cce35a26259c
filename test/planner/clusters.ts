/** Clusters for the planner's tests, as an API server would show them. */
import type { JsonObject } from "../../src/cluster/objects";
import { publishSlices } from "../../src/dra/devices";
import { VENDOR_DEVICE_CLASSES } from "../../src/dra/device-classes";
import { catalogueTierClasses } from "../../src/dra/tiers";
import { findInstanceType } from "../../src/hardware/instance-types";
import { resolveLayout } from "../../src/hardware/layouts";
import type { LayoutSpec } from "../../src/hardware/layouts";
import { KIND_NAMES } from "../../src/planner/snapshot/kinds";
import type { Kind } from "../../src/planner/snapshot/kinds";
import type { Snapshot } from "../../src/planner/snapshot/snapshot";
import { readCluster } from "../../src/planner/state/read";
import type { PlannedCluster } from "../../src/planner/state/cluster";
import { GPU_TAINT, TEAM_LABEL } from "../../src/well-known/labels";
import { testedRelease } from "../support/tested-release";

const DRA = "resource.k8s.io/v1";

export interface NodeOptions {
  readonly instanceType?: string;
  readonly layout?: LayoutSpec;
  readonly pool?: string;
  readonly spec?: JsonObject;
  readonly allocatable?: Readonly<Record<string, string>>;
}

/** A GPU node with its ResourceSlices. */
export function gpuNode(
  name: string,
  { instanceType = "p4d.24xlarge", layout = "all-balanced", pool = "a100", spec = {}, allocatable = {} }: NodeOptions = {},
): readonly JsonObject[] {
  const type = findInstanceType(instanceType);
  if (type?.gpus.type !== "mig") {
    throw new Error(`${instanceType} has no MIG GPUs`);
  }
  const resolved = resolveLayout(layout, type.gpus.model, type.gpus.count);
  if (resolved.type === "invalid") {
    throw new Error(resolved.reason);
  }
  const labels = {
    "kubernetes.io/hostname": name,
    "node.kubernetes.io/instance-type": instanceType,
    "eks.amazonaws.com/nodegroup": pool,
    "nvidia.com/mig.config": resolved.layout.name,
  };
  return [
    {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name, labels },
      spec: { taints: [GPU_TAINT], ...spec },
      status: { allocatable: { cpu: "95", memory: "1000Gi", pods: "200", ...allocatable } },
    },
    ...publishSlices(name, resolved.layout, testedRelease()).map((slice) => ({ ...slice })),
  ];
}

export function classes(): readonly JsonObject[] {
  return [...VENDOR_DEVICE_CLASSES, ...catalogueTierClasses()].map(({ name, selectors }) => ({
    apiVersion: DRA,
    kind: "DeviceClass",
    metadata: { name },
    spec: { selectors: selectors.map((expression) => ({ cel: { expression } })) },
  }));
}

/** A claim for one slice of a class. @param held `node/device`, where it holds one. */
export function claim(
  namespace: string,
  name: string,
  deviceClassName: string,
  { held, users = [], spec }: { readonly held?: string; readonly users?: readonly string[]; readonly spec?: JsonObject } = {},
): JsonObject {
  const [pool = "", device = ""] = held?.split("/") ?? [];
  return {
    apiVersion: DRA,
    kind: "ResourceClaim",
    metadata: { name, namespace },
    spec: spec ?? { devices: { requests: [{ name: "slice", exactly: { deviceClassName } }] } },
    ...(held === undefined
      ? {}
      : {
          status: {
            allocation: { devices: { results: [{ request: "slice", driver: "gpu.nvidia.com", pool, device }] } },
            ...(users.length === 0 ? {} : { reservedFor: users.map((user) => ({ resource: "pods", name: user, uid: user })) }),
          },
        }),
  };
}

export function pod(namespace: string, name: string, spec: JsonObject = {}, status: JsonObject = {}): JsonObject {
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace }, spec: { containers: [{ name: "main" }], ...spec }, status };
}

/** A pod with labels, by which rules of others find it. */
export function labelled(object: JsonObject, labels: Readonly<Record<string, string>>): JsonObject {
  return { ...object, metadata: { ...(object["metadata"] as object), labels } };
}

/** What a pod says that wants to be near pods with a label, or away from them. */
export function rule(
  kind: "podAffinity" | "podAntiAffinity",
  matchLabels: Readonly<Record<string, string>>,
  more: JsonObject = {},
): JsonObject {
  const term = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels }, ...more };
  return { affinity: { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } };
}

/** What a pod says that wants its like to be spread, with a skew of 1 over nodes unless more is said. */
export function spreadOver(matchLabels: Readonly<Record<string, string>>, more: JsonObject = {}): JsonObject {
  const constraint = {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "DoNotSchedule",
    labelSelector: { matchLabels },
  };
  return { topologySpreadConstraints: [{ ...constraint, ...more }] };
}

/** What a pod says that uses a claim, or makes one from a template. */
export function using(source: Readonly<Record<string, string>>): JsonObject {
  return {
    tolerations: [{ operator: "Exists" }],
    containers: [{ name: "main", resources: { claims: [{ name: "slice" }] } }],
    resourceClaims: [{ name: "slice", ...source }],
  };
}

/** A team's namespace with its quota. */
export function team(name: string, hard: Readonly<Record<string, string>>): readonly JsonObject[] {
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { [TEAM_LABEL]: name } } },
    { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "team", namespace: name }, spec: { hard } },
  ];
}

export const quotaKey = (deviceClass: string) => `${deviceClass}.deviceclass.resource.k8s.io/devices`;

export function snapshotOf(objects: readonly JsonObject[], more: Partial<Snapshot> = {}): Snapshot {
  const of = (kind: Kind): readonly JsonObject[] => objects.filter((object) => object["kind"] === kind);
  return {
    source: "test",
    kubernetesVersion: testedRelease().kubernetesVersion,
    objects: Object.fromEntries(KIND_NAMES.map((kind): [string, readonly JsonObject[]] => [kind, of(kind)])) as Snapshot["objects"],
    gaps: [],
    ...more,
  };
}

export function clusterOf(objects: readonly JsonObject[], more: Partial<Snapshot> = {}): PlannedCluster {
  return readCluster(snapshotOf([...classes(), ...objects], more));
}

/** Names of a node's devices of a profile, in the order of GPUs. */
export function devicesOf(objects: readonly JsonObject[], profile: string): readonly string[] {
  return objects.flatMap(({ kind, spec }) =>
    kind !== "ResourceSlice"
      ? []
      : (
          spec as {
            readonly nodeName: string;
            readonly devices: readonly {
              readonly name: string;
              readonly attributes: Readonly<Record<string, { readonly string?: string }>>;
            }[];
          }
        ).devices
          .filter(({ attributes }) => attributes["profile"]?.string === profile)
          .map(({ name }) => `${(spec as { readonly nodeName: string }).nodeName}/${name}`),
  );
}

export const ZONE = "topology.kubernetes.io/zone";

/** Objects of which the nodes are in a zone. */
export function inZone(objects: readonly JsonObject[], zone: string): readonly JsonObject[] {
  return objects.map((object) =>
    object["kind"] === "Node"
      ? labelled(object, { ...(object["metadata"] as { readonly labels: Readonly<Record<string, string>> }).labels, [ZONE]: zone })
      : object,
  );
}

/** A class of the EBS driver whose volumes wait for their first pod. */
export function storageClass(name: string, { metadata, ...more }: { readonly metadata?: JsonObject } & JsonObject = {}): JsonObject {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { ...metadata, name },
    provisioner: "ebs.csi.aws.com",
    volumeBindingMode: "WaitForFirstConsumer",
    ...more,
  };
}

/** A volume as the EBS driver makes it. @param claim `namespace/name`; undefined: nobody's */
export function volume(name: string, zone: string, claimed?: string): JsonObject {
  const [namespace, claimName] = claimed?.split("/") ?? [];
  const terms = [{ matchExpressions: [{ key: ZONE, operator: "In", values: [zone] }] }];
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      storageClassName: "by-hand",
      nodeAffinity: { required: { nodeSelectorTerms: terms } },
      ...(claimed === undefined ? {} : { claimRef: { namespace, name: claimName } }),
    },
  };
}

/** A claim for a volume, bound if it names one. @param madeFor the pod that has it as an ephemeral volume. */
export function volumeClaim(namespace: string, name: string, spec: JsonObject, madeFor?: string): JsonObject {
  const isBound = spec["volumeName"] !== undefined;
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name,
      namespace,
      ...(isBound ? { annotations: { "pv.kubernetes.io/bind-completed": "yes" } } : {}),
      ...(madeFor === undefined ? {} : { ownerReferences: [{ kind: "Pod", name: madeFor, controller: true }] }),
    },
    spec: { accessModes: ["ReadWriteOnce"], ...spec },
    status: { phase: isBound ? "Bound" : "Pending" },
  };
}
