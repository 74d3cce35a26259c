/** Reads claims, volumes and classes of volumes as they were accepted: the API server has checked them. */
import { valueAt } from "../../json/value-at";
import { DEFAULT_CLASS_ANNOTATIONS } from "../../well-known/storage";
import { isObject, readLeniently } from "../manifest/fields";
import { readNodeSelector } from "../pods/placement-rules";
import { readLabels } from "../pods/labels";
import { REGION_LABEL, ZONE_LABEL } from "../../well-known/labels";
import type { PersistentVolume, StorageClass, TopologyTerm, VolumeClaimSpec } from "./types";

/** @param spec of a PersistentVolumeClaim, or of a template of one. */
export function readVolumeClaimSpec(spec: unknown): VolumeClaimSpec {
  const { storageClassName, accessModes, volumeName, selector, dataSource, dataSourceRef } = isObject(spec) ? spec : {};
  return {
    storageClassName: typeof storageClassName === "string" ? storageClassName : undefined,
    accessModes: listOf(accessModes).map(String),
    volumeName: typeof volumeName === "string" && volumeName !== "" ? volumeName : undefined,
    hasSelector: isObject(selector),
    hasSource: isObject(dataSource) || isObject(dataSourceRef),
  };
}

/** @param body a StorageClass of `storage.k8s.io/v1`. */
export function readStorageClass(name: string, body: Readonly<Record<string, unknown>>): StorageClass {
  const { provisioner, volumeBindingMode, allowedTopologies } = body;
  return {
    name,
    provisioner: String(provisioner ?? ""),
    bindingMode: volumeBindingMode === "WaitForFirstConsumer" ? "WaitForFirstConsumer" : "Immediate",
    allowedTopologies: listOf(allowedTopologies).map(readTerm),
  };
}

/** Whether claims without a class get this one. @param body a StorageClass. */
export function isDefaultClass(body: Readonly<Record<string, unknown>>): boolean {
  return DEFAULT_CLASS_ANNOTATIONS.some((name) => valueAt(body, "metadata", "annotations", name) === "true");
}

/**
 * Labels of volumes by which kube-scheduler's plugin VolumeZone compares them with nodes, and the label of nodes that each of them is about.
 * Source: Kubernetes v1.34.4, `pkg/scheduler/framework/plugins/volumezone/volume_zone.go`.
 */
const ZONE_LABELS: readonly (readonly [ofVolume: string, ofNode: string])[] = [
  ["failure-domain.beta.kubernetes.io/zone", ZONE_LABEL],
  ["failure-domain.beta.kubernetes.io/region", REGION_LABEL],
  [ZONE_LABEL, ZONE_LABEL],
  [REGION_LABEL, REGION_LABEL],
];

/** Sources of volumes that kube-scheduler translates. Source: `inTreePlugins` of k8s.io/csi-translation-lib v0.34.4, `translate.go`. */
const TRANSLATED_SOURCES: readonly string[] = [
  ...["awsElasticBlockStore", "azureDisk", "azureFile", "cinder", "gcePersistentDisk", "portworxVolume", "vsphereVolume"],
];

/** @param body a PersistentVolume of `v1`. @param problems gets what is not understood of where it can be used. */
export function readPersistentVolume(name: string, body: Readonly<Record<string, unknown>>, problems: string[]): PersistentVolume {
  const spec = readLeniently(body["spec"], "spec", problems);
  const affinity = spec?.value("nodeAffinity");
  const required = isObject(affinity) ? affinity["required"] : undefined;
  const labels = readLabels(isObject(body["metadata"]) ? body["metadata"]["labels"] : undefined);
  return {
    name,
    nodeAffinity: readNodeSelector(required, "spec.nodeAffinity.required", problems),
    zones: ZONE_LABELS.flatMap(([ofVolume, ofNode]) => {
      const value = labels[ofVolume];
      return value === undefined ? [] : [{ key: ofNode, values: value.split("__") }];
    }),
    isTranslated: TRANSLATED_SOURCES.some((source) => spec?.isSet(source) ?? false),
  };
}

function readTerm(term: unknown): TopologyTerm {
  return listOf(isObject(term) ? term["matchLabelExpressions"] : undefined).map((expression) => {
    const { key, values } = isObject(expression) ? expression : {};
    return { key: String(key ?? ""), values: listOf(values).map(String) };
  });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}
