import type { StackValidationPolicy } from "@pulumi/policy";
import { onStack } from "../evaluation/on-stack";
import { valueAt } from "../../src/json/value-at";
import { CHART_TYPES, GPU_OPERATOR, KUBE_PROMETHEUS_STACK, chartNamed } from "../resources/charts";

/** Checks that the DCGM exporter's ServiceMonitor has its API: without it the operator deploys everything and never reports ready. */
export const serviceMonitorHasMonitoring: StackValidationPolicy = {
  name: "service-monitor-has-monitoring",
  displayName: "ServiceMonitors have Prometheus",
  description: "Checks that a stack that asks the GPU Operator for a ServiceMonitor installs kube-prometheus-stack.",
  // Another stack may have installed the API.
  enforcementLevel: "advisory",
  severity: "low",
  tags: ["helm", "monitoring"],
  remediationSteps: "Install kube-prometheus-stack first, or leave dcgmExporter.serviceMonitor.enabled at false.",
  validateStack: onStack({
    types: CHART_TYPES,
    check: (subject, { members }) => {
      const operator = chartNamed(GPU_OPERATOR, subject);
      if (operator === undefined || members.some((member) => chartNamed(KUBE_PROMETHEUS_STACK, member) !== undefined)) {
        return [];
      }
      return valueAt(operator.values, "dcgmExporter", "serviceMonitor", "enabled") === true
        ? [
            '"values.dcgmExporter.serviceMonitor.enabled" is true, and nothing in this stack installs the ServiceMonitor API, so the operator never reports ready. Install kube-prometheus-stack',
          ]
        : [];
    },
  }),
};
