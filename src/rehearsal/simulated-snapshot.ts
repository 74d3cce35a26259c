/** A simulated cluster as the planner reads one: its pods are created, and the scheduler has placed them. */
import { toKubernetesNode } from "../cluster/nodes";
import type { Node } from "../cluster/nodes";
import type { ClusterObject, JsonObject } from "../cluster/objects";
import type { PodOutcome } from "../cluster/pod-outcomes";
import type { Simulation } from "../cluster/simulate";
import { readState, readVolumes } from "../cluster/state";
import { VENDOR_DEVICE_CLASSES } from "../dra/device-classes";
import type { ClaimSpec } from "../dra/claims";
import { volumeClaimName } from "../dra/pods/volumes";
import type { PersistentVolume, VolumeClaim } from "../dra/volumes/types";
import { claimObject } from "../planner/snapshot/claim-object";
import { KIND_NAMES } from "../planner/snapshot/kinds";
import type { Kind } from "../planner/snapshot/kinds";
import { podObject } from "../planner/snapshot/pod-object";
import type { Snapshot } from "../planner/snapshot/snapshot";
import { boundVolumeObject, storageClassObject, volumeClaimObject } from "../planner/snapshot/volume-objects";
import type { Release } from "../releases/types";
import { ZONE_LABEL } from "../well-known/labels";
import { EBS_PROVISIONERS } from "../well-known/storage";

/** A cluster that is simulated. */
export interface SimulatedCluster {
  readonly source: string;
  readonly nodes: readonly Node[];
  /** Everything that was created in it. */
  readonly objects: readonly ClusterObject[];
  readonly release: Release;
  readonly simulation: Pick<Simulation, "slices" | "pods">;
}

export function simulatedSnapshot({ source, nodes, objects, release, simulation }: SimulatedCluster): Snapshot {
  const { slices, pods } = simulation;
  const bodiesOf = (kind: Kind) => objects.filter((object) => object.kind === kind).map(bodyOf);
  const made: Readonly<Record<Kind, readonly JsonObject[]>> = {
    ...(Object.fromEntries(KIND_NAMES.map((kind): [string, readonly JsonObject[]] => [kind, bodiesOf(kind)])) as Record<
      Kind,
      readonly JsonObject[]
    >),
    Node: nodes.map(nodeObject),
    ResourceSlice: slices.map((slice) => ({ ...slice })),
    DeviceClass: [...VENDOR_DEVICE_CLASSES.map(classObject), ...bodiesOf("DeviceClass")],
    Pod: pods.flatMap(podObjects),
    ResourceClaim: claimObjects(objects, pods, release),
    ...volumeObjects(nodes, objects, pods),
  };
  return { source, kubernetesVersion: release.kubernetesVersion, objects: made, gaps: [] };
}

/** As it is created: what the provider answers besides is no state of a cluster. */
function bodyOf({ body: { apiVersion, kind, metadata, spec } }: ClusterObject): JsonObject {
  return { apiVersion, kind, metadata, ...(spec === undefined ? {} : { spec }) };
}

function nodeObject(node: Node): JsonObject {
  const { metadata, spec, status } = toKubernetesNode(node);
  return { apiVersion: "v1", kind: "Node", metadata, spec, status };
}

function classObject({ name, selectors }: (typeof VENDOR_DEVICE_CLASSES)[number]): JsonObject {
  const spec = { selectors: selectors.map((expression) => ({ cel: { expression } })) };
  return { apiVersion: "resource.k8s.io/v1", kind: "DeviceClass", metadata: { name }, spec };
}

/** Equal pods that wait are one outcome: a few of them are enough to say so. */
const MAX_ALIKE = 100;

function podObjects(outcome: PodOutcome): readonly JsonObject[] {
  const { pod, limits } = outcome.planned;
  if (outcome.type === "placed") {
    const made = outcome.claims
      .filter(({ podClaim }) => podClaim.source.type === "template")
      .map(({ podClaim, claimName }) => [podClaim.name, claimName] as const);
    return [podObject({ pod, limits, nodeName: outcome.nodeName, made: Object.fromEntries(made) })];
  }
  return Array.from({ length: Math.min(outcome.count, MAX_ALIKE) }, (_, index) =>
    podObject({ pod: index === 0 ? pod : { ...pod, name: `${pod.name}-${String(index)}` }, limits, nodeName: undefined }),
  );
}

/**
 * Claims, volumes and classes of volumes. What waits for a pod has its volume where the pod runs; of other claims it is unknown where their volumes are.
 * Claims that the pods' controllers make are among them.
 */
