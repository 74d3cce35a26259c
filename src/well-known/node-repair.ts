/** What EKS node repair does about errors of GPUs. */

/** Errors that one container's kernel can cause, and after which the GPU works on: 13 (an exception in the engine) and 31 (a fault of its memory access). */
export const XIDS_OF_WORKLOADS: readonly number[] = [13, 31];

/** An entry of `nodeRepairConfigOverrides` of a node group. */
export interface NodeRepairOverride {
  readonly nodeMonitoringCondition: string;
  readonly nodeUnhealthyReason: string;
  readonly minRepairWaitTimeMins: number;
  readonly repairAction: string;
}

/**
 * EKS does nothing after an XID. By default it reboots the node after those of {@link XIDS_OF_WORKLOADS}, if its monitoring agent watches GPUs.
 * Source: Amazon EKS user guide, "Detect node health issues" (NVIDIA XID error codes), and API reference, `NodeRepairConfigOverrides` (read 2026-11-28).
 */
export function noRepairAfter(xid: number): NodeRepairOverride {
  return {
    nodeMonitoringCondition: "AcceleratedHardwareReady",
    nodeUnhealthyReason: `NvidiaXID${xid}Error`,
    minRepairWaitTimeMins: 10,
    repairAction: "NoAction",
  };
}
