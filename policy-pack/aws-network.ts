/** Policies for where nodes are. */
import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { EKS_CLUSTER_COMPONENT, ROUTE, ROUTE_TABLE, ROUTE_TABLE_ASSOCIATION, SUBNET } from "../src/well-known/resource-types";
import { NODE_GROUPS, readNodeGroup } from "./aws-node-groups";
import { onStack } from "./on-stack";
import type { StackMember } from "./on-stack";
import { onTypes } from "./on-types";
import { UNKNOWN, entries, field } from "./snapshot";

/**
 * Checks that a node group of the component package `eks` says where its nodes go. One that does not gets all subnets of the cluster, the public
 * ones too (pulumi-eks 4.3, nodes/nodegroup.ts). A node group of `aws.eks` cannot leave them out.
 */
export const nodeGroupNamesSubnets: ResourceValidationPolicy = {
  name: "node-group-names-subnets",
  displayName: "Node groups name their subnets",
  description: "Checks that node groups of the eks components name their subnets, because the default includes public ones.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "eks", "network"],
  remediationSteps: "Give the node group private subnets; give eks.Cluster skipDefaultNodeGroup: true.",
  validateResource: onTypes([...NODE_GROUPS, EKS_CLUSTER_COMPONENT], (properties, args) => {
    if (args.type === EKS_CLUSTER_COMPONENT) {
      const { skipDefaultNodeGroup, nodeSubnetIds, autoMode } = properties;
      const none = skipDefaultNodeGroup === true || nodeSubnetIds !== undefined || field(autoMode, "enabled") === true;
      return none ? [] : [`"skipDefaultNodeGroup" is not true: the default node group gets every subnet of the cluster, public ones too`];
    }
    const { path, value } = readNodeGroup(args.type, properties).subnets;
    return value === undefined ? [`"${path}" is not set: the node group gets every subnet of the cluster, public ones too`] : [];
  }),
};

/**
 * Checks that no node group of the stack is in a public subnet: one whose route table leads to an internet gateway, or that gives out public
 * addresses. It joins what the stack itself makes, by the ids that are known; in the first preview they are not, and then it says something only
 * where the program hands over subnets that it makes itself. What another stack made, it cannot see.
 */
export const nodeGroupsInPrivateSubnets: StackValidationPolicy = {
  name: "node-groups-in-private-subnets",
  displayName: "Nodes in private subnets",
  description: "Checks that no node group is in a subnet that a route leads into from the Internet or that gives out public addresses.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "eks", "network"],
  remediationSteps: "Give the node group private subnets only.",
  validateStack: onStack({
    types: NODE_GROUPS,
    check: (group, { members }) => {
      const { path, value } = readNodeGroup(group.type, group.props).subnets;
      const ids = entries(value);
      const publicIds = publicSubnetIds(members);
      const found = [
        ...ids.filter((id): id is string => typeof id === "string" && publicIds.has(id)),
        ...(value === UNKNOWN || ids.includes(UNKNOWN) ? publicSources(group, path, ids.length) : []),
      ];
      return found.length > 0 ? [`${group.name} puts nodes into a public subnet: ${[...new Set(found)].join(", ")}`] : [];
    },
  }),
};

function publicSubnetIds(members: readonly StackMember[]): ReadonlySet<string> {
  const publicTables = knownIds(members, ({ type, props }) => {
    if (type === ROUTE) return leadsToInternet(props) ? [props["routeTableId"]] : [];
    return type === ROUTE_TABLE && entries(props["routes"]).some(leadsToInternet) ? [props["id"]] : [];
  });
  return knownIds(members, (member) => {
    if (member.type !== ROUTE_TABLE_ASSOCIATION) return isPublicSubnet(member) ? [member.props["id"]] : [];
    const { routeTableId, subnetId } = member.props;
    return typeof routeTableId === "string" && publicTables.has(routeTableId) ? [subnetId] : [];
  });
}

function knownIds(members: readonly StackMember[], idsOf: (member: StackMember) => readonly unknown[]): ReadonlySet<string> {
  return new Set(members.flatMap(idsOf).filter((id): id is string => typeof id === "string"));
}

function leadsToInternet(route: unknown): boolean {
  const gateway = field(route, "gatewayId");
  return typeof gateway === "string" && gateway.startsWith("igw-");
}

/** Subnets of a default VPC give out public addresses unless told otherwise. */
function isPublicSubnet({ type, props }: StackMember): boolean {
  return (
    (type === SUBNET && props["mapPublicIpOnLaunch"] === true) ||
    (type === "aws:ec2/defaultSubnet:DefaultSubnet" && props["mapPublicIpOnLaunch"] !== false)
  );
}

/**
 * Public subnets that unknown ids come from. That is certain where as many subnets stand behind the property as it has ids, or where all of them
 * are public; a value computed from both kinds tells nothing.
 */
function publicSources(group: StackMember, path: string, ids: number): readonly string[] {
  const subnets = group.sourcesOf(path).filter(({ type }) => type === SUBNET || type === "aws:ec2/defaultSubnet:DefaultSubnet");
  const open = subnets.filter(isPublicSubnet);
  return open.length > 0 && (open.length === subnets.length || subnets.length === ids) ? open.map(({ name }) => name) : [];
}
