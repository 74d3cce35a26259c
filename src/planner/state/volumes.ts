/** Volumes of a cluster that exists: which claims have one, where each can be used, and where classes make them. */
import { controllerOf, nameOf, objectAt } from "../../cluster/objects";
import type { JsonObject } from "../../cluster/objects";
import { isDefaultClass, readPersistentVolume, readStorageClass, readVolumeClaimSpec } from "../../dra/volumes/read";
import type { PersistentVolume, VolumeClaim, VolumeClaimSpec, VolumeClaimState, VolumeState } from "../../dra/volumes/types";
import { textOf } from "../../json/text-of";
import { valueAt } from "../../json/value-at";
import { BETA_CLASS_ANNOTATION, BIND_COMPLETED_ANNOTATION, SELECTED_NODE_ANNOTATION } from "../../well-known/storage";
import { VOLUME_KINDS } from "../snapshot/kinds";
import type { Snapshot } from "../snapshot/snapshot";

/**
 * Undefined where something of it could not be read: without one of the kinds, nothing is known of where a pod with volumes can run.
 * @param notes gets volumes that are not understood: of the pods that have them it is unknown where they can run.
 */
export function readVolumes({ objects, gaps }: Pick<Snapshot, "objects" | "gaps">, notes: string[]): VolumeState | undefined {
  if (gaps.some(({ kind }) => VOLUME_KINDS.includes(kind))) {
    return undefined;
  }
  const volumes = new Map(objects.PersistentVolume.map((body) => [nameOf(body), { body, volume: readVolume(body, notes) }]));
  const isFree = (body: JsonObject) => valueAt(body, "spec", "claimRef") === undefined;
  const free = [...volumes.values()].filter(({ body }) => isFree(body));
  return {
    storageClasses: objects.StorageClass.map((body) => readStorageClass(nameOf(body), body)),
    defaultStorageClass: defaultClassOf(objects.StorageClass),
    claims: objects.PersistentVolumeClaim.map((body) => readVolumeClaim(body, volumes)),
    immediateVolumes: "unknown",
    madeClaim: () => undefined,
    volumes: [...volumes.keys()],
    classesOfVolumes: free.map(({ body }) => classNameOf(body) ?? ""),
  };
}

type Volumes = ReadonlyMap<string, { readonly body: JsonObject; readonly volume: PersistentVolume | undefined }>;

/** Undefined for one that is not understood. */
function readVolume(body: JsonObject, notes: string[]): PersistentVolume | undefined {
  const problems: string[] = [];
  const volume = readPersistentVolume(nameOf(body), body, problems);
  if (problems.length === 0) {
    return volume;
  }
  notes.push(`the planner cannot read PersistentVolume ${nameOf(body)}: ${problems.join("; ")}. Where its pods can run is unknown`);
  return undefined;
}

function readVolumeClaim(body: JsonObject, volumes: Volumes): VolumeClaim {
  const spec: VolumeClaimSpec = { ...readVolumeClaimSpec(body["spec"]), storageClassName: classNameOf(body) };
  return {
    namespace: textOf(valueAt(body, "metadata", "namespace") ?? "default"),
    name: nameOf(body),
    spec,
    state: stateOf(body, spec, volumes),
    madeFor: ownerOf(body),
  };
}

/**
 * Sources: `podHasPVCs`, `isPVCFullyBound` and `FindPodVolumes` of Kubernetes v1.34.4, `pkg/scheduler/framework/plugins/volumebinding`. A claim that names its volume and is
 * not bound to it yet, or for which a node has been selected, is about to change.
 */
function stateOf(body: JsonObject, { volumeName }: VolumeClaimSpec, volumes: Volumes): VolumeClaimState {
  const annotations = objectAt(body, "metadata", "annotations");
  const phase = valueAt(body, "status", "phase");
  if (valueAt(body, "metadata", "deletionTimestamp") !== undefined) {
    return { type: "beingDeleted" };
  }
  if (volumeName === undefined) {
    return annotations[SELECTED_NODE_ANNOTATION] === undefined ? { type: "unbound" } : { type: "unknown" };
  }
  if (phase === "Lost") {
    return { type: "lost", volume: volumeName };
  }
  if (annotations[BIND_COMPLETED_ANNOTATION] === undefined) {
    return { type: "unknown" };
  }
  const known = volumes.get(volumeName);
  if (known === undefined) {
    return { type: "lost", volume: volumeName };
  }
  return known.volume === undefined ? { type: "unknown" } : { type: "bound", volume: known.volume };
}

/** The annotation goes before the field. Source: `GetPersistentVolumeClaimClass` and `GetPersistentVolumeClass` of k8s.io/component-helpers v0.34.4, `storage/volume`. */
function classNameOf(body: JsonObject): string | undefined {
  const name = valueAt(body, "metadata", "annotations", BETA_CLASS_ANNOTATION) ?? valueAt(body, "spec", "storageClassName");
  return typeof name === "string" ? name : undefined;
}

/** Of several, the one that was created last. Source: `GetDefaultClass` of Kubernetes v1.34.4, `pkg/volume/util/storageclass.go`. */
function defaultClassOf(classes: readonly JsonObject[]): string | undefined {
  const createdAt = (body: JsonObject) => textOf(valueAt(body, "metadata", "creationTimestamp") ?? "");
  const [newest] = classes
    .filter(isDefaultClass)
    .sort((a, b) => (createdAt(a) > createdAt(b) ? -1 : createdAt(a) < createdAt(b) ? 1 : nameOf(a) < nameOf(b) ? -1 : 1));
  return newest && nameOf(newest);
}

/** The pod that the controller of ephemeral volumes made the claim for. */
function ownerOf(body: JsonObject): string | undefined {
  const owner = controllerOf(body);
  const name = valueAt(owner, "name");
  return valueAt(owner, "kind") === "Pod" && typeof name === "string" ? name : undefined;
}
