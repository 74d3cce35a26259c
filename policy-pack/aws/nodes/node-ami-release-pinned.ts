import type { ResourceValidationPolicy } from "@pulumi/policy";
import { defaultRelease } from "../../../src/releases/find";
import { ifKnown } from "../../evaluation/findings";
import { onResources } from "../../evaluation/on-resource";
import { show } from "../../evaluation/snapshot";
import { MANAGED_NODE_GROUPS, onNodeGroups } from "../../resources/node-groups";

/** Checks that a new image of AWS does not replace nodes: without a release version EKS takes the newest at every change. */
export const nodeAmiReleasePinned: ResourceValidationPolicy = {
  name: "node-ami-release-pinned",
  displayName: "Node images are pinned",
  description: "Checks that a managed node group names the release of its image.",
  enforcementLevel: "mandatory",
  severity: "medium",
  tags: ["aws", "eks", "supply-chain"],
  remediationSteps: `Set releaseVersion, for example ${defaultRelease().gpuAmi.releaseVersion}.`,
  validateResource: onResources(
    onNodeGroups(MANAGED_NODE_GROUPS, ({ releaseVersion, amiType }) => {
      // A custom image is named by its id, and EKS refuses a release version with it.
      if (amiType === "CUSTOM" || (typeof releaseVersion === "string" && releaseVersion !== "")) {
        return [];
      }
      const sentence = `"releaseVersion" is ${show(releaseVersion)}, so the nodes boot the newest image of the day. Set it to one release`;
      return [ifKnown(releaseVersion, "releaseVersion", "which image the nodes boot", sentence)];
    }),
  ),
};
