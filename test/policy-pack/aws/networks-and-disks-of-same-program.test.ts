import { networksAndDisksOfSameProgram } from "../../../policy-pack/aws/sharing/networks-and-disks-of-same-program";
import { classifyType } from "../../../policy-pack/resources/classification/cloud-types";
import { CHANGED } from "../../../policy-pack/resources/network-changes";
import { declarationOf } from "../../../src/rehearsal/stand-ins/declarations";
import { childUrn, ownUrn } from "../as-child";
import { sdkTypes } from "../../support/sdk-types";
import { stackVerdictOf, stackViolations } from "../stack-verdict";
import type { StackResource } from "../stack-verdict";
import { UNKNOWN } from "../verdict";

const made = (type: string, id: string, more: object = {}): StackResource => ({ type, name: id, props: { id, ...more } });

/** What the program has registered. */
const OWN: readonly StackResource[] = [
  made("aws:ec2/vpc:Vpc", "vpc-1", {
    ...{ defaultRouteTableId: "rtb-1", mainRouteTableId: "rtb-2", defaultNetworkAclId: "acl-1" },
    ...{ defaultSecurityGroupId: "sg-1", dhcpOptionsId: "dopt-1" },
  }),
  made("aws:ec2/defaultVpc:DefaultVpc", "vpc-9"),
  made("aws:ec2/subnet:Subnet", "subnet-1"),
  made("aws:ec2/instance:Instance", "i-0a", { primaryNetworkInterfaceId: "eni-9" }),
  made("aws:ec2/spotInstanceRequest:SpotInstanceRequest", "sir-1", { spotInstanceId: "i-0b" }),
  made("aws:ec2/natGateway:NatGateway", "nat-1", { networkInterfaceId: "eni-8" }),
  made("aws:eks/cluster:Cluster", "dev", { vpcConfig: { clusterSecurityGroupId: "sg-2" } }),
  made("aws:ec2transitgateway/transitGateway:TransitGateway", "tgw-1", {
    ...{ associationDefaultRouteTableId: "tgw-rtb-1", propagationDefaultRouteTableId: "tgw-rtb-2" },
  }),
  ...[
    ["aws:ec2/securityGroup:SecurityGroup", "sg-3"],
    ["aws:ec2/routeTable:RouteTable", "rtb-3"],
    ["aws:ec2/vpcPeeringConnection:VpcPeeringConnection", "pcx-1"],
    ["aws:ebs/volume:Volume", "vol-1"],
    ["aws:ebs/snapshot:Snapshot", "snap-1"],
    ["aws:efs/fileSystem:FileSystem", "fs-1"],
  ].map(([type = "", id = ""]) => made(type, id)),
  { type: "aws:ec2/defaultRouteTable:DefaultRouteTable", name: "adopted", props: { defaultRouteTableId: "rtb-1" } },
  { type: "eks:index:Cluster", name: "eks", props: {} },
  { type: "awsx:ec2:Vpc", name: "awsx", props: {} },
  { type: "aws:s3/bucket:Bucket", name: "bucket", props: { id: "vpc-bucket" } },
];

const withOwn = (type: string, props: object, from?: StackResource["from"]) => [
  ...OWN,
  { type: `aws:${type}`, name: "x", props: props as StackResource["props"], ...(from && { from }) },
];
const judge = (type: string, props: object, from?: StackResource["from"], config = {}) =>
  stackViolations(networksAndDisksOfSameProgram, withOwn(type, props, from), config).map(({ message }) => message);

const ROUTE = "ec2/route:Route";
const PEERING = "ec2/vpcPeeringConnection:VpcPeeringConnection";

