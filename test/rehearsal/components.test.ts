/** What the stand-ins for eks and awsx make of inputs that no recording has, and what they refuse, because the plugins refuse it or because nobody has built it here. */
import { outputValue } from "../../src/rehearsal/monitor/output-values";
import { UNKNOWN, resourceReference, secret } from "../../src/rehearsal/monitor/wire";
import type { WireMap, WireValue } from "../../src/rehearsal/monitor/wire";
import { outputsOf, sentInputs } from "../../src/rehearsal/stand-ins/component";
import type { ChildOptions, MakeChild } from "../../src/rehearsal/stand-ins/component";
import { pluginOf } from "../../src/rehearsal/stand-ins/plugins";
import { makeAccount } from "../../src/rehearsal/stand-ins/account";

interface Made extends ChildOptions {
  readonly type: string;
  readonly inputs: WireMap;
  readonly sources: Readonly<Record<string, readonly string[]>>;
}

/** Builds a component in a first preview: of a child, its inputs are known and nothing else. */
async function build(type: string, inputs: WireMap): Promise<{ readonly children: ReadonlyMap<string, Made>; readonly outputs: WireMap }> {
  const children = new Map<string, Made>();
  const make: MakeChild = (childType, name, given, options = {}) => {
    const { inputs: sent, propertyDependencies } = sentInputs(given);
    const urn = `${childType}::${name}`;
    children.set(urn, { type: childType, inputs: sent, sources: propertyDependencies, ...options });
    return Promise.resolve({
      urn,
      id: outputValue(UNKNOWN, [urn]),
      output: outputsOf(urn, sent, true),
      reference: resourceReference(urn, ""),
      complete: () => Promise.resolve(),
    });
  };
  const zones = ["us-east-1a", "us-east-1b", "us-east-1c"];
  return { outputs: await pluginOf(type).construct({ type, name: "n", inputs }, makeAccount("us-east-1", "s"), zones, make), children };
}

const VPC = "awsx:ec2:Vpc";
const CLUSTER = "eks:index:Cluster";
const FROM_ELSEWHERE = outputValue(UNKNOWN, ["urn:elsewhere"]);

const network = (more: WireMap = {}) => build(VPC, { subnetStrategy: "Auto", ...more });
const cluster = (more: WireMap = {}) =>
  build(CLUSTER, {
    name: "shared",
    vpcId: FROM_ELSEWHERE,
    privateSubnetIds: FROM_ELSEWHERE,
    authenticationMode: "API",
    skipDefaultNodeGroup: true,
    skipDefaultSecurityGroups: true,
    useDefaultVpcCni: true,
    kubeProxyAddonOptions: { enabled: false },
    ...more,
  });

