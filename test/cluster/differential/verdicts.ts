/** What becomes of a pod, in the terms that kube-scheduler's answer and the model's have in common. */
import type { SchedulingResult } from "../../../src/dra/allocator";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { schedulingFailure } from "../../../src/live/scheduling";

export type Verdict =
  | { readonly type: "placed"; readonly nodeName: string }
  | {
      readonly type: "pending";
      /** Reason of the pod's condition; `Waiting`: the scheduler does not look at the pod and says nothing, since a claim of it does not exist. */
      readonly reason: "Unschedulable" | "SchedulerError" | "SchedulingGated" | "Waiting";
      readonly message: string;
    };

type Refusal = Extract<SchedulingResult, { type: "refused" }>["refusal"];

/** What kube-scheduler says where the model has a refusal of this type. */
const REASONS: Readonly<Record<Refusal["type"], Extract<Verdict, { type: "pending" }>["reason"]>> = {
  schedulingGates: "SchedulingGated",
  missingClaim: "Waiting",
  missingTemplate: "Waiting",
  missingClass: "Unschedulable",
  // Not drawn: the model refuses it on purpose.
  extendedResource: "Unschedulable",
  fullClaim: "Unschedulable",
  volume: "Unschedulable",
  schedulerError: "SchedulerError",
  noNodeFits: "Unschedulable",
};

export function verdictOfModel(result: SchedulingResult): Verdict {
  return result.type === "placed"
    ? { type: "placed", nodeName: result.nodeName }
    : { type: "pending", reason: REASONS[result.refusal.type], message: result.message };
}

/** What kube-scheduler has written into a pod; undefined: nothing that lasts. */
export function verdictIn(pod: KubernetesObject): Verdict | undefined {
  const { nodeName } = pod["spec"];
  if (nodeName !== undefined) {
    return { type: "placed", nodeName: String(nodeName) };
  }
  const failure = schedulingFailure(pod);
  return failure && { type: "pending", reason: failure.reason as "Unschedulable", message: failure.message };
}

export function isSame(one: Verdict, other: Verdict): boolean {
  // Which of the nodes that fit it takes is asked for otherwise (`preferredTo`).
  return one.type === "placed" || other.type === "placed" ? one.type === other.type : one.reason === other.reason;
}
