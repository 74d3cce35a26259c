/** Policies for what GPU nodes are told at boot. */
import type { StackValidationPolicy } from "@pulumi/policy";
import { CONTAINER_TOOLKIT_SETTINGS } from "../src/well-known/container-toolkit";
import { LAUNCH_TEMPLATE } from "../src/well-known/resource-types";
import { MANAGED_NODE_GROUPS, hasGpus, readNodeGroup } from "./aws-node-groups";
import { prefixed, undetermined } from "./findings";
import type { Finding } from "./findings";
import { onStack } from "./on-stack";
import { UNKNOWN } from "./snapshot";

/**
 * Checks that GPU nodes set the container toolkit at boot, whatever their image was shipped with: GPUs for claims only. The launch template is found by
 * the node group's dependency, since its id is unknown in the first preview.
 *
 * It looks for the two settings in the user data's text, so that a script which undoes them would pass: user data is the platform's, and this keeps
 * an edit of it from losing the settings, not an attacker out.
 */
export const gpuNodesHardenToolkit: StackValidationPolicy = {
  name: "gpu-nodes-harden-toolkit",
  displayName: "GPU nodes give GPUs to claims only",
  description:
    "Checks that the user data of node groups with GPUs has the container toolkit ignore device requests of unprivileged containers.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["aws", "eks", "gpu", "tenancy"],
  remediationSteps: `Have the launch template's user data run \`nvidia-ctk config --in-place ${CONTAINER_TOOLKIT_SETTINGS.map((setting) => `--set ${setting}`).join(" ")}\` before the kubelet starts.`,
  validateStack: onStack({
    types: MANAGED_NODE_GROUPS,
    check: (nodeGroup) => {
      const group = readNodeGroup(nodeGroup.type, nodeGroup.props);
      // Bottlerocket ignores the variable unless told otherwise, and takes no scripts.
      const isBottlerocket = typeof group.amiType === "string" && group.amiType.startsWith("BOTTLEROCKET");
      if (hasGpus(group) === "no" || isBottlerocket) return [];
      const templates = nodeGroup.sourcesOf("launchTemplate").filter(({ type }) => type === LAUNCH_TEMPLATE);
      const problem =
        templates.length === 0
          ? "no launch template of this stack tells its nodes how to set the container toolkit"
          : templates.map(({ props }) => userDataProblem(props["userData"])).find((found) => found !== undefined);
      return problem === undefined ? [] : [prefixed(`${nodeGroup.name}: `, problem)];
    },
  }),
};

/** What is missing in user data; its content, which can hold secrets, is never shown. */
function userDataProblem(userData: unknown): Finding | undefined {
  if (userData === UNKNOWN) return undetermined("userData", "whether the nodes set the container toolkit");
  const text = typeof userData === "string" ? Buffer.from(userData, "base64").toString() : "";
  const missing = CONTAINER_TOOLKIT_SETTINGS.filter((setting) => !text.includes(setting));
  return missing.length === 0 ? undefined : `the launch template's user data does not set ${missing.join(" and ")}`;
}