describe("Should pass if", () => {
  test.each<[string, readonly string[]]>([
    ["a route is in a table of its own", judge(ROUTE, { routeTableId: "rtb-3", gatewayId: "igw-other" })],
    ["a route is in the table that came with its network", judge(ROUTE, { routeTableId: "rtb-1" })],
    ["a route is in the main table of its network", judge(ROUTE, { routeTableId: "rtb-2" })],
    ["the network gets its id only during `up`", judge(ROUTE, { routeTableId: UNKNOWN }, { routeTableId: ["rtb-3"] })],
    ["the provider fills it in", judge("ec2/eip:Eip", { instance: UNKNOWN, networkInterface: UNKNOWN })],
    ["it adopts a table that comes with its network", judge(ROUTE, { routeTableId: UNKNOWN }, { routeTableId: ["adopted"] })],
    [
      "the component of the cluster makes a group",
      judge("ec2/securityGroupRule:SecurityGroupRule", { securityGroupId: UNKNOWN }, { securityGroupId: ["eks"] }),
    ],
    ["a component makes the network", judge("ec2/subnet:Subnet", { vpcId: UNKNOWN }, { vpcId: ["awsx"] })],
    ["a rule is for the group that came with its network", judge("ec2/securityGroupRule:SecurityGroupRule", { securityGroupId: "sg-1" })],
    [
      "a rule is for the group of its cluster",
      judge("vpc/securityGroupIngressRule:SecurityGroupIngressRule", { securityGroupId: "sg-2", referencedSecurityGroupId: "sg-other" }),
    ],
    ["the default group of its network is closed", judge("ec2/defaultSecurityGroup:DefaultSecurityGroup", { vpcId: "vpc-1" })],
    ["the default group of the default network is", judge("ec2/defaultSecurityGroup:DefaultSecurityGroup", { vpcId: "vpc-9" })],
    ["the rules of its network are", judge("ec2/defaultNetworkAcl:DefaultNetworkAcl", { defaultNetworkAclId: "acl-1" })],
    ["it puts a group into a network of others", judge("ec2/securityGroup:SecurityGroup", { vpcId: "vpc-other" })],
    ["it puts a function into one", judge("lambda/function:Function", { vpcConfig: { subnetIds: ["subnet-other"] } })],
    ["two networks of its own are one", judge(PEERING, { vpcId: "vpc-1", peerVpcId: "vpc-9" })],
    [
      "it has agreed with the owner of the other network",
      judge(PEERING, { vpcId: "vpc-1", peerVpcId: "vpc-other" }, undefined, { others: ["vpc-other"] }),
    ],
    [
      "its network joins a gateway of others",
      judge("ec2transitgateway/vpcAttachment:VpcAttachment", {
        vpcId: "vpc-1",
        subnetIds: ["subnet-1"],
        transitGatewayId: "tgw-other",
      }),
    ],
    [
      "a way is in a table of its gateway",
      judge("ec2transitgateway/route:Route", { transitGatewayRouteTableId: "tgw-rtb-1", transitGatewayAttachmentId: "tgw-attach-2" }),
    ],
    ["an address is for its instance", judge("ec2/eip:Eip", { instance: "i-0a" })],
    ["an address is for its instance on the market", judge("ec2/eipAssociation:EipAssociation", { instanceId: "i-0b" })],
    ["an address is for the interface of its instance", judge("ec2/eip:Eip", { networkInterface: "eni-9" })],
    ["an address is for nobody yet", judge("ec2/eip:Eip", { instance: "", networkInterface: null })],
    ["the traffic of its gateway is recorded", judge("ec2/flowLog:FlowLog", { eniId: "eni-8" })],
    ["its names are in its network", judge("route53/zone:Zone", { name: "internal.example.com", vpcs: [{ vpcId: "vpc-1" }] })],
    ["its names are public", judge("route53/zone:Zone", { name: "example.com" })],
    ["it copies its disk", judge("ebs/snapshot:Snapshot", { volumeId: "vol-1" })],
    ["it makes a disk of its copy", judge("ebs/volume:Volume", { snapshotId: "snap-1" })],
    ["a disk is new", judge("ebs/volume:Volume", { size: 10 })],
    [
      "a distribution shows its instance",
      judge("cloudfront/vpcOrigin:VpcOrigin", { vpcOriginEndpointConfig: { arn: "arn:aws:ec2:us-east-1:123456789012:instance/i-0a" } }),
    ],
    ["a function gets requests", judge("lb/targetGroupAttachment:TargetGroupAttachment", { targetId: "arn:aws:lambda:::function:x" })],
    ["an address gets requests", judge("alb/targetGroupAttachment:TargetGroupAttachment", { targetId: "10.0.0.7" })],
    ["somebody gets requests whom `up` knows", judge("lb/targetGroupAttachment:TargetGroupAttachment", { targetId: UNKNOWN })],
    [
      "it accelerates a load balancer",
      judge("globalaccelerator/endpointGroup:EndpointGroup", { endpointConfigurations: [{ endpointId: "arn:x" }] }),
    ],
  ])("%s", (_, messages) => {
    expect(messages).toEqual([]);
  });
});

