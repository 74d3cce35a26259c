import type { StackValidationPolicy } from "@pulumi/policy";
import { CONTAINER_TOOLKIT_SETTINGS } from "../../../src/well-known/container-toolkit";
import { prefixed, undetermined } from "../../evaluation/findings";
import type { Finding } from "../../evaluation/findings";
import { onStack } from "../../evaluation/on-stack";
import { UNKNOWN } from "../../evaluation/snapshot";
import { MANAGED_NODE_GROUPS, bootsBottlerocket, hasGpus, readNodeGroup } from "../../resources/node-groups";
import { launchTemplatesOf } from "../../resources/stack-node-groups";

/**
 * Checks that GPU nodes configure the container toolkit at boot, whatever their image ships with: GPUs for claims only.
 *
 * It looks for the two settings in the user data's text, so a script that reverts them passes. User data belongs to the platform: the policy prevents an
 * edit that loses the settings, and does not stop an attacker.
 */
export const gpuNodesHardenToolkit: StackValidationPolicy = {
  name: "gpu-nodes-harden-toolkit",
  displayName: "GPU nodes give GPUs to claims only",
  description:
    "Checks that the user data of node groups with GPUs makes the container toolkit ignore device requests of unprivileged containers.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["aws", "eks", "gpu", "tenancy"],
  remediationSteps: `In the launch template's user data, run \`nvidia-ctk config --in-place ${CONTAINER_TOOLKIT_SETTINGS.map((setting) => `--set ${setting}`).join(" ")}\` before the kubelet starts.`,
  validateStack: onStack({
    types: MANAGED_NODE_GROUPS,
    check: (nodeGroup) => {
      const group = readNodeGroup(nodeGroup);
      if (hasGpus(group) === "no" || bootsBottlerocket(group)) {
        return [];
      }
      const templates = launchTemplatesOf(nodeGroup);
      const problem =
        templates.length === 0
          ? "it has no launch template of this stack, so its nodes do not configure the container toolkit. Give it one with user data that does"
          : templates.map(({ userData }) => userDataFinding(userData)).find((found) => found !== undefined);
      return problem === undefined ? [] : [prefixed(`${nodeGroup.name}: `, problem)];
    },
  }),
};

/** What is missing in user data. Its content can hold secrets, and is never shown. */
function userDataFinding(userData: unknown): Finding | undefined {
  if (userData === UNKNOWN) {
    return undetermined("userData", "whether the nodes configure the container toolkit");
  }
  const text = typeof userData === "string" ? Buffer.from(userData, "base64").toString() : "";
  const missing = CONTAINER_TOOLKIT_SETTINGS.filter((setting) => !text.includes(setting));
  return missing.length === 0 ? undefined : `the launch template's user data does not set ${missing.join(" and ")}`;
}
