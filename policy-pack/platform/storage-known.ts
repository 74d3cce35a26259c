import type { ResourceValidationPolicy } from "@pulumi/policy";
import { prefixed, undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { onKubernetes } from "../evaluation/on-resource";
import { UNKNOWN, show } from "../evaluation/snapshot";
import { valueAt } from "../../src/json/value-at";
import type { KubernetesObject } from "../resources/objects";
import { objectsOfOthers } from "./registrant";
import { PLATFORM_PROJECTS } from "./settings";
import { storageClaims } from "./storage/claims";
import type { StorageClaim } from "./storage/claims";
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
    case "StorageClass.storage.k8s.io":
      return storageClassFindings(object);
    case "VolumeAttributesClass.storage.k8s.io":
      return volumeAttributesClassFindings(object);
    default:
      return storageClaims(object).flatMap(claimFindings);
  }
}

/** A claim can begin as a copy of a volume of its own namespace. */
function claimFindings({ path, spec }: StorageClaim): readonly Finding[] {
  const namespace = valueAt(spec, "dataSourceRef", "namespace");
  if (namespace === UNKNOWN) {
    return [undetermined(`${path}.dataSourceRef`, "whose data it copies")];
  }
  return namespace === undefined || namespace === null || namespace === ""
    ? []
    : [`${path}.dataSourceRef.namespace is ${show(namespace)}, and a claim copies data of its own namespace only. Remove it`];
}
