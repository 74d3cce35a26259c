/** What kube-scheduler 1.34 makes of pods with claims: which of them run where, with which devices, and why the others do not. */
export type { Node, NodeMismatch, NodeTaint, ResourceShortage } from "./allocator/nodes";
export type { SchedulerFeatures } from "./allocator/plan";
export { DEFAULT_FEATURES } from "./allocator/plan";
export type { Demand, NodeGroup, NodeRefusal, Refusal } from "./allocator/refusals";
export { formatRefusal } from "./allocator/refusals";
export type { ClaimPlacement, ClusterState, SchedulingResult } from "./allocator/scheduler";
export { schedulePods, Scheduler } from "./allocator/scheduler";
