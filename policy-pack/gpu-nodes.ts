/** Which pods can come to a GPU node, and which of their containers have a slice there. */
import { GPU_TAINT } from "../src/well-known/labels";
import { UNKNOWN, entries, asRecord } from "./snapshot";
import type { PodContainer, PodTemplate } from "./pod-specs";

/**
 * Whether a pod tolerates the taint of the GPU nodes. A toleration without key is one of every key, one without effect of every effect; the
 * value is not looked at, so that a pool tainted with another one is covered too. What is unknown may tolerate it.
 */
export function toleratesGpuTaint({ spec }: PodTemplate): boolean {
  const { tolerations } = spec;
  if (tolerations === UNKNOWN) {
    return true;
  }
  return entries(tolerations).some((item) => {
    const { key, effect } = asRecord(item);
    return item === UNKNOWN || (mayBe(key, GPU_TAINT.key) && mayBe(effect, GPU_TAINT.effect));
  });
}

function mayBe(value: unknown, wanted: string): boolean {
  return value === undefined || value === null || value === "" || value === UNKNOWN || value === wanted;
}

/** Whether a pod names a claim or a claim template. */
export function hasClaims({ spec }: PodTemplate): boolean {
  return entries(spec["resourceClaims"]).length > 0;
}

/** Whether a pod is near GPUs: it can be scheduled to their nodes, or holds a claim for one of their slices. */
export function isNearGpus(pod: PodTemplate): boolean {
  return toleratesGpuTaint(pod) || hasClaims(pod) || pod.spec["resourceClaims"] === UNKNOWN;
}

/** Whether a container uses one of its pod's claims, so that the driver gives it the claimed slices and sets NVIDIA_VISIBLE_DEVICES to `void`. */
export function usesClaim({ spec }: PodTemplate, { content }: PodContainer): boolean {
  const names = entries(spec["resourceClaims"]).map((claim) => asRecord(claim)["name"]);
  return entries(asRecord(content["resources"])["claims"]).some((claim) => {
    const { name } = asRecord(claim);
    return typeof name === "string" && names.includes(name);
  });
}
