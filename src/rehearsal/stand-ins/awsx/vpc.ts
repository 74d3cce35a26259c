/**
 * `awsx:ec2:Vpc` as its plugin builds it (pulumi-awsx e60adf3, awsx/ec2/vpc.ts) with the subnet strategy Auto: subnets zone by zone, each with a route
 * table, NAT gateways as asked, gateway and interface endpoints.
 */
import { apply, comesFrom, dependenciesOf } from "../../monitor/output-values";
import { asMap } from "../../monitor/wire";
import type { WireMap, WireValue } from "../../monitor/wire";
import { buildEndpoints } from "./endpoints";
import type { BuiltSubnet, EndpointSpec } from "./endpoints";
import { planSubnets } from "./subnets";
import type { PlannedSubnet, SubnetSpec } from "./subnets";
import { promptInput } from "../component";
import type { Child, Component, Construct, MakeChild } from "../component";

/** Inputs that the VPC itself gets as they are. */
const PASSED_ON = ["enableDnsHostnames", "enableDnsSupport", "enableNetworkAddressUsageMetrics", "instanceTenancy", "region"];

const BUILT: ReadonlySet<string> = new Set([
  ...PASSED_ON,
  "availabilityZoneNames",
  "cidrBlock",
  "natGateways",
  "numberOfAvailabilityZones",
  "subnetSpecs",
  "subnetStrategy",
  "tags",
  "vpcEndpointSpecs",
  "vpcEndpointStrategy",
]);

interface NatGateways {
  readonly strategy?: "None" | "Single" | "OnePerAz";
  readonly elasticIpAllocationIds?: readonly WireValue[];
}

/** What is made so far. */
interface Built {
  readonly subnets: BuiltSubnet[];
  readonly routeTables: Child[];
  readonly associations: Child[];
  readonly routes: Child[];
  readonly natGateways: Child[];
  readonly eips: Child[];
}

/** @throws Error for options that would make something else than is built here. */
function refuse({ type, inputs }: Component, strategy: string): void {
  const reasons = [
    ...Object.keys(inputs).filter((name) => !BUILT.has(name)),
    ...(strategy === "Auto" ? [] : [`subnetStrategy ${JSON.stringify(strategy)}`]),
  ];
  if (reasons.length > 0) {
    throw new Error(`the rehearsal does not build ${type} with ${reasons.join(", ")}`);
  }
}

export const awsxVpc: Construct = async (component, _world, regionZones, make) => {
  const { inputs, name } = component;
  refuse(component, promptInput<string>(component, "subnetStrategy") ?? "Legacy");
  const named = promptInput<readonly string[]>(component, "availabilityZoneNames");
  const count = promptInput<number>(component, "numberOfAvailabilityZones");
  if (named !== undefined && count !== undefined) {
    throw new Error("Only one of [availabilityZoneNames] and [numberOfAvailabilityZones] can be specified");
  }
  const zones = named ?? regionZones.slice(0, count ?? 3);
  const nat = asMap(inputs.natGateways) as NatGateways;
  const cidrBlock = promptInput<string>(component, "cidrBlock") ?? "10.0.0.0/16";
  const specs = inputs.subnetSpecs as readonly SubnetSpec[] | undefined;
  refuseAddresses(nat, zones.length);
  const plan = planSubnets(name, cidrBlock, zones, specs, nat.strategy ?? "OnePerAz");
  const endpointSpecs = (inputs.vpcEndpointSpecs ?? []) as unknown as readonly EndpointSpec[];
  const isAuto = inputs.vpcEndpointStrategy === "Auto";
  const tags = { Name: name, ...asMap(inputs.tags) };

  const vpc = await make("aws:ec2/vpc:Vpc", name, {
    ...Object.fromEntries(PASSED_ON.map((key) => [key, inputs[key]])),
    ...(isAuto ? dnsOf(inputs, endpointSpecs) : {}),
    cidrBlock,
    tags,
  });
  const gateway = await make(
    "aws:ec2/internetGateway:InternetGateway",
    name,
    { region: inputs.region, vpcId: vpc.id, tags },
    { parent: vpc, dependsOn: [vpc] },
  );
  const built = await buildSubnets({ name, inputs, tags, nat, zones, subnets: plan.subnets, vpc, gateway, make });
  const endpoints = await buildEndpoints({ specs: endpointSpecs, isAuto, zones, region: inputs.region, tags, vpc, ...built, make });

  const ofType = (type: SubnetSpec["type"]) => built.subnets.filter(({ plan: { spec } }) => spec.type === type).map(({ child }) => child);
  const outputs = {
    ...idsAndReferences("public", ofType("Public")),
    ...idsAndReferences("private", ofType("Private")),
    ...idsAndReferences("isolated", ofType("Isolated")),
    vpcId: vpc.id,
    vpc: vpc.reference,
    internetGateway: gateway.reference,
    subnets: references(built.subnets.map(({ child }) => child)),
    routeTables: references(built.routeTables),
    routeTableAssociations: references(built.associations),
    routes: references(built.routes),
    natGateways: references(built.natGateways),
    eips: references(built.eips),
    vpcEndpoints: references(endpoints),
    subnetLayout: plan.layout,
  };
  // The plugin takes all of them out of one output, which comes from the VPC and every subnet.
  const sources = dependenciesOf([vpc.id, ...built.subnets.map(({ child }) => child.id)]);
  return Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, comesFrom(value, sources)]));
};

const references = (children: readonly Child[]): readonly WireMap[] => children.map((child) => child.reference);

