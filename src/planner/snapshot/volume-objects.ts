/** Claims, volumes and classes of volumes as objects of the API that have nothing but what decides where pods with volumes run. */
import type { JsonObject } from "../../cluster/objects";
import type { PersistentVolume, StorageClass, TopologyTerm, VolumeClaim, VolumeClaimSpec } from "../../dra/volumes/types";
import { BIND_COMPLETED_ANNOTATION, DEFAULT_CLASS_ANNOTATIONS, SELECTED_NODE_ANNOTATION } from "../../well-known/storage";

export function volumeClaimObject({ namespace, name, spec, state, madeFor }: VolumeClaim): JsonObject {
  const owner = { apiVersion: "v1", kind: "Pod", name: madeFor, controller: true };
  const { metadata, volumeName = spec.volumeName, phase } = stateFields(state);
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace, ...(madeFor === undefined ? {} : { ownerReferences: [owner] }), ...metadata },
    spec: { ...volumeClaimSpecObject(spec), ...(volumeName === undefined ? {} : { volumeName }) },
    status: { phase },
  };
}

interface StateFields {
  readonly metadata: JsonObject;
  readonly volumeName?: string;
  readonly phase: "Pending" | "Bound" | "Lost";
}

function stateFields(state: VolumeClaim["state"]): StateFields {
  switch (state.type) {
    case "unbound":
      return { metadata: {}, phase: "Pending" };
    case "bound":
      return { metadata: { annotations: { [BIND_COMPLETED_ANNOTATION]: "yes" } }, volumeName: state.volume.name, phase: "Bound" };
    case "lost":
      return { metadata: {}, volumeName: state.volume, phase: "Lost" };
    case "beingDeleted":
      return { metadata: { deletionTimestamp: "1970-01-01T00:00:00Z" }, phase: "Pending" };
    case "unknown":
      return { metadata: { annotations: { [SELECTED_NODE_ANNOTATION]: "not saved" } }, phase: "Pending" };
  }
}

/** Without the volume that it insists on. */
export function volumeClaimSpecObject({ storageClassName, accessModes, hasSelector, hasSource }: VolumeClaimSpec): JsonObject {
  return {
    accessModes,
    ...(storageClassName === undefined ? {} : { storageClassName }),
    ...(hasSelector ? { selector: {} } : {}),
    ...(hasSource ? { dataSource: {} } : {}),
  };
}

/** A volume that a claim has. */
export function boundVolumeObject(
  { name, nodeAffinity, zones, isTranslated }: PersistentVolume,
  claim: Pick<VolumeClaim, "namespace" | "name">,
): JsonObject {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name, ...(zones.length === 0 ? {} : { labels: zoneLabels(zones) }) },
    spec: {
      ...(nodeAffinity === undefined ? {} : { nodeAffinity: { required: { nodeSelectorTerms: nodeAffinity } } }),
      ...(isTranslated ? { awsElasticBlockStore: {} } : {}),
      claimRef: { namespace: claim.namespace, name: claim.name },
    },
  };
}

/** A volume of a class that no claim has. */
export function freeVolumeObject(name: string, storageClassName: string): JsonObject {
  return { apiVersion: "v1", kind: "PersistentVolume", metadata: { name }, spec: { storageClassName } };
}

export function storageClassObject({ name, provisioner, bindingMode, allowedTopologies }: StorageClass, isDefault: boolean): JsonObject {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name, ...(isDefault ? { annotations: { [DEFAULT_CLASS_ANNOTATIONS[0]]: "true" } } : {}) },
    provisioner,
    volumeBindingMode: bindingMode,
    ...(allowedTopologies.length === 0
      ? {}
      : { allowedTopologies: allowedTopologies.map((matchLabelExpressions) => ({ matchLabelExpressions })) }),
  };
}

function zoneLabels(zones: TopologyTerm): JsonObject {
  return Object.fromEntries(zones.map(({ key, values }) => [key, values.join("__")]));
}
