/** Keys of `spec.hard` in a ResourceQuota that count claims and devices (Kubernetes, pkg/quota/v1/evaluator/core/resource_claims.go). */

/** How many ResourceClaims a namespace may hold. */
export const CLAIM_COUNT_KEY = "count/resourceclaims.resource.k8s.io";

const DEVICE_SUFFIX = ".deviceclass.resource.k8s.io/devices";

/** How many devices of a class the claims of a namespace may ask for. */
export function deviceCountKey(deviceClassName: string): string {
  return `${deviceClassName}${DEVICE_SUFFIX}`;
}

/** The class of a key that {@link deviceCountKey} makes; undefined for other keys. */
export function countedDeviceClass(key: string): string | undefined {
  return key.endsWith(DEVICE_SUFFIX) ? key.slice(0, -DEVICE_SUFFIX.length) : undefined;
}
