import type { ResourceValidationPolicy } from "@pulumi/policy";
import { DEVICE_PLUGIN, GPU_OPERATOR } from "../resources/charts";
import { expectedValue, onChartsNamed } from "./expected-value";

/**
 * Checks that one agent allocates GPUs. The device plugin and the DRA driver do not know each other, and allocate the same GPU twice. The device
 * plugin's resources also need no claim. The GPU Operator installs it by default.
 */
export const oneGpuAllocator: ResourceValidationPolicy = {
  name: "one-gpu-allocator",
  displayName: "Only DRA allocates GPUs",
  description: "Checks that NVIDIA's device plugin is not installed next to the DRA driver.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["helm", "gpu", "dra", "tenancy"],
  remediationSteps: "Set devicePlugin.enabled to false in the values of gpu-operator, and do not install the chart nvidia-device-plugin.",
  validateResource: onChartsNamed([GPU_OPERATOR, DEVICE_PLUGIN], (chart) =>
    chart.name === DEVICE_PLUGIN
      ? ["it installs NVIDIA's device plugin, which allocates the GPUs of the DRA driver a second time. Remove the chart"]
      : expectedValue(chart, ["devicePlugin", "enabled"], false, "the device plugin and the DRA driver would allocate the same GPUs"),
  ),
};
