/**
 * `awsx:ec2:Vpc` as its plugin builds it (pulumi-awsx e60adf3, awsx/ec2/vpc.ts) with the subnet strategy Auto and the
 * endpoint strategy Auto: subnets zone by zone, each with a route table, NAT gateways as asked, gateway and interface endpoints.
 */
import { isWireMap } from "../monitor/wire";
import type { WireMap, WireValue } from "../monitor/wire";
import { pluck } from "./component";
import type { Child, Construct, MakeChild } from "./component";
import { rangesOf } from "./subnet-ranges";

interface SubnetSpec {
  readonly type: "Public" | "Private" | "Isolated" | "Unused";
  readonly name?: string;
  readonly cidrMask?: number;
  /** One per zone; awsx lays out no range itself then. */
  readonly cidrBlocks?: readonly string[];
  readonly tags?: WireMap;
}

interface EndpointSpec {
  readonly serviceName: string;
  readonly vpcEndpointType?: string;
  readonly tags?: WireMap;
}

interface VpcInputs {
  readonly cidrBlock?: string;
  readonly availabilityZoneNames?: readonly string[];
  readonly numberOfAvailabilityZones?: number;
  readonly natGateways?: { readonly strategy?: "None" | "Single" | "OnePerAz" };
  readonly subnetStrategy?: string;
  readonly subnetSpecs?: readonly SubnetSpec[];
  readonly vpcEndpointSpecs?: readonly EndpointSpec[];
  readonly tags?: WireMap;
}

interface Built {
  readonly subnets: { readonly type: SubnetSpec["type"]; readonly zone: string; readonly child: Child }[];
  readonly routeTables: Child[];
  readonly associations: Child[];
  readonly routes: Child[];
  readonly natGateways: Child[];
  readonly eips: Child[];
}

/** Public subnets come first in a zone, because the private ones route through their NAT gateway. */
const ORDER: readonly SubnetSpec["type"][] = ["Public", "Private", "Isolated"];

export const awsxVpc: Construct = async (component, _world, regionZones, make) => {
  const inputs = component.inputs as VpcInputs;
  if (inputs.subnetStrategy !== "Auto") {
    throw new Error(
      `the rehearsal builds awsx:ec2:Vpc with subnetStrategy "Auto" only, not ${JSON.stringify(inputs.subnetStrategy ?? "Legacy")}`,
    );
  }
  const { name } = component;
  const zones = inputs.availabilityZoneNames ?? regionZones.slice(0, inputs.numberOfAvailabilityZones ?? 3);
  const cidrBlock = inputs.cidrBlock ?? "10.0.0.0/16";
  const tags = { Name: name, ...inputs.tags };

  const passedOn = isWireMap(component.inputs as WireValue)
    ? pick(component.inputs as WireMap, ["enableDnsHostnames", "enableDnsSupport", "instanceTenancy", "region"])
    : {};
  const vpc = await make("aws:ec2/vpc:Vpc", name, { ...passedOn, cidrBlock, tags });
  const gateway = await make("aws:ec2/internetGateway:InternetGateway", name, { vpcId: vpc.id, tags }, vpc);
  const built = await buildSubnets({ name, inputs, zones, cidrBlock, tags, vpc, gateway, make });
  const endpoints: Child[] = [];
  for (const spec of inputs.vpcEndpointSpecs ?? []) {
    endpoints.push(await buildEndpoint(spec, built, vpc, cidrBlock, tags, make));
  }

  const ofType = (type: SubnetSpec["type"]) => built.subnets.filter((subnet) => subnet.type === type).map((subnet) => subnet.child);
  const references = (children: readonly Child[]) => children.map((child) => child.reference);
  return {
    vpcId: vpc.id,
    vpc: vpc.reference,
    internetGateway: gateway.reference,
    subnets: references(built.subnets.map((subnet) => subnet.child)),
    publicSubnetIds: pluck(ofType("Public"), "id"),
    privateSubnetIds: pluck(ofType("Private"), "id"),
    isolatedSubnetIds: pluck(ofType("Isolated"), "id"),
    publicSubnets: references(ofType("Public")),
    privateSubnets: references(ofType("Private")),
    isolatedSubnets: references(ofType("Isolated")),
    routeTables: references(built.routeTables),
    routeTableAssociations: references(built.associations),
    routes: references(built.routes),
    natGateways: references(built.natGateways),
    eips: references(built.eips),
    vpcEndpoints: references(endpoints),
    subnetLayout: [],
  };
};

interface SubnetContext {
  readonly name: string;
  readonly inputs: VpcInputs;
  readonly zones: readonly string[];
  readonly cidrBlock: string;
  readonly tags: WireMap;
  readonly vpc: Child;
  readonly gateway: Child;
  readonly make: MakeChild;
}

