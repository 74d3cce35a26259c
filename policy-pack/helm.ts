/** Policies for Helm charts: values that break the platform or the separation of its tenants, one chart at a time. */
import type { Policies, ResourceValidationPolicy } from "@pulumi/policy";
import { GPU_TAINT, MIG_CONFIG_STATE_LABEL } from "../src/well-known/labels";
import { CHART_TYPES, DEVICE_PLUGIN, DRA_DRIVERS, GPU_OPERATOR, readChart, valueAt } from "./helm-chart";
import type { HelmChart } from "./helm-chart";
import { migLayoutsFit, serviceMonitorHasMonitoring } from "./helm-stack";
import { passwordPaths } from "./helm-passwords";
import { ifKnown, undetermined } from "./findings";
import type { Finding } from "./findings";
import { onTypes } from "./on-types";
import { UNKNOWN, entries, field, show } from "./snapshot";

/** A rule for charts of some names. */
function forCharts(names: readonly string[], check: (chart: HelmChart) => readonly Finding[]) {
  return onTypes(CHART_TYPES, (properties) => {
    const chart = readChart(properties);
    if (chart.reference === UNKNOWN) return [undetermined("chart", "which chart is installed")];
    return chart.name !== undefined && names.includes(chart.name) ? check(chart) : [];
  });
}

/** A value that has to be said, because the chart's default is another. */
function expected(chart: HelmChart, path: readonly string[], wanted: unknown, reason: string): readonly Finding[] {
  const value = valueAt(chart, ...path);
  if (value === wanted) return [];
  const name = `values.${path.join(".")}`;
  return [ifKnown(value, name, `whether it is ${show(wanted)}`, `"${name}" is ${show(value)} and has to be ${show(wanted)}: ${reason}`)];
}

/**
 * Checks that one agent hands out GPUs. Device plugin and DRA driver do not know of one another and give the same GPU away twice; and the device
 * plugin's resources need no claim. The GPU Operator brings it unless told otherwise.
 */
export const oneGpuAllocator: ResourceValidationPolicy = {
  name: "one-gpu-allocator",
  displayName: "DRA alone hands out GPUs",
  description: "Checks that NVIDIA's device plugin is not installed beside the DRA driver.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["helm", "gpu", "dra", "tenancy"],
  remediationSteps: "Set devicePlugin.enabled to false in the values of gpu-operator, and do not install the chart nvidia-device-plugin.",
  validateResource: forCharts([GPU_OPERATOR, DEVICE_PLUGIN], (chart) =>
    chart.name === DEVICE_PLUGIN
      ? ["it installs NVIDIA's device plugin, which hands out the GPUs of the DRA driver a second time"]
      : expected(chart, ["devicePlugin", "enabled"], false, "device plugin and DRA driver would hand out the same GPUs"),
  ),
};

/** Checks that the operator leaves driver and container toolkit alone. The nodes' image has both; a second driver does not load. */
export const gpuDriverFromAmi: ResourceValidationPolicy = {
  name: "gpu-driver-from-ami",
  displayName: "Driver and toolkit come with the image",
  description: "Checks that the GPU Operator installs neither driver nor container toolkit, which the EKS NVIDIA image brings.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["helm", "gpu"],
  remediationSteps: "Set driver.enabled and toolkit.enabled to false in the values of gpu-operator.",
  validateResource: forCharts([GPU_OPERATOR], (chart) => [
    ...expected(chart, ["driver", "enabled"], false, "the nodes' image has a driver"),
    ...expected(
      chart,
      ["toolkit", "enabled"],
      false,
      "the nodes' image has the container toolkit, and sets it up to ignore NVIDIA_VISIBLE_DEVICES",
    ),
  ]),
};

/** Checks that what divides the GPUs is on: MIG Manager, and GPU Feature Discovery, whose label starts it. Both are by default. */
export const migManagerRuns: ResourceValidationPolicy = {
  name: "mig-manager-runs",
  displayName: "MIG Manager runs",
  description: "Checks that the GPU Operator runs MIG Manager and what it needs.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["helm", "gpu", "mig"],
  remediationSteps: "Leave migManager.enabled, gfd.enabled and nfd.enabled at true.",
  validateResource: forCharts([GPU_OPERATOR], (chart) =>
    ["migManager", "gfd", "nfd"].flatMap((part) =>
      valueAt(chart, part, "enabled") === undefined ? [] : expected(chart, [part, "enabled"], true, "without it no GPU is divided"),
    ),
  ),
};

