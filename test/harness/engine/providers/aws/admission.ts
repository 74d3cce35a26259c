/**
 * What AWS refuses because of what exists already: names and principals that are taken, ranges that overlap, subnets of another VPC, things that are still
 * in use. Errors have the codes that AWS has; where nobody has seen its sentence, the words are ours.
 */
import { leaves } from "../cloud";
import type { Cloud, Thing } from "../cloud";
import { isWireMap, unwrap } from "../../../../../src/rehearsal/monitor/wire";
import type { WireMap, WireValue } from "../../../../../src/rehearsal/monitor/wire";
import { arn, makeAccount } from "../../../../../src/rehearsal/stand-ins/account";
import { UNIQUE } from "./unique";
import { overlaps } from "../../../../../src/rehearsal/stand-ins/awsx/subnet-ranges";

const CLUSTER = "aws:eks/cluster:Cluster";
const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const SUBNET = "aws:ec2/subnet:Subnet";
const VPC = "aws:ec2/vpc:Vpc";

type Rule = (thing: Thing, cloud: Cloud) => void;

/** @throws Error in AWS's words when a thing cannot be created beside what exists. */
export function admit(thing: Thing, cloud: Cloud): void {
  for (const rule of [refuseTaken, refuseMissing, ...(RULES[thing.type] ?? [])]) {
    rule(thing, cloud);
  }
}

/** @throws Error in AWS's words when a thing cannot become another in its place. @param before the thing as it is. */
export function alter(thing: Thing, before: Thing, cloud: Cloud): void {
  if (thing.type === CLUSTER) {
    alterSubnets(thing, before, cloud);
  }
}

/** @throws Error in AWS's words when a thing cannot be deleted. */
export function release(thing: Thing, cloud: Cloud): void {
  if (thing.type === CLUSTER && thing.inputs.deletionProtection === true) {
    throw new Error(`InvalidRequestException: cluster ${thing.id} has deletion protection`);
  }
  const users = cloud.usersOf(thing);
  if (users.length > 0) {
    const named = users.map(({ type, name }) => `${type} ${name}`).join(", ");
    throw new Error(`${IN_USE[thing.type] ?? "DependencyViolation"}: ${thing.type} ${thing.id} is in use by ${named}`);
  }
}

const IN_USE: Readonly<Record<string, string>> = {
  [CLUSTER]: "ResourceInUseException",
  "aws:iam/policy:Policy": "DeleteConflict",
  "aws:iam/role:Role": "DeleteConflict",
};

const RULES: Readonly<Record<string, readonly Rule[]>> = {
  [CLUSTER]: [
    (thing, cloud) => {
      refuseOneZone(subnetsOf(thing, cloud));
      vpcOf(thing, cloud);
    },
  ],
  [NODE_GROUP]: [refuseForeignSubnets],
  [SUBNET]: [refuseRange],
  "aws:eks/accessEntry:AccessEntry": [refuseKnownPrincipal],
  "aws:ec2/securityGroupRule:SecurityGroupRule": [refuseSameRule],
  "aws:ec2/vpcEndpoint:VpcEndpoint": [refuseSameEndpoint, refuseForeignEndpoint],
};

function refuseTaken(thing: Thing, cloud: Cloud): void {
  const unique = UNIQUE[thing.type];
  const values = unique === undefined ? {} : valuesOf(thing, unique.by);
  if (unique !== undefined && Object.keys(values).length === unique.by.length) {
    if (alike(thing, cloud).some((other) => unique.by.every((name) => plain(other)[name] === values[name]))) {
      throw new Error(unique.error(values));
    }
  }
  if (cloud.find(thing.urn, thing.id) !== undefined) {
    throw new Error(`${thing.type} ${thing.id} exists already`);
  }
}

/** VPCs, subnets and clusters that an argument names, and that are not there. */
function refuseMissing(thing: Thing, cloud: Cloud): void {
  const { vpcId, subnetId, clusterName } = plain(thing);
  if (isId("vpc", vpcId) && !has(cloud, VPC, vpcId)) {
    throw new Error(`InvalidVpcID.NotFound: The vpc ID '${vpcId}' does not exist`);
  }
  for (const id of [subnetId, ...subnetIds(thing)].filter((candidate) => isId("subnet", candidate))) {
    if (!has(cloud, SUBNET, id)) {
      throw new Error(`InvalidSubnetID.NotFound: The subnet ID '${id}' does not exist`);
    }
  }
  if (thing.type.startsWith("aws:eks/") && typeof clusterName === "string" && !has(cloud, CLUSTER, clusterName)) {
    throw new Error(`ResourceNotFoundException: No cluster found for name: ${clusterName}.`);
  }
}

