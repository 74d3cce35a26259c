import type { ResourceValidationPolicy } from "@pulumi/policy";
import { prefixed } from "../evaluation/findings";
import { onKubernetes } from "../evaluation/on-resource";
import { objectsToCheck } from "../platform/registrant";
import { PLATFORM_SCHEMA } from "../platform/settings";
import { podTemplates } from "../resources/pod-specs";
import { gpuBypasses } from "./gpu-bypasses";

/**
 * Checks that pods get GPUs through claims only. "Near GPUs" is a pod that tolerates the taint of the GPU nodes or has a claim. Every pod, near GPUs or not,
 * must not name a GPU in another way. In pods near GPUs each container must also use a claim or decline devices.
 */
export const forbidGpusWithoutClaim: ResourceValidationPolicy = {
  name: "forbid-gpus-without-claim",
  displayName: "Pods get GPUs through claims only",
  description:
    "Checks that no pod gets a GPU without a claim: by device plugin resources, variables, mounts, annotations or runtime classes, or by running on a GPU node without one.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["gpu", "dra", "pods", "tenancy"],
  remediationSteps:
    "Name a claim template in the pod's resourceClaims (mig-small-template, mig-medium-template, mig-large-template). Name the claim in resources.claims of the containers that use it. Set NVIDIA_VISIBLE_DEVICES to void in the pod's other containers.",
  configSchema: { properties: PLATFORM_SCHEMA },
  validateResource: onKubernetes((resource) =>
    objectsToCheck(resource).flatMap((object) =>
      podTemplates(object)
        .flatMap((pod) => gpuBypasses(pod, object.isPatch))
        .map((finding) => prefixed(`${object.kind}: `, finding)),
    ),
  ),
};