/**
 * Checks that the DRA driver's plugin starts where GPUs are divided already, and only there. It looks at the devices once, when it starts:
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
  validateResource: forCharts(DRA_DRIVERS, (chart) => [
    ...expected(
      chart,
      ["kubeletPlugin", "nodeSelector", MIG_CONFIG_STATE_LABEL],
      "success",
      "the plugin would publish GPUs before they are divided",
    ),
    ...tolerationProblem(chart),
    ...expected(chart, ["gpuResourcesEnabledOverride"], true, "the chart installs no plugin for GPUs without it"),
    ...(valueAt(chart, "resources", "gpus", "enabled") === undefined
      ? []
      : expected(chart, ["resources", "gpus", "enabled"], true, "no GPU would be published")),
  ]),
};

function tolerationProblem(chart: HelmChart): readonly Finding[] {
  const value = valueAt(chart, "kubeletPlugin", "tolerations");
  // Since 0.4 the chart tolerates the taint by itself.
  if (value === undefined && chart.name === "dra-driver-nvidia-gpu") return [];
  const tolerated = entries(value).some((toleration) => {
    const [key, operator, wanted, effect] = ["key", "operator", "value", "effect"].map((name) => field(toleration, name));
    const matches =
      operator === "Exists" ? key === GPU_TAINT.key || key === undefined : key === GPU_TAINT.key && wanted === GPU_TAINT.value;
    return matches && (effect === undefined || effect === "" || effect === GPU_TAINT.effect);
  });
  if (tolerated) return [];
  const sentence = `"values.kubeletPlugin.tolerations" does not tolerate the taint ${GPU_TAINT.key}: the plugin does not run on GPU nodes`;
  return [ifKnown(value, "values.kubeletPlugin.tolerations", "whether the plugin runs on GPU nodes", sentence)];
}

const EXACT_VERSION = /^v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
/** A file of the program's own, an archive with its version in its name, or an OCI reference with a tag or digest. */
const PINNED_REFERENCE = /^\.{0,2}\/|-v?\d+\.\d+\.\d+[^/]*\.(?:tgz|tar\.gz)$|^oci:\/\/.*(?:@sha256:[0-9a-f]{64}|:v?\d+\.\d+\.\d+[^/:]*)$/;

/** Checks that a chart's publisher does not decide when the cluster changes. */
export const chartVersionsPinned: ResourceValidationPolicy = {
  name: "chart-versions-pinned",
  displayName: "Chart versions are pinned",
  description: "Checks that every Helm chart has an exact version.",
  enforcementLevel: "mandatory",
  severity: "medium",
  tags: ["helm", "supply-chain"],
  remediationSteps: "Set version to one exact version, such as v25.10.1; not a range.",
  validateResource: onTypes(CHART_TYPES, (properties) => {
    const { reference, version } = readChart(properties);
    if (typeof version === "string" && EXACT_VERSION.test(version)) return [];
    if (version === undefined && typeof reference === "string" && PINNED_REFERENCE.test(reference)) return [];
    const sentence = `"version" is ${show(version)}, which is not one exact version: the newest chart that fits is installed`;
    return [ifKnown(version, "version", "which version is installed", sentence)];
  }),
};

/** Checks that no password stands in a chart's values: Helm keeps them readable in the cluster, whether or not Pulumi treats them as secret. */
export const noPasswordsInValues: ResourceValidationPolicy = {
  name: "no-passwords-in-values",
  displayName: "No passwords in chart values",
  description: "Checks that the values of Helm charts hold no passwords, tokens or private keys.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["helm", "secrets"],
  remediationSteps: "Put the password into a Secret and name that Secret in the values (existingSecret or the like).",
  validateResource: onTypes(CHART_TYPES, (properties) =>
    passwordPaths(readChart(properties).values).map(
      (path) => `"values${path}" holds a password or the like, which Helm stores in plain text in the cluster`,
    ),
  ),
};

/** Policies for Helm charts. */
export const helmPolicies: Policies = [
  oneGpuAllocator,
  gpuDriverFromAmi,
  migManagerRuns,
  draPluginWaitsForMig,
  chartVersionsPinned,
  noPasswordsInValues,
  migLayoutsFit,
  serviceMonitorHasMonitoring,
];