/** Known as a whole or not at all. */
function idsAndReferences(type: string, children: readonly Child[]): WireMap {
  const ids = apply(
    children.map(({ id }) => id),
    (...known) => known,
  );
  return { [`${type}SubnetIds`]: ids ?? [], [`${type}Subnets`]: references(children) };
}

/** Private DNS of interface endpoints needs the VPC's DNS. */
function dnsOf(inputs: WireMap, specs: readonly EndpointSpec[]): WireMap {
  if (
    !specs.some(({ vpcEndpointType, privateDnsEnabled }) => vpcEndpointType?.toLowerCase() === "interface" && privateDnsEnabled !== false)
  ) {
    return {};
  }
  for (const name of ["enableDnsHostnames", "enableDnsSupport"]) {
    if (inputs[name] === false) {
      throw new Error(`vpcEndpointStrategy "Auto" requires ${name} to be true when Interface endpoint private DNS is enabled.`);
    }
  }
  return { enableDnsHostnames: inputs.enableDnsHostnames ?? true, enableDnsSupport: inputs.enableDnsSupport ?? true };
}

/** Addresses that the program brings along: as many as there will be gateways. */
function refuseAddresses({ strategy = "OnePerAz", elasticIpAllocationIds: { length } = [] }: NatGateways, zones: number): void {
  if (strategy === "None" && length > 0) {
    throw new Error("Elastic IP allocation IDs cannot be specified when NAT Gateway strategy is 'None'.");
  }
  if (strategy === "Single" && length > 1) {
    throw new Error("Exactly one Elastic IP may be specified when NAT Gateway strategy is 'Single'.");
  }
  if (strategy === "OnePerAz" && length > 0 && length !== zones) {
    throw new Error(
      `The number of Elastic IPs, if specified, must match the number of availability zones for the VPC (${zones}) when NAT Gateway strategy is 'OnePerAz'`,
    );
  }
}

interface SubnetContext {
  readonly name: string;
  readonly inputs: WireMap;
  readonly tags: WireMap;
  readonly nat: NatGateways;
  readonly zones: readonly string[];
  readonly subnets: readonly PlannedSubnet[];
  readonly vpc: Child;
  readonly gateway: Child;
  readonly make: MakeChild;
}

async function buildSubnets(context: SubnetContext): Promise<Built> {
  const { inputs, tags, nat, zones, subnets, vpc, gateway, make } = context;
  const { region } = inputs;
  const built: Built = { subnets: [], routeTables: [], associations: [], routes: [], natGateways: [], eips: [] };
  for (const plan of subnets) {
    const { name, zone, cidrBlock, spec } = plan;
    const own = { ...tags, Name: name, SubnetType: spec.type };
    const assignIpv6 = spec.assignIpv6AddressOnCreation ?? false;
    const subnet = await make(
      "aws:ec2/subnet:Subnet",
      name,
      {
        region,
        vpcId: vpc.id,
        availabilityZone: zone,
        mapPublicIpOnLaunch: spec.type === "Public",
        cidrBlock,
        assignIpv6AddressOnCreation: assignIpv6,
        // Of a range that nobody asked for, a preview does not know that either.
        ipv6CidrBlock: apply([vpc.output("ipv6CidrBlock"), assignIpv6], () => undefined),
        tags: { ...tags, ...spec.tags, Name: name, SubnetType: spec.type },
      },
      { parent: vpc, dependsOn: [vpc] },
    );
    built.subnets.push({ plan, child: subnet });
    const table = await make(
      "aws:ec2/routeTable:RouteTable",
      name,
      { region, vpcId: vpc.id, tags: own },
      { parent: subnet, dependsOn: [subnet] },
    );
    built.routeTables.push(table);
    const inTable = { parent: table, dependsOn: [table] };
    built.associations.push(
      await make(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        name,
        { region, routeTableId: table.id, subnetId: subnet.id },
        inTable,
      ),
    );
    const zoneIndex = zones.indexOf(zone);
    const { strategy = "OnePerAz" } = nat;
    if (spec.type === "Public" && (strategy === "OnePerAz" || (strategy === "Single" && zoneIndex === 0))) {
      await buildNatGateway(context, built, zoneIndex, subnet);
    }
    const exit = exitOf(spec.type, gateway, strategy === "None" ? undefined : built.natGateways[strategy === "Single" ? 0 : zoneIndex]);
    if (exit !== undefined) {
      built.routes.push(
        await make("aws:ec2/route:Route", name, { region, routeTableId: table.id, ...exit, destinationCidrBlock: "0.0.0.0/0" }, inTable),
      );
    }
  }
  return built;
}

async function buildNatGateway({ name, inputs, nat, make }: SubnetContext, built: Built, zoneIndex: number, subnet: Child): Promise<void> {
  const { region } = inputs;
  const full = `${name}-${zoneIndex + 1}`;
  const tags = { ...asMap(inputs.tags), Name: full };
  const options = { parent: subnet, dependsOn: [subnet] };
  const given = nat.elasticIpAllocationIds ?? [];
  if (given.length === 0) {
    built.eips.push(await make("aws:ec2/eip:Eip", full, { region, tags }, options));
  }
  const allocationId = given.length === 0 ? built.eips[zoneIndex]?.output("allocationId") : given[zoneIndex];
  built.natGateways.push(await make("aws:ec2/natGateway:NatGateway", full, { region, subnetId: subnet.id, allocationId, tags }, options));
}

/** Where a subnet's default route leads; undefined: nowhere. */
function exitOf(type: SubnetSpec["type"], internetGateway: Child, natGateway: Child | undefined): WireMap | undefined {
  if (type === "Public") {
    return { gatewayId: internetGateway.id };
  }
  return type === "Private" && natGateway !== undefined ? { natGatewayId: natGateway.id } : undefined;
}