function refuseRange(thing: Thing, cloud: Cloud): void {
  const { cidrBlock, vpcId } = plain(thing);
  if (typeof cidrBlock !== "string") {
    return;
  }
  const vpc = cloud.all.find(({ type, id }) => type === VPC && id === vpcId);
  const outer = vpc === undefined ? undefined : plain(vpc).cidrBlock;
  const prefix = Number(cidrBlock.split("/")[1]);
  const isInside = typeof outer !== "string" || (overlaps(cidrBlock, outer) && prefix >= Number(outer.split("/")[1]));
  if (!isInside || prefix < 16 || prefix > 28) {
    throw new Error(`InvalidSubnet.Range: The CIDR '${cidrBlock}' is invalid.`);
  }
  const taken = cloud.all.filter((other) => other.type === SUBNET && plain(other).vpcId === vpcId);
  if (taken.some((other) => overlaps(cidrBlock, String(plain(other).cidrBlock)))) {
    throw new Error(`InvalidSubnet.Conflict: The CIDR '${cidrBlock}' conflicts with another subnet`);
  }
}

function refuseOneZone(subnets: readonly Thing[]): void {
  if (subnets.length > 0 && zonesOf(subnets).size < 2) {
    throw new Error("InvalidParameterException: Subnets specified must be in at least two different AZs");
  }
}

/** A control plane stays in its VPC and in its zones (EKS API, UpdateClusterConfig; aws/containers-roadmap issue 2258). */
function alterSubnets(thing: Thing, before: Thing, cloud: Cloud): void {
  const [vpc, oldVpc] = [vpcOf(thing, cloud), vpcOf(before, cloud) ?? clusterVpc(before)];
  if (vpc !== undefined && oldVpc !== undefined && vpc !== oldVpc) {
    throw new Error(
      `InvalidParameterException: The subnets of cluster ${thing.id} must stay in its VPC ${oldVpc}; those given are in ${vpc}`,
    );
  }
  const [zones, oldZones] = [zonesOf(subnetsOf(thing, cloud)), zonesOf(subnetsOf(before, cloud))];
  const isSame = zones.size === oldZones.size && [...zones].every((zone) => oldZones.has(zone));
  if (oldZones.size > 0 && zones.size > 0 && !isSame) {
    throw new Error(
      `InvalidParameterException: The subnets of cluster ${thing.id} must be in the same set of AZs as at its creation: ${[...oldZones].sort().join(", ")}`,
    );
  }
}

function refuseForeignSubnets(thing: Thing, cloud: Cloud): void {
  const cluster = cloud.all.find(({ type, id }) => type === CLUSTER && id === plain(thing).clusterName);
  const [vpc, clusterIn] = [vpcOf(thing, cloud), cluster === undefined ? undefined : (vpcOf(cluster, cloud) ?? clusterVpc(cluster))];
  if (vpc !== undefined && clusterIn !== undefined && vpc !== clusterIn) {
    throw new Error(
      `InvalidParameterException: Subnets of a node group must be in the VPC of its cluster, ${clusterIn}, and not in ${vpc}`,
    );
  }
}

/** EKS makes an entry by itself for whoever makes the cluster, and for the roles of managed node groups. */
function refuseKnownPrincipal(thing: Thing, cloud: Cloud): void {
  const { clusterName, principalArn } = plain(thing);
  const creator = arn(makeAccount(String(plain(thing).region ?? ""), ""), "iam", "role/rehearsal", "global");
  const nodes = cloud.all.filter(({ type, inputs }) => type === NODE_GROUP && inputs.clusterName === clusterName);
  if (principalArn === creator || nodes.some((group) => plain(group).nodeRoleArn === principalArn)) {
    throw new Error("ResourceInUseException: The specified access entry resource is already in use on this cluster.");
  }
}

