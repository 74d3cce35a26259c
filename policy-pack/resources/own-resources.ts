/** Which ids are those of resources that a program registers itself. */
import { valueAt } from "../../src/json/value-at";
import { EKS_CLUSTER, EKS_CLUSTER_COMPONENT, ROUTE_TABLE, SUBNET, VPC_COMPONENT } from "../../src/well-known/resource-types";
import type { Stack, StackMember } from "../evaluation/on-stack";
import { UNKNOWN, isRecord, untypedEntries } from "../evaluation/snapshot";

/**
 * Types whose ids AWS makes up. Of other types the id repeats an argument, as that of an accepted peering connection or of an adopted route table does, so it says
 * nothing of whose it is. `more` are further ids among the outputs.
 */
export const MADE_BY_AWS: ReadonlyMap<string, { readonly more: readonly (readonly string[])[] }> = new Map([
  ...["vpc:Vpc", "defaultVpc:DefaultVpc"].map((type): [string, { more: string[][] }] => [
    `aws:ec2/${type}`,
    { more: [["defaultRouteTableId"], ["mainRouteTableId"], ["defaultNetworkAclId"], ["defaultSecurityGroupId"], ["dhcpOptionsId"]] },
  ]),
  [EKS_CLUSTER, { more: [["vpcConfig", "clusterSecurityGroupId"]] }],
  ["aws:ec2/spotInstanceRequest:SpotInstanceRequest", { more: [["spotInstanceId"]] }],
  ["aws:ec2/instance:Instance", { more: [["primaryNetworkInterfaceId"]] }],
  ["aws:ec2/natGateway:NatGateway", { more: [["networkInterfaceId"]] }],
  [
    "aws:ec2transitgateway/transitGateway:TransitGateway",
    { more: [["associationDefaultRouteTableId"], ["propagationDefaultRouteTableId"]] },
  ],
  ...[
    ...[SUBNET, "aws:ec2/defaultSubnet:DefaultSubnet", ROUTE_TABLE, "aws:ec2/networkAcl:NetworkAcl"],
    ...["aws:ec2/securityGroup:SecurityGroup", "aws:ec2/managedPrefixList:ManagedPrefixList", "aws:ec2/vpcEndpoint:VpcEndpoint"],
    ...["aws:ec2/vpcPeeringConnection:VpcPeeringConnection", "aws:ec2/vpnGateway:VpnGateway", "aws:ec2/vpnConnection:VpnConnection"],
    ...["aws:ec2/internetGateway:InternetGateway", "aws:ec2/networkInterface:NetworkInterface"],
    ...["aws:ec2transitgateway/routeTable:RouteTable", "aws:ec2transitgateway/vpcAttachment:VpcAttachment"],
    ...["aws:ec2transitgateway/peeringAttachment:PeeringAttachment", "aws:ec2transitgateway/connect:Connect"],
    ...["aws:directconnect/gateway:Gateway", "aws:ebs/volume:Volume", "aws:ebs/snapshot:Snapshot", "aws:ebs/snapshotCopy:SnapshotCopy"],
    ...["aws:efs/fileSystem:FileSystem", "aws:efs/accessPoint:AccessPoint"],
  ].map((type): [string, { more: string[][] }] => [type, { more: [] }]),
]);

/** Services and components whose outputs can be ids of networks, instances and disks. What they name themselves, they are judged for. */
const SOURCES = /^aws:(?:ec2|ec2transitgateway|directconnect|eks|ebs|efs)\//;
const COMPONENTS: readonly string[] = [VPC_COMPONENT, EKS_CLUSTER_COMPONENT];

const idsOfStack = new WeakMap<Stack, ReadonlySet<unknown>>();

/**
 * Whether an unknown value comes from resources of these types. In a first preview what a program creates has no id yet, but it has a source. A value without any source
 * is what the provider fills in, such as the address of an interface that nobody named. `pulumi up` checks both when it ends.
 */
export function comesFrom(isOfType: (type: string) => boolean, member: StackMember, properties: readonly string[]): boolean {
  const sources = properties.flatMap((property) => member.sourcesOf(property));
  return sources.length === 0 || sources.some(({ type }) => isOfType(type));
}

/**
 * Whether a value is the id of a resource that the program registers.
 * @param property of the member that the value is a part of.
 */
export function isOwnId(value: unknown, member: StackMember, property: string, stack: Stack): boolean {
  if (value === UNKNOWN) {
    return comesFrom((type) => SOURCES.test(type) || COMPONENTS.includes(type), member, [property]);
  }
  const ids = idsOfStack.get(stack) ?? new Set(stack.members.flatMap(idsOf));
  idsOfStack.set(stack, ids);
  return ids.has(value);
}

function idsOf({ type, props }: StackMember): readonly unknown[] {
  const made = MADE_BY_AWS.get(type);
  return made === undefined ? [] : [["id"], ...made.more].map((path) => valueAt(props, ...path)).filter((id) => typeof id === "string");
}

/** What is at a path of properties: `*` is every entry of a list or of a map. An unknown list is one unknown value. */
export function valuesAt(value: unknown, path: readonly string[]): readonly unknown[] {
  const [key, ...rest] = path;
  if (key === undefined || value === UNKNOWN || value === undefined || value === null) {
    return value === undefined || value === null || value === "" ? [] : [value];
  }
  if (key === "*") {
    return (isRecord(value) ? Object.values(value) : untypedEntries(value)).flatMap((entry) => valuesAt(entry, rest));
  }
  return valuesAt(valueAt(value, key), rest);
}
