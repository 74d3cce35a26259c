import type { ResourceValidationPolicy } from "@pulumi/policy";
import { ifKnown, undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { UNKNOWN, isRecord, show, untypedEntries } from "../evaluation/snapshot";
import { valueAt } from "../../src/json/value-at";
import { DRA_DRIVERS, GPU_OPERATOR } from "../resources/charts";
import type { HelmChart } from "../resources/charts";
import { onChartsNamed } from "./expected-value";

/**
 * Feature gates of the DRA driver that change neither which devices it publishes nor what a claim can configure.
 * Source: `pkg/featuregates` of NVIDIA's DRA driver, 25.8.1 to 0.4.1 (read 2026-11-27).
 */
const HARMLESS_GATES: readonly string[] = [
  ...["IMEXDaemonsWithDNSNames", "ComputeDomainCliques", "CrashOnNVLinkFabricErrors", "NVMLDeviceHealthCheck"],
  ...["ContextualLogging", "LoggingAlphaOptions", "LoggingBetaOptions"],
];

/**
 * What other gates do. Source: what the drivers published with DynamicMIG into an API server of 1.34 with its default feature gates, where devices lose the counters
 * by which they exclude one another (2026-11-26); `pkg/featuregates` for the others.
 */
const EFFECTS: Readonly<Record<string, string>> = {
  DynamicMIG:
    "it removes the layout of MIG Manager, and publishes every placement of every profile at once: with Kubernetes' default feature gates they overlap, and two claims get the same memory",
  PassthroughSupport: "it publishes whole GPUs for virtual machines",
  MPSSupport: "it lets claims share a device",
  TimeSlicingSettings: "it lets claims share a device",
  AllAlpha: "it turns on DynamicMIG and gates that a later driver brings",
  AllBeta: "it turns on gates that a later driver brings",
};

/** A variable by which the driver's processes take their feature gates. */
const GATES_VARIABLE = "FEATURE_GATES";

/** Processes of the chart, each with variables of its own. */
const CONTAINERS: readonly (readonly string[])[] = [
  ["controller", "containers", "computeDomain"],
  ["kubeletPlugin", "containers", "init"],
  ["kubeletPlugin", "containers", "computeDomains"],
  ["kubeletPlugin", "containers", "gpus"],
  ["webhook", "containers", "webhook"],
];

/**
 * Checks that the agents publish the slices that MIG Manager makes, and nothing else: the DRA driver with no feature that publishes or shares other devices, and
 * the GPU Operator without virtual machines.
 */
export const draDriverFeatures: ResourceValidationPolicy = {
  name: "dra-driver-features",
  displayName: "Agents publish slices only",
  description:
    "Checks that NVIDIA's DRA driver has no feature gate that publishes other devices or lets claims share one, and that the GPU Operator prepares no GPU for virtual machines.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["helm", "gpu", "dra", "mig"],
  remediationSteps: `Remove the gate from featureGates. Allowed: ${HARMLESS_GATES.join(", ")}. Leave sandboxWorkloads.enabled of gpu-operator at false.`,
  validateResource: onChartsNamed([...DRA_DRIVERS, GPU_OPERATOR], (chart) =>
    chart.name === GPU_OPERATOR ? sandboxFindings(chart) : [...gateFindings(chart), ...variableFindings(chart)],
  ),
};

function gateFindings(chart: HelmChart): readonly Finding[] {
  const gates = valueAt(chart.values, "featureGates");
  if (gates === undefined || gates === null) {
    return [];
  }
  if (gates === UNKNOWN) {
    return [undetermined("values.featureGates", "which devices the driver publishes")];
  }
  if (!isRecord(gates)) {
    return [`"values.featureGates" is ${show(gates)}. Write a map of gates to true or false`];
  }
  return Object.entries(gates)
    .filter(([gate, value]) => !(HARMLESS_GATES.includes(gate) || value === false || value === "false"))
    .map(([gate, value]) =>
      ifKnown(
        value,
        `values.featureGates.${gate}`,
        "which devices the driver publishes",
        `"values.featureGates.${gate}" is ${show(value)}, and ${EFFECTS[gate] ?? "the gate can publish other devices than slices or let claims share one"}. Remove it`,
      ),
    );
}

function variableFindings(chart: HelmChart): readonly Finding[] {
  return CONTAINERS.flatMap((path) => {
    const at = `values.${[...path, "env"].join(".")}`;
    const variables = valueAt(chart.values, ...path, "env");
    if (variables === UNKNOWN) {
      return [undetermined(at, "which devices the driver publishes")];
    }
    return untypedEntries(variables)
      .map((variable) => valueAt(variable, "name"))
      .filter((name) => name === GATES_VARIABLE || name === UNKNOWN)
      .map((name) =>
        ifKnown(
          name,
          `${at}[].name`,
          "which devices the driver publishes",
          `"${at}" sets ${GATES_VARIABLE}. Use \`featureGates\` of the values`,
        ),
      );
  });
}

function sandboxFindings(chart: HelmChart): readonly Finding[] {
  const enabled = valueAt(chart.values, "sandboxWorkloads", "enabled");
  if (enabled === undefined || enabled === false) {
    return [];
  }
  const name = "values.sandboxWorkloads.enabled";
  const sentence = `"${name}" is ${show(enabled)}, so the operator prepares whole GPUs for virtual machines. Set it to false`;
  return [ifKnown(enabled, name, "whether whole GPUs go to virtual machines", sentence)];
}
