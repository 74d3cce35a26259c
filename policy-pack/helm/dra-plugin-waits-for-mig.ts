import type { ResourceValidationPolicy } from "@pulumi/policy";
import { GPU_TAINT, MIG_CONFIG_STATE_LABEL } from "../../src/well-known/labels";
import { ifKnown } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { untypedEntries } from "../evaluation/snapshot";
import { valueAt } from "../../src/json/value-at";
import { DRA_DRIVERS } from "../resources/charts";
import type { HelmChart } from "../resources/charts";
import { expectedValue, onChartsNamed } from "./expected-value";

/**
 * Checks that the DRA driver's plugin starts on nodes whose GPUs are divided, and only there. It lists the devices once, when it starts:
 * too early it publishes whole GPUs, and without the toleration it does not run at all.
 */
export const draPluginWaitsForMig: ResourceValidationPolicy = {
  name: "dra-plugin-waits-for-mig",
  displayName: "DRA plugin waits for MIG",
  description: "Checks that the kubelet plugin of NVIDIA's DRA driver waits for MIG Manager, runs on GPU nodes and publishes GPUs.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["helm", "gpu", "mig", "dra"],
  remediationSteps: `Set kubeletPlugin.nodeSelector to {"${MIG_CONFIG_STATE_LABEL}": "success"}, tolerate ${GPU_TAINT.key}, and set gpuResourcesEnabledOverride to true.`,
  validateResource: onChartsNamed(DRA_DRIVERS, (chart) => [
    ...expectedValue(
      chart,
      ["kubeletPlugin", "nodeSelector", MIG_CONFIG_STATE_LABEL],
      "success",
      "otherwise the plugin publishes GPUs before they are divided",
    ),
    ...tolerationFindings(chart),
    ...expectedValue(chart, ["gpuResourcesEnabledOverride"], true, "without it the chart installs no plugin for GPUs"),
    ...(valueAt(chart.values, "resources", "gpus", "enabled") === undefined
      ? []
      : expectedValue(chart, ["resources", "gpus", "enabled"], true, "without it the driver publishes no GPU")),
  ]),
};

function tolerationFindings(chart: HelmChart): readonly Finding[] {
  const value = valueAt(chart.values, "kubeletPlugin", "tolerations");
  // Since 0.4 the chart tolerates the taint by default.
  if (value === undefined && chart.name === "dra-driver-nvidia-gpu") {
    return [];
  }
  const tolerated = untypedEntries(value).some((toleration) => {
    const [key, operator, wanted, effect] = ["key", "operator", "value", "effect"].map((name) => valueAt(toleration, name));
    const matches =
      operator === "Exists" ? key === GPU_TAINT.key || key === undefined : key === GPU_TAINT.key && wanted === GPU_TAINT.value;
    return matches && (effect === undefined || effect === "" || effect === GPU_TAINT.effect);
  });
  if (tolerated) {
    return [];
  }
  const sentence = `"values.kubeletPlugin.tolerations" does not tolerate the taint ${GPU_TAINT.key}, so the plugin does not run on GPU nodes. Add a toleration`;
  return [ifKnown(value, "values.kubeletPlugin.tolerations", "whether the plugin runs on GPU nodes", sentence)];
}
