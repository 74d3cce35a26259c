import type { StackValidationPolicy } from "@pulumi/policy";
import { findInstanceType } from "../../src/hardware/instance-types";
import { isStockLayout } from "../../src/hardware/layouts";
import { olderMigManager } from "../../src/releases/mig-manager-gpus";
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
import { isMixed, layoutsOfOperator, resolvedLayout } from "../resources/mig-layouts";
import type { NamedLayouts } from "../resources/mig-layouts";
import { NODE_GROUPS } from "../resources/node-groups";
import type { NodeGroup } from "../resources/node-groups";
import { layoutFindings } from "../resources/pool-layout";
import { instanceTypesOf, stackNodeGroup } from "../resources/stack-node-groups";
import type { StackNodeGroup } from "../resources/stack-node-groups";

/**
 * Checks that pools and the GPU Operator agree about layouts. A layout must be in the configuration that MIG Manager reads, its own or the user's, and
 * legal on the GPUs of every pool that names it. Slices of several sizes on one node need the strategy `mixed` (the chart's default is `single`, with which
 * GPU Feature Discovery calls such a node invalid). Without a chart gpu-operator in the stack there is nothing to compare.
 */
export const migLayoutsFit: StackValidationPolicy = {
  name: "mig-layouts-fit",
  displayName: "Pools and MIG Manager agree",
  description: "Checks that MIG Manager knows every layout that a node group names, and that the MIG strategy fits the layouts.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["helm", "aws", "gpu", "mig"],
  remediationSteps:
    "Set mig.strategy to mixed, and add the layout to migManager.config.data of the gpu-operator values, with name and create: true.",
  validateStack: onStack({
    types: [...NODE_GROUPS, ...CHART_TYPES],
    check: (subject, { members }) =>
      NODE_GROUPS.includes(subject.type) ? poolFindings(subject, members) : strategyFindings(subject, members),
  }),
};

/** A GPU Operator of the stack. */
interface Operator {
  readonly chart: HelmChart;
  readonly layouts: NamedLayouts;
}

function operatorOf(member: StackMember, members: readonly StackMember[]): readonly Operator[] {
  const chart = chartNamed(GPU_OPERATOR, member);
  return chart === undefined ? [] : [{ chart, layouts: layoutsOfOperator(member, chart.values, members) }];
}

function nameOf(group: NodeGroup): unknown {
  return field(group.labels, MIG_CONFIG_LABEL);
}

function poolFindings(member: StackMember, members: readonly StackMember[]): readonly Finding[] {
  const pool = stackNodeGroup(member);
  const name = nameOf(pool.group);
  // `gpu-pool-layout-legal` says of an unknown name that it is.
  return typeof name !== "string"
    ? []
    : members
        .flatMap((other) => operatorOf(other, members))
        .flatMap((operator) => layoutProblems(name, pool, operator))
        .map((finding) => prefixed(`${member.name}: `, finding));
}

function layoutProblems(name: string, pool: StackNodeGroup, { chart, layouts }: Operator): readonly Finding[] {
  const its = `its layout is ${show(name)}`;
  switch (layouts.type) {
    case "unknown":
      return [undetermined(layouts.path, `what the layout ${show(name)} is`)];
    case "invalid":
      return [`${its}, and this policy cannot read ${layouts.where}: ${layouts.reason}`];
    case "elsewhere":
      return [
        `${its}, and MIG Manager reads its layouts from the ConfigMap ${show(layouts.configMap)}, which this program does not register. ` +
          "So this policy cannot check the layout. Write the layouts into values.migManager.config.data and set create to true, or register the ConfigMap in this program",
      ];
    case "file":
      if (!Object.hasOwn(layouts.layouts, name)) {
        return [
          `${its}, which is not in ${layouts.where}. MIG Manager reads that file instead of its own. Add the layout there, otherwise the nodes never become ready`,
        ];
      }
      break;
    case "stock":
      if (!isStockLayout(name)) {
        return [
          `${its}, which MIG Manager does not ship, and which is not in values.migManager.config.data. Add it there with name and create: true, otherwise the nodes never become ready`,
        ];
      }
      // `gpu-pool-layout-legal` checks stock layouts on a type that the node group itself names.
      if (pool.group.instanceTypes !== undefined) {
        return instanceTypesOf(pool).flatMap((type) => olderManagerFindings(name, type, chart));
      }
  }
  return instanceTypesOf(pool).flatMap((type) => [
    ...layoutFindings(name, type, resolvedLayout(name, type, layouts)),
    ...(layouts.type === "stock" ? olderManagerFindings(name, type, chart) : []),
  ]);
}

/** Whether the operator's MIG Manager ships the layout for the GPU. */
function olderManagerFindings(name: string, type: unknown, { version, values }: HelmChart): readonly Finding[] {
  const gpus = typeof type === "string" ? findInstanceType(type)?.gpus : undefined;
  const older = gpus?.type === "mig" && typeof version === "string" ? olderMigManager(version, values, gpus.model.pciDeviceIds) : undefined;
  return older === undefined || gpus?.type !== "mig"
    ? []
    : [
        `its layout is ${show(name)}, and MIG Manager ${older.version} of GPU Operator ${String(version)} has none of this name for the ${gpus.model.name} of a ${String(type)}. ` +
          `Use GPU Operator ${older.firstOperator} or later, or write the layout into values.migManager.config.data with name and create: true`,
      ];
}

function strategyFindings(member: StackMember, members: readonly StackMember[]): readonly Finding[] {
  const chart = chartNamed(GPU_OPERATOR, member);
  const strategy = chart && valueAt(chart.values, "mig", "strategy");
  if (chart === undefined || strategy === "mixed") {
    return [];
  }
  const layouts = layoutsOfOperator(member, chart.values, members);
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
