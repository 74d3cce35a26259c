/** Reads claims and classes of volumes as they were accepted: the API server has checked them. */
import { isObject } from "../manifest/fields";
import type { StorageClass, TopologyTerm, VolumeClaimSpec } from "./types";

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

function readTerm(term: unknown): TopologyTerm {
  return listOf(isObject(term) ? term["matchLabelExpressions"] : undefined).map((expression) => {
    const { key, values } = isObject(expression) ? expression : {};
    return { key: String(key ?? ""), values: listOf(values).map(String) };
  });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}
