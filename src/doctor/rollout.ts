/** Whether a `pulumi up` is still at work, as far as the cluster shows: the partition gate's Job is its last step before the workloads. */
import { listAt, nameOf } from "../cluster/objects";
import type { JsonObject } from "../cluster/objects";
import { valueAt } from "../json/value-at";
import { PARTITION_GATE_NAMESPACE } from "../well-known/namespaces";
import { ageOf, sinceMs } from "./cluster";
import type { ObservedCluster } from "./cluster";
import { gateConfigMapOf } from "./declaration";
import type { Declaration } from "./declaration";
import { PATIENCE_MS } from "./patience";

export type Rollout =
  /** What the stack declares can be missing. */
  | { readonly type: "running"; readonly waitsFor: string }
  /** The gate has passed, or it is unknown whether there is one. */
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly message: string }
  /** The gate waited for another configuration. */
  | { readonly type: "otherConfiguration" };

export function rolloutOf({ observation, now, hasRead }: ObservedCluster, { gateConfigMap }: Declaration): Rollout {
  const gate = observation.objects.Job.find((job) => valueAt(job, "metadata", "namespace") === PARTITION_GATE_NAMESPACE);
  if (!hasRead("Job") || gateConfigMap === undefined) {
    return { type: "done" };
  }
  if (gate === undefined) {
    const kubeSystem = observation.objects.Namespace.find((namespace) => nameOf(namespace) === "kube-system");
    const isNew = kubeSystem !== undefined && ageOf(kubeSystem, now) < PATIENCE_MS.beforeGate;
    return isNew
      ? { type: "running", waitsFor: "pulumi up begins with the partition gate" }
      : { type: "failed", message: "there is no partition gate" };
  }
  const ended = (type: string) =>
    listAt(gate, "status", "conditions").find((each) => valueAt(each, "type") === type && valueAt(each, "status") === "True");
  const [complete, failed] = [ended("Complete"), ended("Failed")];
  if (complete === undefined && failed === undefined) {
    const limitMs = Number(valueAt(gate, "spec", "activeDeadlineSeconds") ?? 0) * 1000 + PATIENCE_MS.afterGate;
    return ageOf(gate, now) < limitMs ? { type: "running", waitsFor: "the partition gate ends" } : failure(gate);
  }
  if (sinceMs(valueAt(complete ?? failed, "lastTransitionTime"), now) < PATIENCE_MS.afterGate) {
    return { type: "running", waitsFor: "pulumi up creates what comes after the partition gate" };
  }
  if (gateConfigMapOf(gate) !== gateConfigMap) {
    return { type: "otherConfiguration" };
  }
  return failed === undefined ? { type: "done" } : failure(gate);
}

function failure(gate: JsonObject): Rollout {
  return { type: "failed", message: `the Job ${nameOf(gate)} did not succeed` };
}
