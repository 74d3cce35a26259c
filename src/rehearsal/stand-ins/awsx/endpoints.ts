/** The VPC endpoints of `awsx:ec2:Vpc` (pulumi-awsx e60adf3, awsx/ec2/vpc.ts). */
import type { WireMap, WireValue } from "../../monitor/wire";
import type { PlannedSubnet } from "./subnets";
import type { Child, MakeChild } from "../component";

export interface EndpointSpec {
  readonly serviceName: string;
  /** Default: a gateway. */
  readonly vpcEndpointType?: string;
  readonly privateDnsEnabled?: boolean;
  readonly routeTableIds?: WireValue;
  readonly securityGroupIds?: WireValue;
  readonly subnetIds?: WireValue;
  readonly policy?: WireValue;
  readonly ipAddressType?: WireValue;
  readonly tags?: WireMap;
}

export interface BuiltSubnet {
  readonly plan: PlannedSubnet;
  readonly child: Child;
}

interface EndpointContext {
  readonly specs: readonly EndpointSpec[];
  /** Whether the component fills in what an endpoint leaves open. */
  readonly isAuto: boolean;
  readonly zones: readonly string[];
  readonly region: WireValue | undefined;
  readonly tags: WireMap;
  readonly vpc: Child;
  readonly subnets: readonly BuiltSubnet[];
  readonly routeTables: readonly Child[];
  readonly make: MakeChild;
}

/** Members of an endpoint that are passed on or filled in here. */
const BUILT: ReadonlySet<string> = new Set([
  "ipAddressType",
  "policy",
  "privateDnsEnabled",
  "routeTableIds",
  "securityGroupIds",
  "serviceName",
  "subnetIds",
  "tags",
  "vpcEndpointType",
]);

/** @throws Error for an endpoint with something that is not built here. */
export async function buildEndpoints(context: EndpointContext): Promise<readonly Child[]> {
  const endpoints: Child[] = [];
  for (const spec of context.specs) {
    const unknown = Object.keys(spec).filter((name) => !BUILT.has(name));
    if (unknown.length > 0) {
      throw new Error(`the rehearsal does not build an endpoint of awsx:ec2:Vpc with ${unknown.join(", ")}`);
    }
    endpoints.push(await buildEndpoint(spec, context));
  }
  return endpoints;
}

async function buildEndpoint(spec: EndpointSpec, context: EndpointContext): Promise<Child> {
  const { isAuto, region, tags, vpc, routeTables, make } = context;
  const type = (spec.vpcEndpointType ?? "Gateway").toLowerCase();
  const [fillsInterface, fillsGateway] = [isAuto && type === "interface", isAuto && type === "gateway"];
  const own = { ...tags, ...spec.tags };
  const securityGroupIds =
    fillsInterface && spec.securityGroupIds === undefined ? [await securityGroup(spec, context, own)] : spec.securityGroupIds;
  return make(
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    spec.serviceName,
    {
      ipAddressType: spec.ipAddressType,
      policy: spec.policy,
      privateDnsEnabled: spec.privateDnsEnabled ?? (fillsInterface ? true : undefined),
      region,
      routeTableIds: spec.routeTableIds ?? (fillsGateway ? routeTables.map(({ id }) => id) : undefined),
      securityGroupIds,
      serviceName: spec.serviceName,
      subnetIds: spec.subnetIds ?? (fillsInterface ? onePerZone(context) : undefined),
      tags: own,
      vpcEndpointType: spec.vpcEndpointType,
      vpcId: vpc.id,
    },
    { parent: vpc, dependsOn: [vpc] },
  );
}

/** One group per endpoint that admits HTTPS from the VPC. @returns its id. */
async function securityGroup(spec: EndpointSpec, { region, vpc, make }: EndpointContext, tags: WireMap): Promise<WireValue> {
  if (spec.ipAddressType !== undefined) {
    throw new Error("the rehearsal does not build an endpoint of awsx:ec2:Vpc with ipAddressType and no security group of its own");
  }
  const group = await make(
    "aws:ec2/securityGroup:SecurityGroup",
    `${spec.serviceName}-sg`,
    // The description is the SDK's.
    { description: "Managed by Pulumi", region, vpcId: vpc.id, tags },
    { parent: vpc, dependsOn: [vpc] },
  );
  await make(
    "aws:ec2/securityGroupRule:SecurityGroupRule",
    `${spec.serviceName}-ingress`,
    {
      region,
      type: "ingress",
      securityGroupId: group.id,
      protocol: "tcp",
      fromPort: 443,
      toPort: 443,
      cidrBlocks: [vpc.output("cidrBlock")],
    },
    { parent: vpc, dependsOn: [group] },
  );
  return group.id;
}

/** A private subnet where a zone has one, else an isolated one, else a public one. */
function onePerZone({ zones, subnets }: EndpointContext): readonly WireValue[] {
  return zones.flatMap((zone) => {
    const [chosen] = (["Private", "Isolated", "Public"] as const).flatMap((type) =>
      subnets.filter(({ plan }) => plan.zone === zone && plan.spec.type === type),
    );
    return chosen === undefined ? [] : [chosen.child.id];
  });
}
