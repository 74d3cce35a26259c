/** Policies for charts that take a look at the rest of the stack. */
import type { StackValidationPolicy } from "@pulumi/policy";
import { isStockLayout } from "../src/hardware/layouts";
import { MIG_CONFIG_LABEL } from "../src/well-known/labels";
import { layoutProblem } from "./aws-gpu-pools";
import { NODE_GROUPS } from "./aws-node-groups";
import type { NodeGroup } from "./aws-node-groups";
import { ifKnown, prefixed, undetermined } from "./findings";
import type { Finding } from "./findings";
import { CHART_TYPES, GPU_OPERATOR, KUBE_PROMETHEUS_STACK, readChart, valueAt } from "./helm-chart";
import type { HelmChart } from "./helm-chart";
import { isMixed, layoutsOfValues, resolvedLayout } from "./mig-layouts";
import type { NamedLayouts } from "./mig-layouts";
import { onStack } from "./on-stack";
import type { StackMember } from "./on-stack";
import { field, show } from "./snapshot";
import { instanceTypesOf, stackNodeGroup } from "./stack-node-groups";
import type { StackNodeGroup } from "./stack-node-groups";

/** The chart of a resource; undefined for any other chart and for resources that are none. */
function chartNamed(name: string, { type, props }: StackMember): HelmChart | undefined {
  const chart = CHART_TYPES.includes(type) ? readChart(props) : undefined;
  return chart?.name === name ? chart : undefined;
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
  validateStack: onStack({
    types: [...NODE_GROUPS, ...CHART_TYPES],
    check: (subject, { members }) =>
      NODE_GROUPS.includes(subject.type) ? layoutProblems(subject, members) : strategyProblems(subject, members),
  }),
};

function layoutsOf(chart: HelmChart): NamedLayouts {
  return layoutsOfValues(valueAt(chart, "migManager", "config", "data"));
}

function nameOf(group: NodeGroup): unknown {
  return field(group.labels, MIG_CONFIG_LABEL);
}

function layoutProblems(member: StackMember, members: readonly StackMember[]): readonly Finding[] {
  const pool = stackNodeGroup(member);
  return members
    .flatMap((other) => chartNamed(GPU_OPERATOR, other) ?? [])
    .flatMap((chart) => poolProblems(pool, layoutsOf(chart)))
    .map((finding) => prefixed(`${member.name}: `, finding));
}

function poolProblems(pool: StackNodeGroup, layouts: NamedLayouts): readonly Finding[] {
  const name = nameOf(pool.group);
  // Unknown names, and stock layouts on a type that the node group itself names, are for `gpu-pool-layout-legal`.
  if (typeof name !== "string" || (isStockLayout(name) && pool.group.instanceTypes !== undefined)) return [];
  if (!isStockLayout(name)) {
    if (layouts.type === "unknown") return [undetermined("values.migManager.config.data", `what the layout ${show(name)} is`)];
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

function strategyProblems(member: StackMember, members: readonly StackMember[]): readonly Finding[] {
  const chart = chartNamed(GPU_OPERATOR, member);
  const strategy = chart && valueAt(chart, "mig", "strategy");
  if (chart === undefined || strategy === "mixed") return [];
  const layouts = layoutsOf(chart);
  const pools = members.filter(({ type }) => NODE_GROUPS.includes(type)).map(stackNodeGroup);
  const mixed = pools.find((pool) => {
    const name = nameOf(pool.group);
    return typeof name === "string" && instanceTypesOf(pool).some((type) => isMixed(name, type, layouts));
  });
  if (mixed === undefined) return [];
  const layout = show(nameOf(mixed.group));
  const shown = strategy === undefined ? 'not set, which means "single"' : show(strategy);
  const sentence = `"values.mig.strategy" is ${shown}, and the layout ${layout} of ${mixed.member.name} has slices of several sizes; it has to be "mixed"`;
  return [ifKnown(strategy, "values.mig.strategy", `whether it fits the layout ${layout}`, sentence)];
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
  validateStack: onStack({
    types: CHART_TYPES,
    check: (subject, { members }) => {
      const operator = chartNamed(GPU_OPERATOR, subject);
      if (operator === undefined || members.some((member) => chartNamed(KUBE_PROMETHEUS_STACK, member) !== undefined)) return [];
      return valueAt(operator, "dcgmExporter", "serviceMonitor", "enabled") === true
        ? [
            '"values.dcgmExporter.serviceMonitor.enabled" is true, and nothing in this stack brings ServiceMonitors: the operator would never report ready',
          ]
        : [];
    },
  }),
};
