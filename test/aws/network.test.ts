import type { NetworkArgs } from "../../src/aws/network";
import { vpcArgs } from "../../src/aws/network";
import { CONFIG } from "./platform";

const args = (network: Partial<NetworkArgs["network"]> = {}): NetworkArgs => ({ ...CONFIG, network: { ...CONFIG.network, ...network } });

describe("vpcArgs", () => {
  test.each([
    ["onePerAz", "OnePerAz"],
    ["single", "Single"],
    ["none", "None"],
  ] as const)("natGateways %s is awsx's %s", (natGateways, strategy) => {
    expect(vpcArgs(args({ natGateways })).natGateways).toEqual({ strategy });
  });

  test("gives the VPC the DNS host names that EKS requires", () => {
    expect(vpcArgs(args())).toMatchObject({ enableDnsHostnames: true, enableDnsSupport: true });
  });

  test("gives one range per zone to each kind of subnet", () => {
    expect(vpcArgs(args()).subnetSpecs?.map(({ type, cidrBlocks }) => [type, cidrBlocks])).toEqual([
      ["Private", ["10.0.0.0/19", "10.0.64.0/19", "10.0.128.0/19"]],
      ["Public", ["10.0.32.0/24", "10.0.96.0/24", "10.0.160.0/24"]],
    ]);
  });

  test("marks subnets for internal and internet-facing load balancers", () => {
    expect(vpcArgs(args()).subnetSpecs?.map(({ type, tags }) => [type, tags])).toEqual([
      ["Private", { "kubernetes.io/role/internal-elb": "1" }],
      ["Public", { "kubernetes.io/role/elb": "1" }],
    ]);
  });

  test("always has the S3 gateway endpoint, which is free", () => {
    expect(vpcArgs(args()).vpcEndpointSpecs).toEqual([{ serviceName: "com.amazonaws.us-east-1.s3", vpcEndpointType: "Gateway" }]);
  });

  test("has an interface endpoint for each service asked for", () => {
    expect(vpcArgs(args({ interfaceEndpoints: ["ecr.api", "sts"] })).vpcEndpointSpecs?.slice(1)).toEqual([
      { serviceName: "com.amazonaws.us-east-1.ecr.api", vpcEndpointType: "Interface" },
      { serviceName: "com.amazonaws.us-east-1.sts", vpcEndpointType: "Interface" },
    ]);
  });
});
