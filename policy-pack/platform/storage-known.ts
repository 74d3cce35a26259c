import type { core } from "@pulumi/kubernetes/types/input";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { prefixed, undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { onKubernetes } from "../evaluation/on-resource";
import { field } from "../evaluation/properties";
import { UNKNOWN, show } from "../evaluation/snapshot";
import { readerOf } from "../resources/objects";
import type { KubernetesObject } from "../resources/objects";
import { objectsOfOthers } from "./registrant";
import { PLATFORM_PROJECTS } from "./settings";
import { DRIVER_NAMES } from "./storage/drivers";
import { persistentVolumeFindings } from "./storage/persistent-volumes";
import { storageClassFindings, volumeAttributesClassFindings } from "./storage/storage-classes";

/** Checks that volumes and classes of storage of others than the platform use drivers and parameters of which it is known what they mount, and for whom. */
export const storageKnown: ResourceValidationPolicy = {
  name: "storage-known",
  displayName: "Storage is known",
  description:
    "Checks that PersistentVolumes, StorageClasses and VolumeAttributesClasses use known drivers, parameters and mount options, that a volume names its claim, that a claim copies data of its own namespace only, and that a class is not the default of every team.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["tenancy", "storage"],
  remediationSteps: `Write a PersistentVolumeClaim of the platform's storage class, or use ${DRIVER_NAMES} with the fields that the message names.`,
  configSchema: { properties: PLATFORM_PROJECTS },
  validateResource: onKubernetes((resource) =>
    objectsOfOthers(resource).flatMap((object) => storageFindings(object).map((finding) => prefixed(`${object.kind}: `, finding))),
  ),
};

function storageFindings(object: KubernetesObject): readonly Finding[] {
  switch (`${object.kind}.${object.group}`) {
    case "PersistentVolume.":
      return persistentVolumeFindings(object);
    case "PersistentVolumeClaim.":
      return claimFindings(object);
    case "StorageClass.storage.k8s.io":
      return storageClassFindings(object);
    case "VolumeAttributesClass.storage.k8s.io":
      return volumeAttributesClassFindings(object);
    default:
      return [];
  }
}

/** A claim can begin as a copy of a volume of its own namespace. */
function claimFindings(object: KubernetesObject): readonly Finding[] {
  const source = field(readerOf<core.v1.PersistentVolumeClaim>(object)("spec"), "dataSourceRef");
  const namespace = field(source, "namespace");
  const path = `${object.prefix}spec.dataSourceRef`;
  if (source === UNKNOWN || namespace === UNKNOWN) {
    return [undetermined(path, "whose data it copies")];
  }
  return namespace === undefined || namespace === null || namespace === ""
    ? []
    : [`${path}.namespace is ${show(namespace)}, and a claim copies data of its own namespace only. Remove it`];
}
