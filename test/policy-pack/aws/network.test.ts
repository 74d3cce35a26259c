import { nodeGroupNamesSubnets } from "../../../policy-pack/aws/nodes/node-group-names-subnets";
import { nodeGroupsInPrivateSubnets } from "../../../policy-pack/aws/nodes/node-groups-in-private-subnets";
import { stackViolations } from "../stack-verdict";
import type { StackResource } from "../stack-verdict";
import { UNKNOWN, violations } from "../verdict";

const subnet = (name: string, props: object): StackResource => ({
  type: "aws:ec2/subnet:Subnet",
  name,
  props: { id: `subnet-${name}`, ...props },
});
const pool = (subnetIds: unknown, from: readonly string[] = []): StackResource => ({
  type: "aws:eks/nodeGroup:NodeGroup",
  name: "pool",
  props: { subnetIds },
  from: { subnetIds: from },
});
const defaultSubnet = (props: object): StackResource => ({
  type: "aws:ec2/defaultSubnet:DefaultSubnet",
  name: "d",
  props: { id: "subnet-d", ...props },
});
const route = (table: string, to: object): StackResource => ({
  type: "aws:ec2/route:Route",
  name: table,
  props: { routeTableId: table, ...to },
});
const association = (table: string, subnetId: string): StackResource => ({
  type: "aws:ec2/routeTableAssociation:RouteTableAssociation",
  name: table,
  props: { routeTableId: table, subnetId },
});

const NETWORK = [
  route("rtb-open", { destinationCidrBlock: "0.0.0.0/0", gatewayId: "igw-1" }),
  association("rtb-open", "subnet-open"),
  route("rtb-closed", { destinationCidrBlock: "0.0.0.0/0", natGatewayId: "nat-1" }),
  association("rtb-closed", "subnet-closed"),
];
const about = (resources: readonly StackResource[]) =>
  stackViolations(nodeGroupsInPrivateSubnets, resources)
    .map(({ message }) => message)
    .join("\n");

describe("node-groups-in-private-subnets: Should pass if", () => {
  test.each<[string, readonly StackResource[]]>([
    ["the subnet's route leads to a NAT gateway", [...NETWORK, pool(["subnet-closed"])]],
    ["the subnet is another stack's", [...NETWORK, pool(["subnet-elsewhere"])]],
    ["nothing is known yet", [...NETWORK, pool(UNKNOWN)]],
    ["a subnet of a default VPC assigns no public addresses", [defaultSubnet({ mapPublicIpOnLaunch: false }), pool(["subnet-d"])]],
    ["an unknown id comes from something else than a subnet", [...NETWORK, association("rtb-x", "subnet-x"), pool([UNKNOWN], ["rtb-x"])]],
    ["all ids are known", [subnet("a", { mapPublicIpOnLaunch: true }), pool(["subnet-elsewhere"], ["a"])]],
    ["the route leads to a carrier", [route("rtb-c", { gatewayId: "cagw-1" }), association("rtb-c", "subnet-c"), pool(["subnet-c"])]],
    ["the ids of tables and subnets are unknown", [route(UNKNOWN, { gatewayId: "igw-1" }), association(UNKNOWN, UNKNOWN), pool([UNKNOWN])]],
    ["the subnet is private and unknown", [subnet("a", { id: UNKNOWN }), pool([UNKNOWN], ["a"])]],
    [
      "ids come from private and public subnets, and it cannot be told which",
      [subnet("a", {}), subnet("b", { mapPublicIpOnLaunch: true }), pool([UNKNOWN], ["a", "b"])],
    ],
  ])("%s", (_, resources) => {
    expect(about(resources)).toBe("");
  });
});

describe("node-groups-in-private-subnets: Should fail if", () => {
  test.each<[string, readonly StackResource[], RegExp]>([
    ["a route leads in from the Internet", [...NETWORK, pool(["subnet-closed", "subnet-open"])], /public subnet: subnet-open\.$/],
    [
      "the route stands in the route table",
      [
        {
          type: "aws:ec2/routeTable:RouteTable",
          name: "t",
          props: { id: "rtb-t", routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: "igw-1" }] },
        },
        association("rtb-t", "subnet-t"),
        pool(["subnet-t"]),
      ],
      /subnet-t/,
    ],
    ["the subnet gives out public addresses", [subnet("a", { mapPublicIpOnLaunch: true }), pool(["subnet-a"])], /subnet-a/],
    ["the subnet is one of a default VPC", [defaultSubnet({}), pool(["subnet-d"])], /subnet-d/],
    [
      "an unknown id comes from a subnet of a default VPC, and from something else",
      [defaultSubnet({ id: UNKNOWN }), association("rtb-x", "subnet-x"), pool([UNKNOWN], ["d", "rtb-x"])],
      /public subnet: d\.$/,
    ],
    [
      "two subnets are public, and one of several routes of a table leads in",
      [
        {
          type: "aws:ec2/routeTable:RouteTable",
          name: "t",
          props: { id: "rtb-t", routes: [{ natGatewayId: "nat-1" }, { cidrBlock: "0.0.0.0/0", gatewayId: "igw-1" }] },
        },
        association("rtb-t", "subnet-t"),
        ...NETWORK,
        pool(["subnet-t", "subnet-open"]),
      ],
      /subnet-t, subnet-open/,
    ],
    [
      "a public subnet is not made yet",
      [subnet("a", { id: UNKNOWN, mapPublicIpOnLaunch: true }), pool([UNKNOWN], ["a"])],
      /public subnet: a\.$/,
    ],
    [
      "one of as many subnets as ids is public",
      [subnet("a", { id: UNKNOWN }), subnet("b", { id: UNKNOWN, mapPublicIpOnLaunch: true }), pool([UNKNOWN, UNKNOWN], ["a", "b"])],
      /public subnet: b\.$/,
    ],
    [
      "all subnets behind an unknown list are public",
      [subnet("b", { id: UNKNOWN, mapPublicIpOnLaunch: true }), pool(UNKNOWN, ["b"])],
      /public subnet: b\.$/,
    ],
  ])("%s", (_, resources, words) => {
    expect(about(resources)).toMatch(words);
    expect(about(resources)).toMatchSnapshot();
  });
});

describe("node-group-names-subnets", () => {
  const judge = (type: string, props: object) => violations(nodeGroupNamesSubnets, props as Record<string, unknown>, {}, type).join("\n");

  test.each<[string, object]>([
    ["eks:index:ManagedNodeGroup", { subnetIds: UNKNOWN }],
    ["eks:index:NodeGroupV2", { nodeSubnetIds: ["subnet-1"] }],
    ["eks:index:Cluster", { skipDefaultNodeGroup: true }],
    ["eks:index:Cluster", { autoMode: { enabled: true } }],
  ])("Should pass if a %s has %j", (type, props) => {
    expect(judge(type, props)).toBe("");
  });

  test.each([
    ["eks:index:ManagedNodeGroup", /"subnetIds" is not set/],
    ["eks:index:NodeGroup", /"nodeSubnetIds" is not set/],
    ["eks:index:Cluster", /"skipDefaultNodeGroup" is not true/],
  ])("Should fail if a %s says nothing", (type, words) => {
    expect(judge(type, { name: "shared-gpu" })).toMatch(words);
    expect(judge(type, { name: "shared-gpu" })).toMatchSnapshot();
  });
});