function refuseSameRule(thing: Thing, cloud: Cloud): void {
  const told = (rule: Thing) => JSON.stringify(RULE_ARGUMENTS.map((name) => plain(rule)[name] ?? null));
  if (alike(thing, cloud).some((other) => told(other) === told(thing))) {
    throw new Error("InvalidPermission.Duplicate: the specified rule already exists");
  }
}

/** What makes a security group rule the rule that it is. */
const RULE_ARGUMENTS = [
  "securityGroupId",
  "type",
  "protocol",
  "fromPort",
  "toPort",
  "cidrBlocks",
  "ipv6CidrBlocks",
  "prefixListIds",
  "self",
  "sourceSecurityGroupId",
];

function refuseSameEndpoint(thing: Thing, cloud: Cloud): void {
  const { vpcId, serviceName, vpcEndpointType = "Gateway", routeTableIds } = plain(thing);
  const others = alike(thing, cloud).filter((other) => plain(other).vpcId === vpcId && plain(other).serviceName === serviceName);
  const tables = new Set(leaves(routeTableIds ?? []));
  if (vpcEndpointType === "Gateway" && others.some((other) => leaves(plain(other).routeTableIds ?? []).some((id) => tables.has(id)))) {
    throw new Error(`RouteAlreadyExists: a route table has a route to ${String(serviceName)} already`);
  }
  if (
    vpcEndpointType === "Interface" &&
    plain(thing).privateDnsEnabled === true &&
    others.some((other) => plain(other).privateDnsEnabled === true)
  ) {
    throw new Error(
      `InvalidParameter: private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${String(serviceName)} in the VPC ${String(vpcId)}`,
    );
  }
}

function refuseForeignEndpoint(thing: Thing, cloud: Cloud): void {
  const vpc = vpcOf(thing, cloud);
  if (vpc !== undefined && vpc !== plain(thing).vpcId) {
    throw new Error(`InvalidParameter: subnets of an endpoint must be in its VPC ${String(plain(thing).vpcId)}`);
  }
}

/** The VPC that the subnets of a thing are in; undefined where it has none that exist. @throws Error when they are in several. */
export function vpcOf(thing: Thing, cloud: Cloud): string | undefined {
  const vpcs = new Set(subnetsOf(thing, cloud).map((subnet) => String(plain(subnet).vpcId)));
  if (vpcs.size > 1) {
    throw new Error(`InvalidParameterException: Subnets must be in one VPC, and are in ${[...vpcs].join(" and ")}`);
  }
  return [...vpcs][0];
}

/** The VPC that a cluster was made in. */
function clusterVpc({ outputs }: Thing): string | undefined {
  const config = unwrap(outputs.vpcConfig ?? null).value;
  return isWireMap(config) && typeof config.vpcId === "string" ? config.vpcId : undefined;
}

function subnetsOf(thing: Thing, cloud: Cloud): readonly Thing[] {
  const ids = new Set(subnetIds(thing));
  return cloud.all.filter(({ type, id }) => type === SUBNET && ids.has(id));
}

/** Of a cluster, they are one level below. */
function subnetIds(thing: Thing): readonly string[] {
  const { subnetIds: direct, vpcConfig } = plain(thing);
  return leaves(direct ?? (isWireMap(vpcConfig) ? (vpcConfig.subnetIds ?? []) : []));
}

function zonesOf(subnets: readonly Thing[]): ReadonlySet<string> {
  return new Set(subnets.map((subnet) => String(plain(subnet).availabilityZone)));
}

/** What exists of the same type. The account has one region: names are not told apart by it. */
function alike({ type }: Thing, cloud: Cloud): readonly Thing[] {
  return cloud.all.filter((other) => other.type === type);
}

function plain({ inputs }: Thing): WireMap {
  return unwrap(inputs).value as WireMap;
}

function valuesOf(thing: Thing, names: readonly string[]): Readonly<Record<string, string>> {
  const inputs = plain(thing);
  return Object.fromEntries(names.flatMap((name) => (typeof inputs[name] === "string" ? [[name, inputs[name]]] : [])));
}

function isId(kind: string, value: WireValue | undefined): value is string {
  return typeof value === "string" && new RegExp(`^${kind}-0[0-9a-f]{16}$`).test(value);
}

function has(cloud: Cloud, type: string, id: string): boolean {
  return cloud.all.some((thing) => thing.type === type && thing.id === id);
}
