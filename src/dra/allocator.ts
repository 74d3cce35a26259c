/** What kube-scheduler makes of pods with claims: which of them run where, with which devices, and why the others do not. */
export type { NodeChoice } from "./allocator/scores/scorer";
export { cordoned, openLabels, uncordoned } from "./allocator/nodes/nodes";
export type { Node, NodeMismatch, NodeTaint, ResourceShortage } from "./allocator/nodes/nodes";
export type { Demand, NodeGroup, NodeRefusal, Refusal } from "./allocator/refusals/refusals";
export { formatRefusal } from "./allocator/refusals/refusals";
export type { Attempt, ClaimPlacement, ClusterState, Placed, RunningPod, SchedulingResult } from "./allocator/scheduler";
export { schedulePods, Scheduler } from "./allocator/scheduler";
export { tryAgain } from "./allocator/try-again";
