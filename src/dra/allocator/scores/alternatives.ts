/**
 * Which alternatives a pod's requests get on a node: the earlier, the better.
 * Source: `computeScore` of `pkg/scheduler/framework/plugins/dynamicresources` of Kubernetes v1.35.4 and v1.36.3. 1.34 does not score it.
 */
import type { ChosenDevice } from "../devices/assignment";
import type { ClaimPlan } from "../devices/plan";

/** `FirstAvailableDeviceRequestMaxSize` of `k8s.io/api/resource/v1`. */
const MOST_ALTERNATIVES = 8;

/** @param devices per claim of the plans */
export function alternativesScore(plans: readonly ClaimPlan[], devices: readonly (readonly ChosenDevice[])[]): number {
  return plans.reduce((sum, { requests }, position) => sum + ofClaim(requests, devices[position] ?? []), 0);
}

function ofClaim(requests: ClaimPlan["requests"], devices: readonly ChosenDevice[]): number {
  const given = new Set(devices.map(({ alternative }) => alternative.reference));
  return requests
    .flatMap((alternatives) => alternatives.map(({ reference }, index) => ({ reference, index })))
    .filter(({ reference }) => reference.includes("/") && given.has(reference))
    .reduce((sum, { index }) => sum + MOST_ALTERNATIVES - index, 0);
}
