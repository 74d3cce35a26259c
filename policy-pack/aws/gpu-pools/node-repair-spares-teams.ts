import type { NodeGroupArgs } from "@pulumi/aws/eks/nodeGroup";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { XIDS_OF_WORKLOADS, noRepairAfter } from "../../../src/well-known/node-repair";
import { EKS_NODE_GROUP } from "../../../src/well-known/resource-types";
import { ifKnown, undetermined } from "../../evaluation/findings";
import { onResources, onType } from "../../evaluation/on-resource";
import { entries, field } from "../../evaluation/properties";
import { UNKNOWN } from "../../evaluation/snapshot";
import { hasGpus, readNodeGroup } from "../../resources/node-groups";

const OVERRIDES = "nodeRepairConfig.nodeRepairConfigOverrides";
const WHAT = "whether the error of one team's program reboots the node";

/**
 * Checks that EKS does not reboot a GPU node for what one team's program can cause. A reboot takes the slices of every team on the node. EKS acts if its
 * monitoring agent watches GPUs, which is the agent's default.
 */
export const nodeRepairSparesTeams: ResourceValidationPolicy = {
  name: "node-repair-spares-teams",
  displayName: "Node repair spares other teams",
  description: `Checks that node repair of a node group with GPUs does nothing after XID ${XIDS_OF_WORKLOADS.join(" and ")}, which one team's program can cause.`,
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "eks", "gpu", "tenancy"],
  remediationSteps: `Add to ${OVERRIDES}: ${XIDS_OF_WORKLOADS.map((xid) => JSON.stringify(noRepairAfter(xid))).join(", ")}.`,
  validateResource: onResources(
    onType<NodeGroupArgs>([EKS_NODE_GROUP], (properties, resource) => {
      const { nodeRepairConfig: repair } = properties;
      const enabled = field(repair, "enabled");
      if (hasGpus(readNodeGroup(resource)) === "no" || repair === undefined || enabled === undefined || enabled === false) {
        return [];
      }
      const overrides = field(repair, "nodeRepairConfigOverrides");
      if (enabled === UNKNOWN || overrides === UNKNOWN) {
        return [undetermined(enabled === UNKNOWN ? "nodeRepairConfig.enabled" : OVERRIDES, WHAT)];
      }
      return XIDS_OF_WORKLOADS.filter((xid) => {
        const { nodeMonitoringCondition, nodeUnhealthyReason, repairAction } = noRepairAfter(xid);
        return !entries(overrides).some(
          (override) =>
            field(override, "nodeMonitoringCondition") === nodeMonitoringCondition &&
            field(override, "nodeUnhealthyReason") === nodeUnhealthyReason &&
            field(override, "repairAction") === repairAction,
        );
      }).map((xid) =>
        ifKnown(
          overrides,
          OVERRIDES,
          WHAT,
          `node repair is on, and EKS reboots the node after XID ${xid}, which the program of one team can cause. Add ${JSON.stringify(noRepairAfter(xid))} to ${OVERRIDES}`,
        ),
      );
    }),
  ),
};
