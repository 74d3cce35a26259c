import type { StackValidationPolicy } from "@pulumi/policy";
import { EKS_NODE_GROUP } from "../../../src/well-known/resource-types";
import { findInstanceType } from "../../../src/hardware/instance-types";
import { hourlyCost } from "../../../src/planner/cost";
import type { Nodes } from "../../../src/planner/cost";
import { ifKnown, prefixed, undetermined } from "../../evaluation/findings";
import type { Finding } from "../../evaluation/findings";
import { onStack } from "../../evaluation/on-stack";
import type { Stack, StackMember } from "../../evaluation/on-stack";
import { UNKNOWN, show } from "../../evaluation/snapshot";
import { instanceTypesOf, stackNodeGroup } from "../../resources/stack-node-groups";

/**
 * Checks the list price of a stack per hour: its node groups at their desired size, and a control plane. A node group that can boot several instance
 * types counts with the most expensive one. Without the setting there is no limit.
 * The sum does not include what an autoscaler adds later, Auto Scaling groups of the program's own, traffic and volumes, discounts and Spot.
 * It counts node groups of EKS only, because every component registers one.
 */
export const hourlyListPrice: StackValidationPolicy = {
  name: "hourly-list-price",
  displayName: "Hourly list price within the limit",
  description: "Checks that the hourly list price of a stack's nodes is at most `maxUsdPerHour`.",
  enforcementLevel: "mandatory",
  severity: "medium",
  tags: ["aws", "cost"],
  remediationSteps: "Reduce the node groups, or raise maxUsdPerHour in the configuration of the pack.",
  configSchema: {
    properties: {
      maxUsdPerHour: { type: "number", minimum: 0, description: "The limit in US dollars an hour. Without it there is no limit." },
    },
  },
  validateStack: onStack({
    types: [EKS_NODE_GROUP],
    check: (nodeGroup, stack) => {
      const limit = limitOf(stack);
      const reading = readNodes(nodeGroup);
      return limit === undefined || reading.type === "nodes" ? [] : [prefixed(`the limit is ${limit} USD an hour: `, reading.reason)];
    },
    checkWhole: (stack) => {
      const limit = limitOf(stack);
      if (limit === undefined) {
        return [];
      }
      const pools = stack.members.filter(({ type }) => type === EKS_NODE_GROUP).map(readNodes);
      const nodes = pools.flatMap((reading) => (reading.type === "nodes" ? reading.nodes : []));
      const { usdPerHour, source } = hourlyCost(nodes);
      if (pools.length === 0 || usdPerHour <= limit) {
        return [];
      }
      const parts = nodes.map(({ instanceType, count }) => `${count} x ${instanceType.name}`).join(", ");
      return [`The stack lists at ${usdPerHour} USD an hour (${parts}, a control plane; ${source}). The limit is ${limit}`];
    },
  }),
};

function limitOf({ getConfig }: Stack): number | undefined {
  return getConfig<{ maxUsdPerHour?: number }>().maxUsdPerHour;
}

/** The nodes of a pool; none of one that is scaled to zero. */
type NodesReading =
  { readonly type: "nodes"; readonly nodes: readonly Nodes[] } | { readonly type: "undetermined"; readonly reason: Finding };

function readNodes(nodeGroup: StackMember): NodesReading {
  const pool = stackNodeGroup(nodeGroup);
  const { desired } = pool.group.size;
  const { name } = nodeGroup;
  if (typeof desired !== "number") {
    return {
      type: "undetermined",
      reason:
        desired === UNKNOWN
          ? undetermined("scalingConfig.desiredSize", "what the pool costs")
          : `${name} has no desired size, so this policy cannot check what it costs`,
    };
  }
  if (desired === 0) {
    return { type: "nodes", nodes: [] };
  }
  // EKS takes t3.medium for a node group if neither the node group nor its template names a type.
  const names = instanceTypesOf(pool);
  const types = (names.length > 0 ? names : ["t3.medium"]).map((type) => ({
    type,
    known: typeof type === "string" ? findInstanceType(type) : undefined,
  }));
  const unpriced = types.find(({ known }) => known?.usdPerHour === undefined);
  if (unpriced !== undefined) {
    const sentence = `${name} boots ${show(unpriced.type)}, which has no list price in the catalogue, so this policy cannot check what it costs`;
    return { type: "undetermined", reason: ifKnown(unpriced.type, "instanceTypes", "what the pool costs", sentence) };
  }
  const priced = types.flatMap(({ known }) =>
    known?.usdPerHour === undefined ? [] : [{ instanceType: known, usdPerHour: known.usdPerHour }],
  );
  const [mostExpensive] = priced.sort((a, b) => b.usdPerHour - a.usdPerHour);
  return { type: "nodes", nodes: mostExpensive ? [{ instanceType: mostExpensive.instanceType, count: desired }] : [] };
}