test("Should pass if the platform changes the network that its configuration names", () => {
  const of = (urn: string) =>
    stackVerdictOf(networksAndDisksOfSameProgram, [{ type: "aws:ec2/subnet:Subnet", name: "x", props: { vpcId: "vpc-other" }, urn }])
      .refused;
  expect(of(ownUrn("aws:ec2/subnet:Subnet"))).toEqual([]);
  expect(of(childUrn("aws:ec2/subnet:Subnet"))).toEqual([]);
  expect(of("urn:pulumi:dev::team-a::aws:ec2/subnet:Subnet::x")).toHaveLength(1);
});

describe("Should fail if", () => {
  test.each<[string, readonly string[], RegExp]>([
    [
      "a route is in a table of others",
      judge(ROUTE, { routeTableId: "rtb-other" }),
      /^"routeTableId" is rtb-other, which this program does not register, and it belongs to everybody who uses it\. Ask its owners .* others of this policy\.$/,
    ],
    [
      "the id of something else is taken for one",
      judge(ROUTE, { routeTableId: UNKNOWN }, { routeTableId: ["bucket"] }),
      /^"routeTableId" is unknown until `pulumi up`, so this policy cannot check whose it is\./,
    ],
    ["something else is called like a network", judge("ec2/subnet:Subnet", { vpcId: "vpc-bucket" }), /vpc-bucket/],
    [
      "it adopts the table of others",
      judge("ec2/defaultRouteTable:DefaultRouteTable", { id: "rtb-other", defaultRouteTableId: "rtb-other" }),
      /rtb-other/,
    ],
    [
      "it accepts a connection to others",
      judge("ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter", { id: "pcx-2", vpcPeeringConnectionId: "pcx-2" }),
      /pcx-2/,
    ],
    [
      "its network is one with the network of others",
      judge(PEERING, { vpcId: "vpc-1", peerVpcId: "vpc-other" }),
      /"peerVpcId" is vpc-other/,
    ],
    ["the network of others is one with its own", judge(PEERING, { vpcId: "vpc-other", peerVpcId: "vpc-1" }), /"vpcId" is vpc-other/],
    [
      "a subnet of others joins a gateway",
      judge("ec2transitgateway/vpcAttachment:VpcAttachment", { vpcId: "vpc-1", subnetIds: ["subnet-1", "subnet-other"] }),
      /"subnetIds\.\*" is subnet-other/,
    ],
    [
      "the subnets are unknown",
      judge("ec2transitgateway/vpcAttachment:VpcAttachment", { vpcId: "vpc-1", subnetIds: UNKNOWN }, { subnetIds: ["bucket"] }),
      /"subnetIds\.\*" is unknown/,
    ],
    ["a node gets an address", judge("ec2/eipAssociation:EipAssociation", { instanceId: "i-0c" }), /i-0c/],
    [
      "a distribution shows a node",
      judge("cloudfront/vpcOrigin:VpcOrigin", { vpcOriginEndpointConfig: { arn: "arn:aws:ec2:us-east-1:123456789012:instance/i-0c" } }),
      /"vpcOriginEndpointConfig\.arn" is i-0c/,
    ],
    ["a node gets requests", judge("lb/targetGroupAttachment:TargetGroupAttachment", { targetId: "i-0c" }), /i-0c/],
    [
      "a node gets them by an accelerator",
      judge("globalaccelerator/endpointGroup:EndpointGroup", { endpointConfigurations: [{ endpointId: "i-0c" }] }),
      /i-0c/,
    ],
    [
      "a node is in a service",
      judge("vpclattice/targetGroupAttachment:TargetGroupAttachment", { target: { id: "i-0c" } }),
      /"target\.id" is i-0c/,
    ],
    ["a node is behind a load balancer", judge("elb/loadBalancer:LoadBalancer", { instances: ["i-0a", "i-0c"] }), /i-0c/],
    [
      "a node gets a second network",
      judge("ec2/networkInterface:NetworkInterface", { attachments: [{ instance: "i-0c", deviceIndex: 1 }] }),
      /attachments\.\*\.instance/,
    ],
    [
      "the network of others gets names",
      judge("route53/zone:Zone", { name: "eks.amazonaws.com", vpcs: [{ vpcId: "vpc-other" }] }),
      /"vpcs\.\*\.vpcId"/,
    ],
    ["the traffic of others is recorded", judge("ec2/flowLog:FlowLog", { vpcId: "vpc-other" }), /vpc-other/],
    [
      "controllers take the subnet of others for theirs",
      judge("ec2/tag:Tag", { resourceId: "subnet-other", key: "karpenter.sh/discovery" }),
      /subnet-other/,
    ],
    ["it copies the disk of others", judge("ebs/snapshot:Snapshot", { volumeId: "vol-other" }), /vol-other/],
    ["it makes a disk of the copy of others", judge("ebs/volume:Volume", { snapshotId: "snap-other" }), /snap-other/],
    [
      "it replicates the files of others",
      judge("efs/replicationConfiguration:ReplicationConfiguration", { sourceFileSystemId: "fs-other" }),
      /fs-other/,
    ],
  ])("%s", (_, messages, message) => {
    expect(messages).toEqual([expect.stringMatching(message)]);
  });
});

