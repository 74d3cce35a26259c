import type { DefaultSubnetArgs } from "@pulumi/aws/ec2/defaultSubnet";
import type { RouteArgs } from "@pulumi/aws/ec2/route";
import type { RouteTableArgs } from "@pulumi/aws/ec2/routeTable";
import type { RouteTableAssociationArgs } from "@pulumi/aws/ec2/routeTableAssociation";
import type { SubnetArgs } from "@pulumi/aws/ec2/subnet";
import type { StackValidationPolicy } from "@pulumi/policy";
import { ROUTE, ROUTE_TABLE, ROUTE_TABLE_ASSOCIATION, SUBNET } from "../../../src/well-known/resource-types";
import { ofType, onStack } from "../../evaluation/on-stack";
import type { StackMember } from "../../evaluation/on-stack";
import { entries, field } from "../../evaluation/properties";
import { UNKNOWN, untypedEntries } from "../../evaluation/snapshot";
import { NODE_GROUPS, readNodeGroup } from "../../resources/node-groups";

/**
 * Checks that no node group of the stack is in a public subnet: one whose route table has a route to an internet gateway, or that assigns public
 * addresses. It joins the stack's own resources by the ids that are known. In the first preview they are unknown, and then it finds something only
 * if the program passes subnets that it creates itself. It cannot see resources of another stack.
 */
export const nodeGroupsInPrivateSubnets: StackValidationPolicy = {
  name: "node-groups-in-private-subnets",
  displayName: "Nodes in private subnets",
  description: "Checks that no node group is in a subnet with a route from the internet, or in one that assigns public addresses.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "eks", "network"],
  remediationSteps: "Give the node group private subnets only.",
  validateStack: onStack({
    types: NODE_GROUPS,
    check: (group, { members }) => {
      const { path, value } = readNodeGroup(group).subnets;
      const ids = untypedEntries(value);
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
  const publicTables = knownIds(members, (member) => {
    const route = ofType<RouteArgs>(member, ROUTE);
    if (route !== undefined) {
      return leadsToInternet(route.gatewayId) ? [route.routeTableId] : [];
    }
    const table = ofType<RouteTableArgs>(member, ROUTE_TABLE);
    return table !== undefined && entries(table.routes).some((entry) => leadsToInternet(field(entry, "gatewayId"))) ? [table.id] : [];
  });
  return knownIds(members, (member) => {
    const association = ofType<RouteTableAssociationArgs>(member, ROUTE_TABLE_ASSOCIATION);
    if (association === undefined) {
      return isPublicSubnet(member) ? [member.props["id"]] : [];
    }
    const { routeTableId, subnetId } = association;
    return typeof routeTableId === "string" && publicTables.has(routeTableId) ? [subnetId] : [];
  });
}

function knownIds(members: readonly StackMember[], idsOf: (member: StackMember) => readonly unknown[]): ReadonlySet<string> {
  return new Set(members.flatMap(idsOf).filter((id): id is string => typeof id === "string"));
}

function leadsToInternet(gateway: unknown): boolean {
  return typeof gateway === "string" && gateway.startsWith("igw-");
}

const DEFAULT_SUBNET = "aws:ec2/defaultSubnet:DefaultSubnet";

/** Subnets of a default VPC assign public addresses unless told otherwise. */
function isPublicSubnet(member: StackMember): boolean {
  const subnet = ofType<SubnetArgs>(member, SUBNET);
  const defaultSubnet = ofType<DefaultSubnetArgs>(member, DEFAULT_SUBNET);
  return (
    (subnet !== undefined && subnet.mapPublicIpOnLaunch === true) ||
    (defaultSubnet !== undefined && defaultSubnet.mapPublicIpOnLaunch !== false)
  );
}

/**
 * Public subnets that unknown ids come from. This is certain if the property has as many ids as it has subnets as sources, or if all of them are
 * public. A value computed from both kinds is no evidence.
 */
function publicSources(group: StackMember, path: string, ids: number): readonly string[] {
  const subnets = group.sourcesOf(path).filter(({ type }) => type === SUBNET || type === DEFAULT_SUBNET);
  const open = subnets.filter(isPublicSubnet);
  return open.length > 0 && (open.length === subnets.length || subnets.length === ids) ? open.map(({ name }) => name) : [];
}
