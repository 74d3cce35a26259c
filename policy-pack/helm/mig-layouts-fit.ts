import type { StackValidationPolicy } from "@pulumi/policy";
import { isStockLayout } from "../../src/hardware/layouts";
import { MIG_CONFIG_LABEL } from "../../src/well-known/labels";
import { ifKnown, prefixed, undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { onStack } from "../evaluation/on-stack";
import type { StackMember } from "../evaluation/on-stack";
import { field } from "../evaluation/properties";
import { show } from "../evaluation/snapshot";
import { valueAt } from "../../src/json/value-at";
import { CHART_TYPES, GPU_OPERATOR, chartNamed } from "../resources/charts";
import type { HelmChart } from "../resources/charts";
import { isMixed, layoutsOfValues, resolvedLayout } from "../resources/mig-layouts";
import type { NamedLayouts } from "../resources/mig-layouts";
import { NODE_GROUPS } from "../resources/node-groups";
import type { NodeGroup } from "../resources/node-groups";
import { layoutFindings } from "../resources/pool-layout";
import { instanceTypesOf, stackNodeGroup } from "../resources/stack-node-groups";
import type { StackNodeGroup } from "../resources/stack-node-groups";

/**
 * Checks that pools and the GPU Operator agree about layouts. A layout of the user's own must be in the configuration of MIG Manager, and legal
 * on the GPUs of every pool that names it. Slices of several sizes on one node need the strategy `mixed` (the chart's default is `single`, with which
 * GPU Feature Discovery calls such a node invalid). Without a chart gpu-operator in the stack there is nothing to compare.
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
      NODE_GROUPS.includes(subject.type) ? poolFindings(subject, members) : strategyFindings(subject, members),
  }),
};

function layoutsOf(chart: HelmChart): NamedLayouts {
  return layoutsOfValues(valueAt(chart.values, "migManager", "config", "data"));
}

function nameOf(group: NodeGroup): unknown {
  return field(group.labels, MIG_CONFIG_LABEL);
}

function poolFindings(member: StackMember, members: readonly StackMember[]): readonly Finding[] {
  const pool = stackNodeGroup(member);
  return members
    .flatMap((other) => chartNamed(GPU_OPERATOR, other) ?? [])
    .flatMap((chart) => layoutProblems(pool, layoutsOf(chart)))
    .map((finding) => prefixed(`${member.name}: `, finding));
}

function layoutProblems(pool: StackNodeGroup, layouts: NamedLayouts): readonly Finding[] {
  const name = nameOf(pool.group);
  // `gpu-pool-layout-legal` checks unknown names, and stock layouts on a type that the node group itself names.
  if (typeof name !== "string" || (isStockLayout(name) && pool.group.instanceTypes !== undefined)) {
    return [];
  }
  if (!isStockLayout(name)) {
    if (layouts.type === "unknown") {
      return [undetermined("values.migManager.config.data", `what the layout ${show(name)} is`)];
    }
    if (layouts.type === "invalid") {
      return [`its layout is ${show(name)}, and this policy cannot read values.migManager.config.data: ${layouts.reason}`];
    }
    if (layouts.layouts[name] === undefined) {
      return [
        `its layout is ${show(name)}, which MIG Manager does not ship, and which is not in values.migManager.config.data. Add it there, otherwise the nodes never become ready`,
      ];
    }
  }
  return instanceTypesOf(pool).flatMap((type) => layoutFindings(name, type, resolvedLayout(name, type, layouts)));
}

function strategyFindings(member: StackMember, members: readonly StackMember[]): readonly Finding[] {
  const chart = chartNamed(GPU_OPERATOR, member);
  const strategy = chart && valueAt(chart.values, "mig", "strategy");
  if (chart === undefined || strategy === "mixed") {
    return [];
  }
  const layouts = layoutsOf(chart);
  const pools = members.filter(({ type }) => NODE_GROUPS.includes(type)).map(stackNodeGroup);
  const mixed = pools.find((pool) => {
    const name = nameOf(pool.group);
    return typeof name === "string" && instanceTypesOf(pool).some((type) => isMixed(name, type, layouts));
  });
  if (mixed === undefined) {
    return [];
  }
  const layout = show(nameOf(mixed.group));
  const shown = strategy === undefined ? 'not set, which means "single"' : show(strategy);
  const sentence = `"values.mig.strategy" is ${shown}, and the layout ${layout} of ${mixed.member.name} has slices of several sizes. Set it to "mixed"`;
  return [ifKnown(strategy, "values.mig.strategy", `whether it fits the layout ${layout}`, sentence)];
}
