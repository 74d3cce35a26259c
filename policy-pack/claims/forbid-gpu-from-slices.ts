import type { ResourceValidationPolicy } from "@pulumi/policy";
import { onKubernetes } from "../evaluation/on-resource";
import { readableClaims } from "../resources/claims";
import { GPU_MODELS_SCHEMA, claimShare, invalidSettings, reachRule } from "./reach-rule";
import type { ReachSettings } from "./reach-rule";

/** The claim that puts a slice of each tier on one GPU has this share of its memory slices. One slice is left for others. */
const LARGEST_SHARE = 7 / 8;

interface ShareSettings extends Pick<ReachSettings, "gpuModels"> {
  readonly largestShare?: number;
}

/**
 * Checks that the slices of one claim do not add up to a whole GPU. Slices of several claims cannot be tied to one GPU, and the quota limits
 * those.
 */
export const forbidGpuFromSlices: ResourceValidationPolicy = {
  name: "forbid-gpu-from-slices",
  displayName: "No claim adds up to a whole GPU",
  description: "Checks that the slices of one claim, added up, leave a part of a GPU to others.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["gpu", "mig", "dra", "tenancy"],
  remediationSteps: "Request fewer slices in one claim. Only the team's quota limits several claims (a template per slice).",
  configSchema: {
    properties: {
      gpuModels: GPU_MODELS_SCHEMA,
      largestShare: {
        type: "number",
        description:
          "The largest share of the compute slices or memory slices of one GPU that a claim may have. The default leaves one memory slice of a GPU with a slice of each tier.",
        default: LARGEST_SHARE,
        exclusiveMinimum: 0,
        maximum: 1,
      },
    },
  },
  validateResource: onKubernetes((resource) => {
    const claims = readableClaims(resource);
    if (claims.length === 0) {
      return [];
    }
    const { largestShare = LARGEST_SHARE, gpuModels } = resource.getConfig<ShareSettings>();
    const settings = reachRule({ gpuModels });
    if (settings.type === "invalid") {
      return [invalidSettings(settings.reason)];
    }
    return claims.flatMap(({ object, spec }) => {
      const share = claimShare(spec, settings.rule);
      if (share === undefined || share.share <= largestShare) {
        return [];
      }
      const { model, computeSlices, memorySlices } = share;
      return [
        `${object.prefix}${object.kind}: the claim's requests together are ${computeSlices} of ${model.computeSlices} compute slices and ` +
          `${memorySlices} of ${model.memorySlices} memory slices of one ${model.name}, which is more than a claim may have. Request fewer slices`,
      ];
    });
  }),
};
