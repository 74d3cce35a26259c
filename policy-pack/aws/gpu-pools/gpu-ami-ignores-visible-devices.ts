import type { ResourceValidationPolicy } from "@pulumi/policy";
import { undetermined } from "../../evaluation/findings";
import { onResources } from "../../evaluation/on-resource";
import { UNKNOWN, show } from "../../evaluation/snapshot";
import { NODE_GROUPS, bootsBottlerocket, hasGpus, onNodeGroups } from "../../resources/node-groups";

/**
 * The first release of the AL2023 NVIDIA image that was seen to ship
 * `accept-nvidia-visible-devices-envvar-when-unprivileged = false` in /etc/nvidia-container-runtime/config.toml. 20260403 shipped `true`, and the
 * two releases between were not compared. Source: a user's comparison of both images, awslabs/amazon-eks-ami issue 2706 (2026-05-06).
 * The image's build scripts do not contain the setting, so a later release could revert it.
 */
const OLDEST_GPU_AMI = "20260423";

/** `<Kubernetes version>-<date>`, the form of the names of AL2023 images. */
const AL2023_RELEASE = /^\d+\.\d+\.\d+-(\d{8})$/;

/**
 * Checks that GPU nodes boot an image that ignores NVIDIA_VISIBLE_DEVICES of containers without privileges. With an older one, every container whose
 * image sets the variable, as NVIDIA's own do, sees all GPUs of its node without a claim.
 * Every release obeys containers with CAP_SYS_ADMIN: the policies for pods keep those out.
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
  validateResource: onResources(
    onNodeGroups(NODE_GROUPS, (group, { getConfig }) => {
      const { releaseVersion, amiType } = group;
      if (hasGpus(group) === "no" || bootsBottlerocket(group)) {
        return [];
      }
      if (amiType === "CUSTOM" || group.kind === "selfManaged") {
        return [
          "its GPU nodes boot an image that is not a release of AWS, so this policy cannot check whether it ignores NVIDIA_VISIBLE_DEVICES",
        ];
      }
      if (releaseVersion === UNKNOWN) {
        return [undetermined("releaseVersion", "whether GPU nodes ignore NVIDIA_VISIBLE_DEVICES")];
      }
      const [, date] = typeof releaseVersion === "string" ? (AL2023_RELEASE.exec(releaseVersion) ?? []) : [];
      const { oldestRelease = OLDEST_GPU_AMI } = getConfig<{ oldestRelease?: string }>();
      if (date === undefined) {
        return [
          `"releaseVersion" is ${show(releaseVersion)}, which is not a release of the AL2023 image. Use one of ${oldestRelease} or later`,
        ];
      }
      return date >= oldestRelease
        ? []
        : [
            `"releaseVersion" is ${show(releaseVersion)}, older than ${oldestRelease}: a container that sets NVIDIA_VISIBLE_DEVICES sees every GPU of the node. Use a release of ${oldestRelease} or later`,
          ];
    }),
  ),
};
