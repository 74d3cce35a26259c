import type { ResourceValidationPolicy } from "@pulumi/policy";
import { valueAt } from "../../src/json/value-at";
import { GPU_OPERATOR } from "../resources/charts";
import { expectedValue, onChartsNamed } from "./expected-value";

/** Checks that what divides the GPUs is on: MIG Manager, and the Feature Discoveries, whose labels start it. All are by default. */
export const migManagerRuns: ResourceValidationPolicy = {
  name: "mig-manager-runs",
  displayName: "MIG Manager runs",
  description: "Checks that the GPU Operator runs MIG Manager and what it needs.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["helm", "gpu", "mig"],
  remediationSteps: "Leave migManager.enabled, gfd.enabled and nfd.enabled at true.",
  validateResource: onChartsNamed([GPU_OPERATOR], (chart) =>
    ["migManager", "gfd", "nfd"].flatMap((part) =>
      valueAt(chart.values, part, "enabled") === undefined
        ? []
        : expectedValue(chart, [part, "enabled"], true, "without it no GPU is divided"),
    ),
  ),
};
