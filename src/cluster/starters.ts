/** Who places the pods of an object, or makes them, instead of Kubernetes' own scheduler and Job controller. */
import { valueAt } from "./objects";
import type { JsonObject } from "./objects";

/** The name of a scheduler of somebody else. @param podSpec of a pod, or of a pod template. */
export function otherScheduler(podSpec: unknown): string | undefined {
  const name = valueAt(podSpec, "schedulerName");
  return typeof name === "string" && name !== "" && name !== "default-scheduler" ? name : undefined;
}

/** The controller of somebody else that a Job is left to. Source: `JobSpec.managedBy` (feature gate JobManagedBy). */
export function otherController({ managedBy }: JsonObject): string | undefined {
  return typeof managedBy === "string" && managedBy !== "kubernetes.io/job-controller" ? managedBy : undefined;
}