test("every path of the table, with somebody else's", () => {
  const nested = (path: readonly string[]): unknown => {
    const [key, ...rest] = path;
    return key === undefined ? "i-0ffff" : key === "*" ? [nested(rest)] : { [key]: nested(rest) };
  };
  const said = [...CHANGED].map(([type, paths]) => [
    type,
    paths.flatMap((path) =>
      stackViolations(networksAndDisksOfSameProgram, [{ type, name: "x", props: nested(path) as StackResource["props"] }]),
    ).length,
  ]);
  expect(said).toEqual([...CHANGED].map(([type, paths]) => [type, paths.length]));
});

describe("of the SDK", () => {
  const known = sdkTypes("aws").filter((type) => classifyType(type, true, () => false).type !== "unknown");
  test("every path of the table is an argument", () => {
    const missing = [...CHANGED].flatMap(([type, paths]) =>
      paths
        .map(([first = ""]) => first)
        .filter((first) => declarationOf(type)?.arguments.has(first) !== true)
        .map((first) => `${type} ${first}`),
    );
    expect(missing).toEqual([]);
  });
  // What is here is in a network of others without a change for it, or names something else.
  test("the other arguments that name a network, an instance or a disk", () => {
    const NAMES =
      /(?:vpc|subnet|routeTable|securityGroup|networkAcl|networkInterface|gateway|prefixList|instance|peer|volume|snapshot|fileSystem|attachment)s?(?:Id|Ids|Arn|Arns|Identifier)?$|^vpcs?$|^resourceId$/i;
    const others = known.flatMap((type) => {
      const judged = (CHANGED.get(type) ?? []).map(([first]) => first);
      const named = [...(declarationOf(type)?.arguments.keys() ?? [])].filter((name) => NAMES.test(name) && !judged.includes(name));
      return named.length === 0 ? [] : [`${type.slice("aws:".length).split(":")[0] ?? ""}: ${named.join(", ")}`];
    });
    expect(others).toMatchSnapshot();
  });
});
