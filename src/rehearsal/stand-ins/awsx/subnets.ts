/** Which subnets `awsx:ec2:Vpc` makes with the strategy Auto (pulumi-awsx e60adf3, awsx/ec2/subnetDistributorNew.ts and vpc.ts). Pure. */
import { present } from "../../monitor/wire";
import type { WireMap } from "../../monitor/wire";
import { overlaps, rangesOf } from "./subnet-ranges";

export interface SubnetSpec {
  readonly type: "Public" | "Private" | "Isolated" | "Unused";
  readonly name?: string;
  readonly cidrMask?: number;
  /** Number of addresses; another way to say the mask. */
  readonly size?: number;
  /** One per zone; awsx lays out no range itself then. */
  readonly cidrBlocks?: readonly string[];
  readonly tags?: WireMap;
  readonly assignIpv6AddressOnCreation?: boolean;
}

/** A subnet that will be made. */
export interface PlannedSubnet {
  readonly name: string;
  readonly zone: string;
  readonly cidrBlock: string;
  readonly spec: SubnetSpec;
}

export interface SubnetPlan {
  /** In the order in which they are made: zone by zone, public ones first, because private ones route through their NAT gateway. */
  readonly subnets: readonly PlannedSubnet[];
  /** What the component says of the layout. */
  readonly layout: readonly WireMap[];
}

const ORDER: readonly SubnetSpec["type"][] = ["Public", "Private", "Isolated"];

/** @param specs undefined: what awsx makes where nobody asks. @throws Error in awsx's words. */
export function planSubnets(
  vpcName: string,
  cidrBlock: string,
  zones: readonly string[],
  specs: readonly SubnetSpec[] | undefined,
  natStrategy: string,
): SubnetPlan {
  const complete = specs === undefined ? defaultSpecs(cidrBlock, zones.length) : specs.map(withMask);
  refuse(complete, zones.length);
  const ranges = rangesOf(
    cidrBlock,
    zones.length,
    complete.map(({ cidrMask }) => cidrMask),
  );
  const planned = zones.flatMap((zone, zoneIndex) =>
    complete.map((spec, index) => ({
      name: `${vpcName}-${spec.name ?? spec.type.toLowerCase()}-${zoneIndex + 1}`,
      zone,
      cidrBlock: spec.cidrBlocks?.[zoneIndex] ?? ranges[zoneIndex]?.[index] ?? "",
      spec,
    })),
  );
  refuseOverlaps(planned);
  refuseNatGateways(natStrategy, complete);
  const subnets = zones.flatMap((zone) =>
    planned
      .filter((subnet) => subnet.zone === zone && subnet.spec.type !== "Unused")
      .sort((a, b) => ORDER.indexOf(a.spec.type) - ORDER.indexOf(b.spec.type)),
  );
  return { subnets, layout: complete.map((spec) => layoutOf(spec, specs !== undefined)) };
}

/** Private and public, half of a zone's block and a quarter of it, and no larger than if the VPC were a /16. */
function defaultSpecs(cidrBlock: string, zones: number): readonly SubnetSpec[] {
  const zoneMask = Number(cidrBlock.split("/")[1]) + Math.ceil(Math.log2(zones));
  if (zoneMask > 26) {
    throw new Error(`Automatic subnet creation requires a VPC with at least /26 available per AZ, but only /${zoneMask} is available.`);
  }
  const mask = Math.max(zoneMask, 16);
  return [
    { type: "Private", cidrMask: mask + 1 },
    { type: "Public", cidrMask: mask + 2 },
  ];
}

function withMask(spec: SubnetSpec): SubnetSpec {
  return spec.cidrBlocks === undefined && spec.cidrMask === undefined && spec.size !== undefined
    ? { ...spec, cidrMask: 32 - Math.log2(spec.size) }
    : spec;
}

function refuse(specs: readonly SubnetSpec[], zones: number): void {
  const explicit = specs.some(({ cidrBlocks }) => cidrBlocks !== undefined);
  const issues = [
    ...[...new Set(specs.map(({ type }) => type))]
      .filter((type) => haveOneName(specs, type))
      .map((type) => `Multiple subnet specs of type "${type.toLowerCase()}" require unique names.`),
    ...specs.flatMap(({ size, cidrMask }) =>
      size !== undefined && cidrMask !== undefined && size !== 2 ** (32 - cidrMask)
        ? [`Subnet size ${size} does not match the expected size for a /${cidrMask} subnet (${2 ** (32 - cidrMask)}).`]
        : [],
    ),
    ...(explicit ? specs.flatMap((spec, index) => explicitIssues(spec, index, zones)) : []),
  ];
  if (issues.length > 0) {
    throw new Error(`Invalid subnet specifications:\n - ${issues.join("\n - ")}`);
  }
}

function haveOneName(specs: readonly SubnetSpec[], type: SubnetSpec["type"]): boolean {
  const names = specs.filter((spec) => spec.type === type).map(({ name }) => name);
  return new Set(names).size < names.length;
}

function explicitIssues({ cidrBlocks, cidrMask }: SubnetSpec, index: number, zones: number): readonly string[] {
  if (cidrBlocks === undefined) {
    return ["If any subnet spec has explicit cidrBlocks, all subnets must have explicit cidrBlocks."];
  }
  if (cidrBlocks.length !== zones) {
    return [`The number of CIDR blocks in subnetSpecs[${index}] must match the number of availability zones (${zones}).`];
  }
  return cidrMask !== undefined && cidrBlocks.some((block) => !block.endsWith(`/${cidrMask}`))
    ? [`The cidrMask in subnetSpecs[${index}] must match all cidrBlocks or be left undefined.`]
    : [];
}

function refuseOverlaps(subnets: readonly PlannedSubnet[]): void {
  const found = subnets.filter((subnet) => subnets.some((other) => other !== subnet && overlaps(subnet.cidrBlock, other.cidrBlock)));
  if (found.length > 0) {
    const list = found.map(({ name, cidrBlock }, index) => `${index + 1}. ${name}: ${cidrBlock}`).join("\n");
    throw new Error(
      `The following subnets overlap with at least one other subnet. Make the CIDR for the VPC larger, reduce the size of the subnets per AZ, or use less Availability Zones:\n\n${list}`,
    );
  }
}

function refuseNatGateways(strategy: string, specs: readonly SubnetSpec[]): void {
  const has = (...types: readonly SubnetSpec["type"][]) => specs.some(({ type }) => types.includes(type));
  if (strategy !== "None" && !(has("Public") && has("Private", "Isolated"))) {
    throw new Error(
      "If NAT Gateway strategy is 'OnePerAz' or 'Single', public subnets must be declared to host the NAT Gateway resource, along with private or isolated subnets to route through it.",
    );
  }
}

/** @param isGiven whether the program names the subnets: then masks and sizes stand beside each other. */
function layoutOf({ type, name, cidrBlocks, cidrMask }: SubnetSpec, isGiven: boolean): WireMap {
  return present({
    type,
    name,
    cidrBlocks,
    cidrMask,
    size: isGiven && cidrMask !== undefined && cidrBlocks === undefined ? 2 ** (32 - cidrMask) : undefined,
  });
}
