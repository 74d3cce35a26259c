import type { ResourceValidationPolicy } from "@pulumi/policy";
import { GPU_PRESENT_LABEL, MIG_CAPABLE_LABEL, MIG_CONFIG_LABEL, MIG_CONFIG_STATE_LABEL } from "../../../src/well-known/labels";
import { undetermined } from "../../evaluation/findings";
import { onResources } from "../../evaluation/on-resource";
import { fieldsOf } from "../../evaluation/properties";
import { UNKNOWN } from "../../evaluation/snapshot";
import { NODE_GROUPS, onNodeGroups } from "../../resources/node-groups";

/**
 * Labels that the platform's own agents set, each when something has become true. If a node group sets them from the start, the GPU Operator and the DRA
 * driver begin too early, on GPUs that are not divided yet. Source: NVIDIA/gpu-operator v25.10.1, controllers/state_manager.go; the affinity
 * of the kubelet plugin in chart nvidia-dra-driver-gpu 25.8.1.
 */
const AGENTS_LABELS: readonly string[] = [GPU_PRESENT_LABEL, MIG_CAPABLE_LABEL, MIG_CONFIG_STATE_LABEL];
const AGENTS_PREFIXES: readonly string[] = ["nvidia.com/gpu.deploy.", "feature.node.kubernetes.io/"];

/** Checks that no pool has a label that says that the agents have done their work. */
export const gpuPoolLabelsLeftToAgents: ResourceValidationPolicy = {
  name: "gpu-pool-labels-left-to-agents",
  displayName: "Agents set their own node labels",
  description: "Checks that a node group does not set labels that the GPU Operator, MIG Manager and Node Feature Discovery set themselves.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "eks", "gpu", "mig"],
  remediationSteps: `Remove these labels. A GPU pool needs only ${MIG_CONFIG_LABEL}.`,
  validateResource: onResources(
    onNodeGroups(NODE_GROUPS, ({ labels }) => {
      if (labels === UNKNOWN) {
        return [undetermined("labels", "whether GPU nodes claim to be ready before they are")];
      }
      return Object.keys(fieldsOf(labels))
        .filter((key) => AGENTS_LABELS.includes(key) || AGENTS_PREFIXES.some((prefix) => key.startsWith(prefix)))
        .map(
          (key) =>
            `it sets the label ${key}, which the platform's agents set when they are done. Remove it, otherwise other agents start too early`,
        );
    }),
  ),
};
