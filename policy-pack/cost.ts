import type { StackValidationPolicy } from "@pulumi/policy";
import { findInstanceType } from "../src/hardware/instance-types";
import { hourlyCost } from "../src/planner/cost";
import type { Nodes } from "../src/planner/cost";
import { EKS_NODE_GROUP } from "../src/well-known/resource-types";
import { ifKnown, prefixed, undetermined } from "./findings";
import type { Finding } from "./findings";
import { onStack } from "./on-stack";
import type { Stack, StackMember } from "./on-stack";
import { UNKNOWN, show } from "./snapshot";
import { instanceTypesOf, stackNodeGroup } from "./stack-node-groups";

/**
 * Checks what a stack lists at per hour: its node groups at their desired size, and a control plane. A node group that could boot several instance
 * types counts with the dearest. Without the setting there is no limit.
 * Not in the sum: what an autoscaler adds later, Auto Scaling groups of the program's own, traffic, volumes; nor discounts and Spot.
 */
export const hourlyListPrice: StackValidationPolicy = {
  name: "hourly-list-price",
  displayName: "Hourly list price within the limit",
  description: "Checks that the nodes of a stack list at no more than `maxUsdPerHour`.",
  enforcementLevel: "mandatory",
  severity: "medium",
  tags: ["aws", "cost"],
  remediationSteps: "Make the node groups smaller, or raise maxUsdPerHour in the configuration of the pack.",
  configSchema: {
    properties: {
      maxUsdPerHour: { type: "number", minimum: 0, description: "The limit in US dollars an hour. Default: none." },
    },
  },
  validateStack: onStack({
    // The node groups of components are among them: they make such a one each.
    types: [EKS_NODE_GROUP],
    check: (nodeGroup, stack) => {
      const limit = limitOf(stack);
      const reading = readNodes(nodeGroup);
      return limit === undefined || reading.type === "nodes"
        ? []
        : [prefixed(`the limit of ${String(limit)} USD an hour cannot be checked: `, reading.reason)];
    },
    checkWhole: (stack) => {
      const limit = limitOf(stack);
      if (limit === undefined) return [];
      const nodes = stack.members
        .filter(({ type }) => type === EKS_NODE_GROUP)
        .map(readNodes)
        .flatMap((reading) => (reading.type === "nodes" ? [reading.nodes] : []));
      const { usdPerHour, source } = hourlyCost(nodes);
      if (nodes.length === 0 || usdPerHour <= limit) return [];
      const parts = nodes.map(({ instanceType, count }) => `${String(count)} x ${instanceType.name}`).join(", ");
      return [`The stack lists at ${String(usdPerHour)} USD an hour (${parts}, a control plane; ${source}); the limit is ${String(limit)}`];
    },
  }),
};

function limitOf({ getConfig }: Stack): number | undefined {
  return getConfig<{ maxUsdPerHour?: number }>().maxUsdPerHour;
}

type NodesReading = { readonly type: "nodes"; readonly nodes: Nodes } | { readonly type: "notTold"; readonly reason: Finding };

function readNodes(nodeGroup: StackMember): NodesReading {
  const pool = stackNodeGroup(nodeGroup);
  const { desired } = pool.group.size;
  const { name } = nodeGroup;
  if (typeof desired !== "number")
    return {
      type: "notTold",
      reason: desired === UNKNOWN ? undetermined("scalingConfig.desiredSize", "what the pool costs") : `${name} has no desired size`,
    };
  // What EKS takes for a node group that names no type and has no template that does.
  const names = instanceTypesOf(pool);
  const types = (names.length > 0 ? names : ["t3.medium"]).map((type) => ({
    type,
    known: typeof type === "string" ? findInstanceType(type) : undefined,
  }));
  const unpriced = types.find(({ known }) => known?.usdPerHour === undefined);
  if (unpriced !== undefined && desired > 0) {
    const sentence = `${name} boots ${show(unpriced.type)}, which has no list price here`;
    return { type: "notTold", reason: ifKnown(unpriced.type, "instanceTypes", "what the pool costs", sentence) };
  }
  const [dearest] = types
    .flatMap(({ known }) => (known === undefined ? [] : [known]))
    .sort((a, b) => (b.usdPerHour ?? 0) - (a.usdPerHour ?? 0));
  return dearest === undefined
    ? { type: "notTold", reason: `${name} names no instance type` }
    : { type: "nodes", nodes: { instanceType: dearest, count: desired } };
}
