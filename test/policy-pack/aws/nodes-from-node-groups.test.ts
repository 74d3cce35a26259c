import { nodesFromNodeGroups } from "../../../policy-pack/aws/nodes/nodes-from-node-groups";
import { gpuPoolTainted } from "../../../policy-pack/aws/gpu-pools/gpu-pool-tainted";
import { UNKNOWN, violations } from "../verdict";

const judge = (type: string, props: Readonly<Record<string, unknown>>, policy = nodesFromNodeGroups) =>
  violations(policy, props, {}, type).join("\n");

const CLUSTER = "aws:eks/cluster:Cluster";
const COMPONENT = "eks:index:Cluster";
const INSTANCE = "aws:ec2/instance:Instance";
const GROUP = "aws:eks/nodeGroup:NodeGroup";

describe("Should pass if", () => {
  test.each<[string, string, Readonly<Record<string, unknown>>]>([
    ["a cluster has no Auto Mode", CLUSTER, { computeConfig: { enabled: false } }],
    ["a cluster does not mention it", CLUSTER, { version: "1.34" }],
    ["the component makes no nodes", COMPONENT, { skipDefaultNodeGroup: true, autoMode: { enabled: false } }],
    ["the component uses Fargate", COMPONENT, { fargate: true }],
    ["an instance has no GPUs", INSTANCE, { instanceType: "t3.micro" }],
    ["an instance has another accelerator", INSTANCE, { instanceType: "inf2.xlarge" }],
    ["an instance is of bare metal", "aws:ec2/launchConfiguration:LaunchConfiguration", { instanceType: "u-6tb1.metal" }],
  ])("%s", (_, type, props) => {
    expect(judge(type, props)).toBe("");
  });
  test("a node group with a template names a type without GPUs, or the system image", () => {
    const launchTemplate = { id: "lt-1", version: "1" };
    expect(judge(GROUP, { launchTemplate, instanceTypes: ["m6i.large"] }, gpuPoolTainted)).toBe("");
    expect(judge(GROUP, { launchTemplate, amiType: "AL2023_x86_64_STANDARD" }, gpuPoolTainted)).toBe("");
    expect(judge(GROUP, {}, gpuPoolTainted)).toBe("");
  });
});

describe("Should fail if", () => {
  test.each<[string, string, Readonly<Record<string, unknown>>]>([
    ["a cluster has Auto Mode", CLUSTER, { computeConfig: { enabled: true, nodePools: ["general-purpose"] } }],
    ["Auto Mode is unknown", CLUSTER, { computeConfig: { enabled: UNKNOWN } }],
    ["all of it is unknown", CLUSTER, { computeConfig: UNKNOWN }],
    ["it is on as a string", CLUSTER, { computeConfig: { enabled: "true" } }],
    ["the component has Auto Mode", COMPONENT, { skipDefaultNodeGroup: true, autoMode: { enabled: true } }],
    ["the component makes its default nodes", COMPONENT, { instanceType: "p4d.24xlarge" }],
    ["the component may", COMPONENT, { skipDefaultNodeGroup: UNKNOWN }],
    ["the component makes them beside Fargate", COMPONENT, { fargate: true, skipDefaultNodeGroup: false }],
    ["an instance has GPUs", INSTANCE, { instanceType: "p4d.24xlarge" }],
    ["an instance has GPUs of a family that the catalogue does not have", INSTANCE, { instanceType: "p9.48xlarge" }],
    ["an instance takes its type from a template", INSTANCE, { launchTemplate: { id: "lt-1" } }],
    ["the type is unknown", "aws:ec2/spotInstanceRequest:SpotInstanceRequest", { instanceType: UNKNOWN }],
    ["the type is no name", INSTANCE, { instanceType: "" }],
  ])("%s", (_, type, props) => {
    expect(judge(type, props)).not.toBe("");
    expect(judge(type, props)).toMatchSnapshot();
  });
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ["a template can have an image and a type with GPUs", { launchTemplate: { id: "lt-1", version: "1" } }],
    ["the same with labels of its own", { launchTemplate: { name: "x", version: "1" }, labels: { a: "b" } }],
    ["the image is the user's own", { launchTemplate: { id: "lt-1" }, amiType: "CUSTOM" }],
  ])("%s, and the node group has no taint", (_, props) => {
    expect(judge(GROUP, props, gpuPoolTainted)).toContain("may have GPUs");
    expect(judge(GROUP, props, gpuPoolTainted)).toMatchSnapshot();
  });
});
