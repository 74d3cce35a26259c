import type { ResourceValidationPolicy } from "@pulumi/policy";
import { ifKnown } from "../../evaluation/findings";
import { onResources } from "../../evaluation/on-resource";
import { show } from "../../evaluation/snapshot";
import { NODE_GROUPS, hasGpus, onNodeGroups } from "../../resources/node-groups";

/**
 * Checks that a GPU pool in use keeps a node. No autoscaler brings a pool with DRA devices back from zero: without a node
 * there is no ResourceSlice to say what one would offer. A parked pool (desired 0, at most 1) passes.
 * Source: kubernetes/autoscaler, docs/dra_support.md (2026-11).
 */
export const gpuPoolKeepsANode: ResourceValidationPolicy = {
  name: "gpu-pool-keeps-a-node",
  displayName: "GPU pools do not scale to zero",
  description: "Checks that a node group with GPUs has a minimum of at least one node, or is parked.",
  enforcementLevel: "mandatory",
  severity: "medium",
  tags: ["aws", "eks", "gpu", "dra"],
  remediationSteps: "Set the minimum to 1, or park the pool: minimum and desired size 0, maximum 1.",
  validateResource: onResources(
    onNodeGroups(NODE_GROUPS, (group) => {
      if (hasGpus(group) === "no") {
        return [];
      }
      const { min, desired, max } = group.size;
      if (typeof min === "number" && min > 0) {
        return [];
      }
      const parked = desired === 0 && typeof max === "number" && max <= 1;
      if (parked) {
        return [];
      }
      const sentence = `its minimum is ${show(min)}. Set it to 1: no autoscaler scales a pool with DRA devices up from zero`;
      return [ifKnown(min, "scalingConfig.minSize", "whether the pool can run out of nodes", sentence)];
    }),
  ),
};
