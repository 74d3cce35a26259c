/** Which pods can come to a GPU node, and which of their containers have a slice there. */
import { GPU_TAINT } from "../../src/well-known/labels";
import { entries, field } from "../evaluation/properties";
import { UNKNOWN } from "../evaluation/snapshot";
import type { PodContainer, PodTemplate } from "./pod-specs";

/**
 * Whether a pod tolerates the taint of the GPU nodes. A toleration without key is one of every key, one without effect of every effect. The
 * value is not compared, so that a pool tainted with another value is included. An unknown toleration may tolerate it.
 */
export function toleratesGpuTaint({ spec }: PodTemplate): boolean {
  const { tolerations } = spec;
  if (tolerations === UNKNOWN) {
    return true;
  }
  return entries(tolerations).some((item) => mayBe(field(item, "key"), GPU_TAINT.key) && mayBe(field(item, "effect"), GPU_TAINT.effect));
}

function mayBe(value: unknown, wanted: string): boolean {
  return value === undefined || value === null || value === "" || value === UNKNOWN || value === wanted;
}

/** Whether a pod names a claim or a claim template. */
export function hasClaims({ spec }: PodTemplate): boolean {
  return entries(spec.resourceClaims).length > 0;
}

/** Whether a pod is near GPUs: it can be scheduled to their nodes, or has a claim for one of their slices. */
export function isNearGpus(pod: PodTemplate): boolean {
  return toleratesGpuTaint(pod) || hasClaims(pod) || pod.spec.resourceClaims === UNKNOWN;
}

/** Whether a container uses one of its pod's claims, so that the driver gives it the claimed slices and sets NVIDIA_VISIBLE_DEVICES to `void`. */
export function usesClaim({ spec }: PodTemplate, { content }: PodContainer): boolean {
  const names: readonly unknown[] = entries(spec.resourceClaims).map((claim) => field(claim, "name"));
  return entries(field(content, "resources", "claims")).some((claim) => {
    const name = field(claim, "name");
    return typeof name === "string" && names.includes(name);
  });
}