function volumeObjects(nodes: readonly Node[], objects: readonly ClusterObject[], pods: readonly PodOutcome[]) {
  const { claims, storageClasses, defaultStorageClass, madeClaim, classesOfVolumes } = readVolumes(objects);
  const zones = new Map(nodes.map(({ name, labels }) => [name, labels[ZONE_LABEL]]));
  const waiting = new Set(
    storageClasses.flatMap(({ name, provisioner, bindingMode }) =>
      bindingMode === "WaitForFirstConsumer" && EBS_PROVISIONERS.includes(provisioner) ? [name] : [],
    ),
  );
  const all = new Map<string, VolumeClaim>(claims.map((claim) => [`${claim.namespace}/${claim.name}`, claim]));
  for (const outcome of pods) {
    const { pod } = outcome.planned;
    const { namespace } = pod;
    for (const volume of pod.volumes) {
      const name = volumeClaimName(pod.name, volume);
      const known = all.get(`${namespace}/${name}`);
      const spec = known?.spec ?? (volume.type === "ephemeral" ? volume.spec : (volume.made ?? madeClaim(namespace, name)));
      if (spec === undefined || known?.state.type === "bound") {
        continue;
      }
      const className = spec.storageClassName ?? defaultStorageClass ?? "";
      const zone = outcome.type === "placed" ? zones.get(outcome.nodeName) : undefined;
      const isMade = zone !== undefined && waiting.has(className) && !classesOfVolumes.includes(className) && spec.volumeName === undefined;
      const madeFor = volume.type === "ephemeral" ? pod.name : undefined;
      all.set(`${namespace}/${name}`, {
        ...(known ?? { namespace, name, spec, madeFor }),
        state: isMade ? { type: "bound", volume: volumeIn(zone, `pv-${namespace}-${name}`) } : { type: "unbound" },
      });
    }
  }
  const made = [...all.values()];
  return {
    PersistentVolumeClaim: made.map(volumeClaimObject),
    PersistentVolume: [
      ...objects.filter(({ apiVersion, kind }) => apiVersion === "v1" && kind === "PersistentVolume").map(bodyOf),
      ...made.flatMap((claim) => (claim.state.type === "bound" ? [boundVolumeObject(claim.state.volume, claim)] : [])),
    ],
    StorageClass: storageClasses.map((storageClass) => storageClassObject(storageClass, storageClass.name === defaultStorageClass)),
  };
}

/** As the EBS driver makes it. */
function volumeIn(zone: string, name: string): PersistentVolume {
  const requirement = { key: ZONE_LABEL, operator: "In" as const, values: [zone] };
  return { name, nodeAffinity: [{ matchExpressions: [requirement], matchFields: [] }], zones: [], isTranslated: false };
}

/** Claims that the stack has, and those made for its pods, with what each holds. */
function claimObjects(objects: readonly ClusterObject[], pods: readonly PodOutcome[], release: Release): readonly JsonObject[] {
  const { state } = readState(objects, { nodes: [], slices: [] }, release);
  const specs = new Map(
    [...state.claims, ...state.templates].map(({ kind, namespace, name, spec }): [string, ClaimSpec] => [
      `${kind} ${namespace ?? ""}/${name}`,
      spec,
    ]),
  );
  const held = new Map<string, { readonly object: () => JsonObject; readonly users: string[] }>();
  for (const outcome of pods) {
    if (outcome.type !== "placed") {
      continue;
    }
    const { pod } = outcome.planned;
    const { namespace } = pod;
    for (const { podClaim, claimName, devices } of outcome.claims) {
      const { source } = podClaim;
      const known = held.get(`${namespace}/${claimName}`);
      const spec = specs.get(
        source.type === "claim"
          ? `ResourceClaim ${namespace}/${source.claimName}`
          : `ResourceClaimTemplate ${namespace}/${source.templateName}`,
      );
      if (known !== undefined) {
        known.users.push(pod.name);
      } else if (spec !== undefined) {
        const users = [pod.name];
        const claim = { name: claimName, namespace, spec, allocation: { devices, nodeName: outcome.nodeName } };
        const madeFor = source.type === "template" ? pod.name : undefined;
        held.set(`${namespace}/${claimName}`, { users, object: () => claimObject(claim, madeFor, users) });
      }
    }
  }
  const unused = state.claims.filter(({ namespace, name }) => !held.has(`${namespace ?? ""}/${name}`));
  return [...[...held.values()].map(({ object }) => object()), ...unused.map((claim) => claimObject(claim, undefined, []))];
}
