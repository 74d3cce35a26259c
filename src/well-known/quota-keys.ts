/** Keys of `spec.hard` in a ResourceQuota (Kubernetes, pkg/quota/v1/evaluator/core and staging/src/k8s.io/apiserver/pkg/quota/v1/generic). */
import type { ResourceKind } from "./team-rights";

/** How many objects of a kind a namespace may hold. */
export function objectCountKey({ group, resource }: ResourceKind): string {
  return `count/${resource}${group === "" ? "" : `.${group}`}`;
}

/** How many ResourceClaims a namespace may hold. */
export const CLAIM_COUNT_KEY = objectCountKey({ group: "resource.k8s.io", resource: "resourceclaims" });

/** Storage that the PersistentVolumeClaims of a namespace may ask for together. */
export const STORAGE_KEY = "requests.storage";

/** How many PersistentVolumeClaims a namespace may hold. */
export const VOLUME_CLAIMS_KEY = "persistentvolumeclaims";

/** The same of the claims for one storage class: `gp3.storageclass.storage.k8s.io/requests.storage`. */
export function ofStorageClass(storageClass: string, key: typeof STORAGE_KEY | typeof VOLUME_CLAIMS_KEY): string {
  return `${storageClass}.storageclass.storage.k8s.io/${key}`;
}

const DEVICE_SUFFIX = ".deviceclass.resource.k8s.io/devices";

/** How many devices of a class the claims of a namespace may ask for. */
export function deviceCountKey(deviceClassName: string): string {
  return `${deviceClassName}${DEVICE_SUFFIX}`;
}

/** The class of a key that {@link deviceCountKey} makes; undefined for other keys. */
export function countedDeviceClass(key: string): string | undefined {
  return key.endsWith(DEVICE_SUFFIX) ? key.slice(0, -DEVICE_SUFFIX.length) : undefined;
}
