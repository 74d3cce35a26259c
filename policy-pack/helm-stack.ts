/** Policies for charts that take a look at the rest of the stack. */
import type { StackValidationPolicy } from "@pulumi/policy";
import { isStockLayout } from "../src/hardware/layouts";
import { MIG_CONFIG_LABEL } from "../src/releases/node-labels";
import { layoutProblem } from "./aws-gpu-pools";
import { NODE_GROUPS, readNodeGroup } from "./aws-node-groups";
import type { NodeGroup } from "./aws-node-groups";
import { CHART_TYPES, GPU_OPERATOR, KUBE_PROMETHEUS_STACK, readChart, valueAt } from "./helm-chart";
import type { HelmChart } from "./helm-chart";
import { isMixed, layoutsOfValues, resolvedLayout } from "./mig-layouts";
import type { NamedLayouts } from "./mig-layouts";
import { UNKNOWN, field, notKnown, show, snapshot } from "./snapshot";
import { instanceTypesOf } from "./stack-node-groups";
import type { StackNodeGroup } from "./stack-node-groups";

interface InstalledChart {
  readonly urn: string;
  readonly chart: HelmChart;
}

type Resources = Parameters<StackValidationPolicy["validateStack"]>[0]["resources"];

function charts(resources: Resources, name: string): readonly InstalledChart[] {
  return resources
    .filter(({ type }) => CHART_TYPES.includes(type))
    .map(({ urn, props }) => ({ urn, chart: readChart(snapshot(props)) }))
    .filter(({ chart }) => chart.name === name);
}

/**
 * Checks that pools and the GPU Operator agree about layouts: a layout of the user's own has to be in the configuration of MIG Manager and legal
 * on the GPUs of every pool that names it, and slices of several sizes on one node need the strategy `mixed` (the chart's default is `single`,
 * with which GPU Feature Discovery calls such a node invalid). Without a chart gpu-operator in the stack there is nothing to compare with.
 */
export const migLayoutsFit: StackValidationPolicy = {
  name: "mig-layouts-fit",
  displayName: "Pools and MIG Manager agree",
  description: "Checks that MIG Manager knows every layout that a node group names, and that the MIG strategy fits the layouts.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["helm", "aws", "gpu", "mig"],
  remediationSteps: "Set mig.strategy to mixed, and add the layout to migManager.config.data of the gpu-operator values.",
  validateStack: ({ resources }, reportViolation) => {
    const operators = charts(resources, GPU_OPERATOR);
    const pools = resources
      .filter(({ type }) => NODE_GROUPS.includes(type))
      .map((resource) => ({ resource, group: readNodeGroup(resource.type, snapshot(resource.props)) }))
      .filter(({ group }) => field(group.labels, MIG_CONFIG_LABEL) !== undefined);
    for (const { urn, chart } of operators) {
      const layouts = layoutsOfValues(valueAt(chart, "migManager", "config", "data"));
      for (const pool of pools) {
        for (const sentence of poolProblems(pool, layouts)) reportViolation(`${pool.resource.name}: ${sentence}.`, pool.resource.urn);
      }
      const strategy = strategyProblem(chart, pools, layouts);
      if (strategy !== undefined) reportViolation(`${strategy}.`, urn);
    }
  },
};

function nameOf(group: NodeGroup): unknown {
  return field(group.labels, MIG_CONFIG_LABEL);
}

function poolProblems(pool: StackNodeGroup, layouts: NamedLayouts): readonly string[] {
  const name = nameOf(pool.group);
  // Unknown names, and stock layouts on a type that the node group itself names, are for `gpu-pool-layout-legal`.
  if (typeof name !== "string" || (isStockLayout(name) && pool.group.instanceTypes !== undefined)) return [];
  if (!isStockLayout(name)) {
    if (layouts.type === "unknown") return [notKnown("values.migManager.config.data", `what the layout ${show(name)} is`)];
    if (layouts.type === "invalid")
      return [`its layout is ${show(name)}, and values.migManager.config.data is not understood: ${layouts.reason}`];
    if (layouts.layouts[name] === undefined) {
      return [
        `its layout is ${show(name)}, which MIG Manager neither ships nor finds in values.migManager.config.data: the nodes would never be ready`,
      ];
    }
  }
  return instanceTypesOf(pool).flatMap((type) => layoutProblem(name, type, resolvedLayout(name, type, layouts)));
}

function strategyProblem(chart: HelmChart, pools: readonly StackNodeGroup[], layouts: NamedLayouts): string | undefined {
  const strategy = valueAt(chart, "mig", "strategy");
  if (strategy === "mixed") return undefined;
  const mixed = pools.find((pool) => {
    const name = nameOf(pool.group);
    return typeof name === "string" && instanceTypesOf(pool).some((type) => isMixed(name, type, layouts));
  });
  if (mixed === undefined) return undefined;
  return strategy === UNKNOWN
    ? notKnown("values.mig.strategy", `whether it fits the layout ${show(nameOf(mixed.group))}`)
    : `"values.mig.strategy" is ${strategy === undefined ? 'not set, which means "single"' : show(strategy)}, and the layout ${show(nameOf(mixed.group))} of ${mixed.resource.name} has slices of several sizes; it has to be "mixed"`;
}

/** Checks that the DCGM exporter's ServiceMonitor has its API: without it the operator deploys everything and never reports ready. */
export const serviceMonitorHasMonitoring: StackValidationPolicy = {
  name: "service-monitor-has-monitoring",
  displayName: "ServiceMonitors have Prometheus",
  description: "Checks that a stack that asks the GPU Operator for a ServiceMonitor installs kube-prometheus-stack.",
  // The API may have come with another stack.
  enforcementLevel: "advisory",
  severity: "low",
  tags: ["helm", "monitoring"],
  remediationSteps: "Install kube-prometheus-stack first, or leave dcgmExporter.serviceMonitor.enabled at false.",
  validateStack: ({ resources }, reportViolation) => {
    if (charts(resources, KUBE_PROMETHEUS_STACK).length > 0) return;
    for (const { urn, chart } of charts(resources, GPU_OPERATOR)) {
      if (valueAt(chart, "dcgmExporter", "serviceMonitor", "enabled") === true) {
        reportViolation(
          '"values.dcgmExporter.serviceMonitor.enabled" is true, and nothing in this stack brings ServiceMonitors: the operator would never report ready.',
          urn,
        );
      }
    }
  },
};
