/** The pods that workload objects make: one per replica, completion or matching node. */
import { readPodSpec } from "../dra/pods";
import type { Pod, ResourceAmounts } from "../dra/pods";
import { podLimits } from "./limits";
import type { LimitRanges } from "./limits";
import { objectAt, valueAt } from "./objects";
import type { ClusterObject, JsonObject } from "./objects";

/** A pod together with the object that makes it. */
export interface PlannedPod {
  readonly owner: ClusterObject;
  readonly pod: Pod;
  /** What it may use at most. */
  readonly limits: ResourceAmounts;
}

export interface InvalidWorkload {
  readonly owner: ClusterObject;
  readonly problems: readonly string[];
}

/** Pod template and number of pods of a workload; undefined for objects that make no pods. */
interface Workload {
  readonly spec: unknown;
  /** Path of the pod's spec in the object, for problems. */
  readonly path: string;
  readonly pods: { readonly type: "count"; readonly count: number } | { readonly type: "perNode" };
}

const CONTROLLER_GROUPS: Readonly<Record<string, string>> = {
  Pod: "v1",
  ReplicationController: "v1",
  Deployment: "apps/v1",
  ReplicaSet: "apps/v1",
  StatefulSet: "apps/v1",
  DaemonSet: "apps/v1",
  Job: "batch/v1",
  CronJob: "batch/v1",
};

function workloadOf(object: ClusterObject): Workload | undefined {
  if (CONTROLLER_GROUPS[object.kind] !== object.apiVersion) {
    return undefined;
  }
  const spec = objectAt(object.body, "spec");
  const template = valueAt(spec, "template", "spec");
  const count = (value: number) => ({ type: "count" as const, count: value });
  switch (object.kind) {
    case "Pod":
      return { spec, path: "spec", pods: count(1) };
    case "DaemonSet":
      return { spec: template, path: "spec.template.spec", pods: { type: "perNode" } };
    case "Job":
      return { spec: template, path: "spec.template.spec", pods: count(jobPods(spec)) };
    case "CronJob":
      // One run; runs that overlap would come on top.
      return {
        spec: valueAt(spec, "jobTemplate", "spec", "template", "spec"),
        path: "spec.jobTemplate.spec.template.spec",
        pods: count(spec["suspend"] === true ? 0 : jobPods(objectAt(spec, "jobTemplate", "spec"))),
      };
    default:
      return { spec: template, path: "spec.template.spec", pods: count(Number(spec["replicas"] ?? 1)) };
  }
}

/** Pods of a job at one time. */
function jobPods(spec: JsonObject): number {
  const parallelism = Number(spec["parallelism"] ?? 1);
  return spec["suspend"] === true ? 0 : Math.min(parallelism, Number(spec["completions"] ?? parallelism));
}

/**
 * The pods of one object, or what is wrong with them.
 * @param ranges fill in what containers do not say.
 * @param nodes names of all nodes. A DaemonSet makes a pod for each; which of them it fits is the scheduler's to say.
 */
export function podsOf(
  object: ClusterObject,
  ranges: LimitRanges,
  nodes: readonly string[],
):
  | { readonly type: "pods"; readonly pods: readonly PlannedPod[] }
  | { readonly type: "invalid"; readonly invalid: InvalidWorkload }
  | { readonly type: "none" } {
  const workload = workloadOf(object);
  if (workload === undefined) {
    return { type: "none" };
  }
  const spec = ranges.apply(object.namespace, workload.spec);
  const reading = readPodSpec(spec, { name: object.name, namespace: object.namespace, path: workload.path });
  if (reading.type === "invalid") {
    return { type: "invalid", invalid: { owner: object, problems: reading.problems } };
  }
  const { pod } = reading;
  const instances =
    workload.pods.type === "perNode"
      ? nodes.map((nodeName, index) => ({ ...pod, name: `${object.name}-${index}`, nodeName }))
      : Array.from({ length: workload.pods.count }, (_, index) => ({
          ...pod,
          name: object.kind === "Pod" ? object.name : `${object.name}-${index}`,
        }));
  const limits = podLimits(spec);
  return { type: "pods", pods: instances.map((instance) => ({ owner: object, pod: instance, limits })) };
}
