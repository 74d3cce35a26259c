import type { ResourceValidationPolicy } from "@pulumi/policy";
import { isStockLayout } from "../../../src/hardware/layouts";
import { MIG_CONFIG_LABEL } from "../../../src/well-known/labels";
import { undetermined } from "../../evaluation/findings";
import { onResources } from "../../evaluation/on-resource";
import { field } from "../../evaluation/properties";
import { UNKNOWN, show } from "../../evaluation/snapshot";
import { NODE_GROUPS, onNodeGroups } from "../../resources/node-groups";
import { layoutFindings } from "../../resources/pool-layout";

/**
 * Checks that the GPUs of a pool can have the layout that its label names. The policy `mig-layouts-fit`, which sees the whole stack, checks names that
 * MIG Manager does not ship.
 */
export const gpuPoolLayoutLegal: ResourceValidationPolicy = {
  name: "gpu-pool-layout-legal",
  displayName: "MIG layouts are legal",
  description: `Checks that the layout in a node group's label ${MIG_CONFIG_LABEL} exists for the GPUs of its instance types.`,
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "eks", "gpu", "mig"],
  remediationSteps: "Name a layout that MIG Manager ships for this GPU, such as all-balanced.",
  validateResource: onResources(
    onNodeGroups(NODE_GROUPS, ({ labels, instanceTypes }) => {
      const name: unknown = field(labels, MIG_CONFIG_LABEL);
      if (name === UNKNOWN) {
        return [undetermined(labels === UNKNOWN ? "labels" : `labels["${MIG_CONFIG_LABEL}"]`, "how the GPUs are divided")];
      }
      if (name === undefined || instanceTypes === undefined) {
        return [];
      }
      if (instanceTypes === UNKNOWN) {
        return [undetermined("instanceTypes", `whether the layout ${show(name)} is legal`)];
      }
      const spec = typeof name === "string" && isStockLayout(name) ? name : undefined;
      return instanceTypes.flatMap((type) => layoutFindings(name, type, spec));
    }),
  ),
};