describe("awsx:ec2:Vpc", () => {
  const subnets = async (more: WireMap) =>
    [...(await network(more)).children]
      .filter(([urn]) => urn.startsWith("aws:ec2/subnet:"))
      .map(([urn, { inputs }]) => `${urn.split("::").at(-1) ?? ""} ${String(inputs.cidrBlock)}`);

  test("has half of a zone's share private and a quarter public where nobody asks", async () => {
    expect(await subnets({ numberOfAvailabilityZones: 2 })).toEqual([
      "n-public-1 10.0.64.0/19",
      "n-private-1 10.0.0.0/18",
      "n-public-2 10.0.192.0/19",
      "n-private-2 10.0.128.0/18",
    ]);
  });

  test("takes sizes for masks, and names", async () => {
    const subnetSpecs: WireMap[] = [
      { type: "Public", cidrMask: 24, name: "edge" },
      { type: "Private", size: 8192 },
      { type: "Unused", cidrMask: 20 },
      { type: "Isolated", cidrMask: 24 },
    ];
    expect(await subnets({ numberOfAvailabilityZones: 1, subnetSpecs })).toEqual([
      "n-edge-1 10.0.0.0/24",
      "n-private-1 10.0.32.0/19",
      "n-isolated-1 10.0.80.0/24",
    ]);
  });

  const nat = async (natGateways: WireMap) => {
    const { children } = await network({ numberOfAvailabilityZones: 2, natGateways });
    const routes = [...children].flatMap(([urn, { type, sources }]) =>
      type === "aws:ec2/route:Route"
        ? [`${urn.split("::").at(-1) ?? ""} ${(sources.natGatewayId ?? []).map((name) => name.split("::").at(-1)).join()}`]
        : [],
    );
    return { routes, eips: [...children.values()].filter(({ type }) => type === "aws:ec2/eip:Eip").length };
  };

  test.each([
    [{ strategy: "None" }, ["n-public-1 ", "n-public-2 "], 0],
    [{ strategy: "Single" }, ["n-public-1 ", "n-private-1 n-1", "n-public-2 ", "n-private-2 n-1"], 1],
    [{ strategy: "OnePerAz" }, ["n-public-1 ", "n-private-1 n-1", "n-public-2 ", "n-private-2 n-2"], 2],
    [{ strategy: "OnePerAz", elasticIpAllocationIds: ["a", "b"] }, ["n-public-1 ", "n-private-1 n-1", "n-public-2 ", "n-private-2 n-2"], 0],
  ])("leads out as %j says", async (natGateways, routes, eips) => {
    expect(await nat(natGateways)).toEqual({ routes, eips });
  });

  test("fills in the endpoints with the strategy Auto, and the VPC's DNS with interface endpoints", async () => {
    const vpcEndpointSpecs: WireMap[] = [{ serviceName: "s3" }, { serviceName: "sts", vpcEndpointType: "Interface" }];
    const { children } = await network({ numberOfAvailabilityZones: 2, vpcEndpointStrategy: "Auto", vpcEndpointSpecs });
    expect(children.get("aws:ec2/vpc:Vpc::n")?.inputs).toMatchObject({ enableDnsHostnames: true, enableDnsSupport: true });
    expect(children.get("aws:ec2/vpcEndpoint:VpcEndpoint::s3")?.inputs.routeTableIds).toHaveLength(4);
    const { inputs, sources } = children.get("aws:ec2/vpcEndpoint:VpcEndpoint::sts") ?? {};
    expect(inputs).toMatchObject({ privateDnsEnabled: true, subnetIds: [UNKNOWN, UNKNOWN], securityGroupIds: [UNKNOWN] });
    expect(sources?.subnetIds).toEqual(["aws:ec2/subnet:Subnet::n-private-1", "aws:ec2/subnet:Subnet::n-private-2"]);
    const legacy = await network({ numberOfAvailabilityZones: 2, vpcEndpointSpecs });
    expect(Object.keys(legacy.children.get("aws:ec2/vpcEndpoint:VpcEndpoint::sts")?.inputs ?? {}).sort()).toEqual([
      "serviceName",
      "tags",
      "vpcEndpointType",
      "vpcId",
    ]);
  });

  test("knows of its lists of ids all or nothing, and says where they come from", async () => {
    const { outputs } = await network({ numberOfAvailabilityZones: 1 });
    expect(outputs.privateSubnetIds).toEqual(
      outputValue(UNKNOWN, ["aws:ec2/subnet:Subnet::n-private-1", "aws:ec2/vpc:Vpc::n", "aws:ec2/subnet:Subnet::n-public-1"]),
    );
  });

  test.each([
    [{ subnetStrategy: "Legacy" }, 'does not build awsx:ec2:Vpc with subnetStrategy "Legacy"'],
    [{ assignGeneratedIpv6CidrBlock: true, ipv4IpamPoolId: "ipam" }, "with assignGeneratedIpv6CidrBlock, ipv4IpamPoolId"],
    [{ cidrBlock: secret("10.0.0.0/16") }, 'reads "cidrBlock" while it is built'],
    [{ availabilityZoneNames: FROM_ELSEWHERE }, 'reads "availabilityZoneNames" while it is built'],
    [{ availabilityZoneNames: ["us-east-1a"], numberOfAvailabilityZones: 1 }, "Only one of [availabilityZoneNames] and"],
    [{ cidrBlock: "10.0.0.0/26" }, "requires a VPC with at least /26 available per AZ, but only /28"],
    [{ subnetSpecs: [{ type: "Private", cidrMask: 16 }], natGateways: { strategy: "None" } }, "Subnets are too large for VPC"],
    [{ subnetSpecs: [{ type: "Private", cidrMask: 24 }] }, "public subnets must be declared to host the NAT Gateway"],
    [{ subnetSpecs: [{ type: "Private" }, { type: "Private" }] }, 'Multiple subnet specs of type "private" require unique names'],
    [
      {
        subnetSpecs: [
          { type: "Private", cidrBlocks: ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"] },
          { type: "Public", cidrMask: 24 },
        ],
      },
      "If any subnet spec has explicit cidrBlocks, all subnets must have explicit cidrBlocks.",
    ],
    [{ subnetSpecs: [{ type: "Private", cidrBlocks: ["10.0.0.0/24"] }] }, "must match the number of availability zones (3)"],
    [
      {
        subnetSpecs: [{ type: "Private", cidrBlocks: ["10.0.0.0/24", "10.0.0.128/25", "10.0.2.0/24"] }],
        natGateways: { strategy: "None" },
      },
      "1. n-private-1: 10.0.0.0/24\n2. n-private-2: 10.0.0.128/25",
    ],
    [{ natGateways: { strategy: "Single", elasticIpAllocationIds: ["a", "b"] } }, "Exactly one Elastic IP may be specified"],
    [{ natGateways: { elasticIpAllocationIds: ["a"] } }, "must match the number of availability zones for the VPC (3)"],
    [
      { vpcEndpointStrategy: "Auto", enableDnsSupport: false, vpcEndpointSpecs: [{ serviceName: "sts", vpcEndpointType: "Interface" }] },
      "requires enableDnsSupport to be true",
    ],
    [{ vpcEndpointSpecs: [{ serviceName: "s3", autoAccept: true }] }, "does not build an endpoint of awsx:ec2:Vpc with autoAccept"],
  ] as [WireMap, string][])("refuses %j", async (inputs, error) => {
    await expect(network(inputs)).rejects.toThrow(error);
  });
});

describe("eks:index:Cluster", () => {
  const made = async (more: WireMap): Promise<WireMap> =>
    (await cluster(more)).children.get("aws:eks/cluster:Cluster::n-eksCluster")?.inputs ?? {};

  test("hands inputs on, and knows of what it computes all or nothing", async () => {
    expect(await made({ encryptionConfigKeyArn: FROM_ELSEWHERE, subnetIds: undefined as unknown as WireValue })).toMatchObject({
      encryptionConfig: UNKNOWN,
      vpcConfig: { subnetIds: UNKNOWN },
    });
    expect(await made({ encryptionConfigKeyArn: "arn:key", publicSubnetIds: ["a"], privateSubnetIds: ["b"] })).toMatchObject({
      encryptionConfig: { provider: { keyArn: "arn:key" }, resources: ["secrets"] },
      vpcConfig: { subnetIds: ["a", "b"] },
    });
    expect(await made({ tags: { team: FROM_ELSEWHERE } })).toMatchObject({ tags: UNKNOWN });
    expect(await made({ tags: { team: secret("x") }, clusterTags: { kind: "y" } })).toMatchObject({
      tags: secret({ Name: "n-eksCluster", kind: "y", team: "x" }),
    });
  });

  test("leaves out what nobody gives", async () => {
    expect(Object.keys(await made({})).sort()).toEqual([
      "accessConfig",
      "bootstrapSelfManagedAddons",
      "name",
      "roleArn",
      "tags",
      "vpcConfig",
    ]);
  });

  test("ignores changes of what is decided at the creation, and waits for its role's policies", async () => {
    const { children } = await cluster();
    const { ignoreChanges, dependsOn = [] } = children.get("aws:eks/cluster:Cluster::n-eksCluster") ?? {};
    expect(ignoreChanges).toEqual(["accessConfig.bootstrapClusterCreatorAdminPermissions", "bootstrapSelfManagedAddons"]);
    expect(dependsOn.map(({ urn }) => urn.split("::")[0])).toEqual([
      "aws:iam/role:Role",
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    ]);
  });

  test("makes what it is not told to leave: security groups and add-ons", async () => {
    const { children } = await cluster({
      skipDefaultSecurityGroups: false,
      useDefaultVpcCni: false,
      kubeProxyAddonOptions: { version: "v1" },
      corednsAddonOptions: { enabled: true },
    });
    const ofType = (type: string) => [...children].filter(([, child]) => child.type === type).map(([urn]) => urn.split("::").at(-1));
    expect(ofType("aws:ec2/securityGroup:SecurityGroup")).toEqual(["n-eksClusterSecurityGroup", "n-nodeSecurityGroup"]);
    expect(ofType("aws:ec2/securityGroupRule:SecurityGroupRule")).toHaveLength(6);
    expect(ofType("aws:eks/addon:Addon")).toEqual(["n-kube-proxy", "n-vpc-cni", "n-coredns"]);
    const version = (name: string) => children.get(`aws:eks/addon:Addon::n-${name}`)?.inputs.addonVersion;
    expect([version("kube-proxy"), version("vpc-cni")]).toEqual(["v1", UNKNOWN]);
  });

  test.each([
    [{ skipDefaultNodeGroup: false }, "does not build eks:index:Cluster with a default node group"],
    [{ vpcId: "" }, "with the default VPC"],
    [{ authenticationMode: "CONFIG_MAP" }, 'with authenticationMode "CONFIG_MAP"'],
    [{ authenticationMode: FROM_ELSEWHERE }, 'reads "authenticationMode" while it is built'],
    [{ fargate: true, createOidcProvider: true, storageClasses: "gp3" }, "with fargate, createOidcProvider, storageClasses"],
    [{ subnetIds: ["a"] }, "subnetIds, and the use of publicSubnetIds and/or privateSubnetIds are mutually exclusive"],
    [{ endpointPublicAccess: false, publicAccessCidrs: [] }, "`publicAccessCidrs` can only be set when `endpointPublicAccess` is true"],
    [{ accessEntries: FROM_ELSEWHERE }, 'reads "accessEntries" while it is built'],
    [{ kubeProxyAddonOptions: { configurationValues: { a: 1 } } }, "with kubeProxyAddonOptions.configurationValues"],
  ] as [WireMap, string][])("refuses %j", async (inputs, error) => {
    await expect(cluster(inputs)).rejects.toThrow(error);
  });
});

test("a component that nobody knows is refused", () => {
  expect(() => pluginOf("eks:index:NodeGroupV2")).toThrow("does not know what the remote component eks:index:NodeGroupV2 makes");
});