async function buildSubnets(context: SubnetContext): Promise<Built> {
  const { name, inputs, zones, cidrBlock, tags, vpc, gateway, make } = context;
  const specs = inputs.subnetSpecs ?? [{ type: "Private" as const }, { type: "Public" as const }];
  const ranges = rangesOf(
    cidrBlock,
    zones.length,
    specs.map((spec) => spec.cidrMask),
  );
  const nat = inputs.natGateways?.strategy ?? "OnePerAz";
  const built: Built = { subnets: [], routeTables: [], associations: [], routes: [], natGateways: [], eips: [] };

  for (const [zoneIndex, zone] of zones.entries()) {
    const number = zoneIndex + 1;
    const inOrder = specs.map((spec, index) => ({ spec, index })).filter(({ spec }) => spec.type !== "Unused");
    inOrder.sort((a, b) => ORDER.indexOf(a.spec.type) - ORDER.indexOf(b.spec.type));
    for (const { spec, index } of inOrder) {
      const full = `${name}-${spec.name ?? spec.type.toLowerCase()}-${number}`;
      const own = { ...tags, Name: full, SubnetType: spec.type };
      const subnet = await make(
        "aws:ec2/subnet:Subnet",
        full,
        {
          vpcId: vpc.id,
          availabilityZone: zone,
          mapPublicIpOnLaunch: spec.type === "Public",
          cidrBlock: spec.cidrBlocks?.[zoneIndex] ?? ranges[zoneIndex]?.[index] ?? "",
          assignIpv6AddressOnCreation: false,
          tags: { ...own, ...spec.tags, Name: full },
        },
        vpc,
      );
      built.subnets.push({ type: spec.type, zone, child: subnet });
      const table = await make("aws:ec2/routeTable:RouteTable", full, { vpcId: vpc.id, tags: own }, subnet);
      built.routeTables.push(table);
      built.associations.push(
        await make("aws:ec2/routeTableAssociation:RouteTableAssociation", full, { routeTableId: table.id, subnetId: subnet.id }, table),
      );

      if (spec.type === "Public" && (nat === "OnePerAz" || (nat === "Single" && zoneIndex === 0))) {
        const natTags = { ...inputs.tags, Name: `${name}-${number}` };
        const eip = await make("aws:ec2/eip:Eip", `${name}-${number}`, { tags: natTags }, subnet);
        built.eips.push(eip);
        built.natGateways.push(
          await make(
            "aws:ec2/natGateway:NatGateway",
            `${name}-${number}`,
            { subnetId: subnet.id, allocationId: eip.id, tags: natTags },
            subnet,
          ),
        );
      }
      const exit = exitOf(spec.type, gateway, nat === "None" ? undefined : built.natGateways.at(-1));
      if (exit !== undefined) {
        built.routes.push(
          await make("aws:ec2/route:Route", full, { routeTableId: table.id, ...exit, destinationCidrBlock: "0.0.0.0/0" }, table),
        );
      }
    }
  }
  return built;
}

/** Where a subnet's default route leads; undefined: nowhere. */
function exitOf(type: SubnetSpec["type"], internetGateway: Child, natGateway: Child | undefined): WireMap | undefined {
  if (type === "Public") {
    return { gatewayId: internetGateway.id };
  }
  return type === "Private" && natGateway !== undefined ? { natGatewayId: natGateway.id } : undefined;
}

async function buildEndpoint(
  spec: EndpointSpec,
  built: Built,
  vpc: Child,
  cidrBlock: string,
  tags: WireMap,
  make: MakeChild,
): Promise<Child> {
  const own = { ...tags, ...spec.tags };
  if ((spec.vpcEndpointType ?? "Gateway").toLowerCase() === "gateway") {
    return make(
      "aws:ec2/vpcEndpoint:VpcEndpoint",
      spec.serviceName,
      {
        vpcId: vpc.id,
        serviceName: spec.serviceName,
        vpcEndpointType: "Gateway",
        routeTableIds: pluck(built.routeTables, "id"),
        tags: own,
      },
      vpc,
    );
  }
  const group = await make("aws:ec2/securityGroup:SecurityGroup", `${spec.serviceName}-sg`, { vpcId: vpc.id, tags: own }, vpc);
  await make(
    "aws:ec2/securityGroupRule:SecurityGroupRule",
    `${spec.serviceName}-ingress`,
    { type: "ingress", securityGroupId: group.id, protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: [cidrBlock] },
    vpc,
  );
  const privateSubnets = built.subnets.filter((subnet) => subnet.type === "Private").map((subnet) => subnet.child);
  return make(
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    spec.serviceName,
    {
      vpcId: vpc.id,
      serviceName: spec.serviceName,
      vpcEndpointType: "Interface",
      privateDnsEnabled: true,
      subnetIds: pluck(privateSubnets, "id"),
      securityGroupIds: [group.id],
      tags: own,
    },
    vpc,
  );
}

function pick(map: WireMap, keys: readonly string[]): WireMap {
  return Object.fromEntries(keys.flatMap((key) => (map[key] === undefined ? [] : [[key, map[key]]])));
}
