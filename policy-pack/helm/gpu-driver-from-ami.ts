import type { ResourceValidationPolicy } from "@pulumi/policy";
import { GPU_OPERATOR } from "../resources/charts";
import { expectedValue, onChartsNamed } from "./expected-value";

/** Checks that the operator installs no driver and no container toolkit. The nodes' image has both, and a second driver does not load. */
export const gpuDriverFromAmi: ResourceValidationPolicy = {
  name: "gpu-driver-from-ami",
  displayName: "The image provides driver and toolkit",
  description: "Checks that the GPU Operator installs neither driver nor container toolkit, because the EKS NVIDIA image has them.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["helm", "gpu"],
  remediationSteps: "Set driver.enabled and toolkit.enabled to false in the values of gpu-operator.",
  validateResource: onChartsNamed([GPU_OPERATOR], (chart) => [
    ...expectedValue(chart, ["driver", "enabled"], false, "the nodes' image has a driver"),
    ...expectedValue(
      chart,
      ["toolkit", "enabled"],
      false,
      "the nodes' image has the container toolkit, configured to ignore NVIDIA_VISIBLE_DEVICES",
    ),
  ]),
};
