/** Policies for the images of nodes. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { newestRelease } from "../src/releases/find";
import { MANAGED_NODE_GROUPS, NODE_GROUPS, hasGpus, readNodeGroup } from "./aws-node-groups";
import { ifKnown, undetermined } from "./findings";
import { onTypes } from "./on-types";
import { UNKNOWN, show } from "./snapshot";

/** Checks that AWS publishing an image does not replace nodes: without a release version EKS takes the newest at every change. */
export const nodeAmiReleasePinned: ResourceValidationPolicy = {
  name: "node-ami-release-pinned",
  displayName: "Node images are pinned",
  description: "Checks that a managed node group names the release of its image.",
  enforcementLevel: "mandatory",
  severity: "medium",
  tags: ["aws", "eks", "supply-chain"],
  remediationSteps: `Set releaseVersion, for example ${newestRelease().gpuAmi.releaseVersion}.`,
  validateResource: onTypes(MANAGED_NODE_GROUPS, (properties, args) => {
    const { releaseVersion, amiType } = readNodeGroup(args.type, properties);
    // An image of one's own is named by its id; EKS refuses a release version beside it.
    if (amiType === "CUSTOM") return [];
    if (typeof releaseVersion === "string" && releaseVersion !== "") return [];
    const sentence = `"releaseVersion" is ${show(releaseVersion)}: the nodes boot whatever image is the newest that day`;
    return [ifKnown(releaseVersion, "releaseVersion", "which image the nodes boot", sentence)];
  }),
};

/**
 * The first release of the AL2023 NVIDIA image that was seen to ship
 * `accept-nvidia-visible-devices-envvar-when-unprivileged = false` in /etc/nvidia-container-runtime/config.toml; 20260403 shipped `true`, and of
 * the two releases between nothing is known. Source: a user's comparison of both images, awslabs/amazon-eks-ami issue 2706 (2026-05-06).
 * The image's build scripts say nothing about the setting, so that a later release could turn it back.
 */
const OLDEST_GPU_AMI = "20260423";

/** `<Kubernetes version>-<date>`, as AL2023 images are called. */
const AL2023_RELEASE = /^\d+\.\d+\.\d+-(\d{8})$/;

/**
 * Checks that GPU nodes boot an image that ignores NVIDIA_VISIBLE_DEVICES of containers without privileges. With an older one every image that
 * sets the variable, as NVIDIA's own do, sees all GPUs of its node without a claim.
 * Containers with CAP_SYS_ADMIN are heeded by every release: keeping them out is the work of the policies for pods.
 */
export const gpuAmiIgnoresVisibleDevices: ResourceValidationPolicy = {
  name: "gpu-ami-ignores-visible-devices",
  displayName: "GPU images ignore NVIDIA_VISIBLE_DEVICES",
  description: "Checks that a node group with GPUs boots an image release that ignores NVIDIA_VISIBLE_DEVICES of unprivileged containers.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["aws", "eks", "gpu", "tenancy"],
  remediationSteps: `Set releaseVersion of the GPU node group to a release of ${OLDEST_GPU_AMI} or later.`,
  configSchema: {
    properties: {
      oldestRelease: {
        type: "string",
        pattern: "^\\d{8}$",
        description: "Date of the oldest AL2023 NVIDIA image that GPU nodes may boot.",
        default: OLDEST_GPU_AMI,
      },
    },
  },
  validateResource: onTypes(NODE_GROUPS, (properties, args) => {
    const group = readNodeGroup(args.type, properties);
    const { releaseVersion, amiType } = group;
    if (hasGpus(group) === "no") return [];
    // Bottlerocket ignores the variable unless told otherwise (its settings reference, nvidia-container-runtime).
    if (typeof amiType === "string" && amiType.startsWith("BOTTLEROCKET")) return [];
    if (amiType === "CUSTOM" || group.kind === "selfManaged") {
      return ["its GPU nodes boot an image that is no release of AWS, so this policy cannot check whether it heeds NVIDIA_VISIBLE_DEVICES"];
    }
    if (releaseVersion === UNKNOWN) return [undetermined("releaseVersion", "whether GPU nodes heed NVIDIA_VISIBLE_DEVICES")];
    const [, date] = typeof releaseVersion === "string" ? (AL2023_RELEASE.exec(releaseVersion) ?? []) : [];
    const { oldestRelease = OLDEST_GPU_AMI } = args.getConfig<{ oldestRelease?: string }>();
    if (date === undefined) {
      return [
        `"releaseVersion" is ${show(releaseVersion)}, which is no release of the AL2023 image; it has to be one of ${oldestRelease} or later`,
      ];
    }
    return date >= oldestRelease
      ? []
      : [
          `"releaseVersion" is ${show(releaseVersion)}, older than ${oldestRelease}: its containers see every GPU of the node once they set NVIDIA_VISIBLE_DEVICES`,
        ];
  }),
};
