/** Who makes the pods of a Job instead of Kubernetes' own controller. */
import type { JsonObject } from "./objects";

/** The controller of somebody else that a Job is left to. Source: `JobSpec.managedBy` (feature gate JobManagedBy). */
export function otherController({ managedBy }: JsonObject): string | undefined {
  return typeof managedBy === "string" && managedBy !== "kubernetes.io/job-controller" ? managedBy : undefined;
}
