import type { ResourceValidationPolicy } from "@pulumi/policy";
import { GPU_TAINT } from "../../../src/well-known/labels";
import { ifKnown, undetermined } from "../../evaluation/findings";
import { onResources } from "../../evaluation/on-resource";
import { UNKNOWN } from "../../evaluation/snapshot";
import { NODE_GROUPS, hasGpus, onNodeGroups } from "../../resources/node-groups";

const WHAT = "whether GPU nodes keep other pods away";

/**
 * Checks that GPU nodes take no pod that did not ask for a GPU. On the nodes' image every container runs with the NVIDIA runtime. What keeps a pod
 * without a claim, and the NVIDIA_VISIBLE_DEVICES of its image, away from the GPUs is first of all that it does not run there.
 */
export const gpuPoolTainted: ResourceValidationPolicy = {
  name: "gpu-pool-tainted",
  displayName: "GPU pools are tainted",
  description: `Checks that a node group with GPUs has the taint ${GPU_TAINT.key} with the effect ${GPU_TAINT.effect}.`,
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["aws", "eks", "gpu", "tenancy"],
  remediationSteps: `Add the taint {key: "${GPU_TAINT.key}", value: "${GPU_TAINT.value}", effect: "NO_SCHEDULE"}.`,
  validateResource: onResources(
    onNodeGroups(NODE_GROUPS, (group) => {
      const gpus = hasGpus(group);
      if (gpus === "no") {
        return [];
      }
      if (group.taints === UNKNOWN) {
        return [undetermined("taints", WHAT)];
      }
      if (group.taints.some(({ key, effect }) => key === GPU_TAINT.key && (effect === "NO_SCHEDULE" || effect === GPU_TAINT.effect))) {
        return [];
      }
      const reason = gpus === "yes" ? "its nodes have GPUs" : "its nodes may have GPUs, which this policy cannot see";
      const sentence = `${reason}, and it has no taint ${GPU_TAINT.key} with the effect NO_SCHEDULE. Add the taint: without it any pod can run there`;
      return [ifKnown(group.taints, "taints", WHAT, sentence)];
    }),
  ),
};
