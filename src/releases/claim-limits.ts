/**
 * What claims and slices of `resource.k8s.io/v1` can have at most. Kubernetes 1.34, 1.35 and 1.36 have the same limits; a version that has others says so in its
 * own file. Source: `k8s.io/api/resource/v1/types.go` of v0.34.4, v0.35.4 and v0.36.3.
 */
import type { ClaimLimits, DeviceLimits } from "./kubernetes";

export const CLAIM_LIMITS: ClaimLimits = {
  requests: 32,
  alternatives: 8,
  selectors: 32,
  tolerations: Infinity,
  constraints: 32,
  configurations: 32,
  parametersBytes: 10 * 1024,
  selectorBytes: 10 * 1024,
  selectorCost: 1_000_000,
  allocatedDevices: 32,
  reservations: 256,
};

export const DEVICE_LIMITS: DeviceLimits = {
  devicesPerSlice: 128,
  driverCharacters: 63,
  domainCharacters: 63,
  identifierCharacters: 32,
  attributeValueCharacters: 64,
  attributes: 32,
};
