/** What the stand-in for the AWS provider refuses, and what it fills in: no engine is needed to see that. */
import { UNKNOWN, secret } from "../../../src/rehearsal/monitor/wire";
import type { WireMap } from "../../../src/rehearsal/monitor/wire";
import { awsPackage } from "../../harness/engine/providers/aws/aws";
import { Cloud } from "../../harness/engine/providers/cloud";

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const POOL: WireMap = {
  clusterName: "c",
  nodeRoleArn: "arn:aws:iam::123456789012:role/nodes",
  subnetIds: ["subnet-1"],
  scalingConfig: { minSize: 0, desiredSize: 1, maxSize: 2 },
};

const provider = awsPackage({ offers: {}, apiServer: undefined });
const check = (type: string, news: WireMap, olds: WireMap = {}) =>
  provider.check({ type, name: "thing", olds, news, seed: "seed", proposedName: undefined, region: "us-east-1" });
const reasons = (type: string, news: WireMap) => check(type, news).failures.map(({ reason }) => reason);

test.each<[string, string, WireMap, RegExp]>([
  ["a missing argument", NODE_GROUP, { ...POOL, nodeRoleArn: null }, /"nodeRoleArn" is required/],
  [
    "a missing argument inside another",
    NODE_GROUP,
    { ...POOL, scalingConfig: { minSize: 0, maxSize: 2 } },
    /"scalingConfig.desiredSize" is/,
  ],
  ["an argument that does not exist", NODE_GROUP, { ...POOL, amiTyp: "x" }, /no argument "amiTyp"/],
  ["one inside a list", NODE_GROUP, { ...POOL, taints: [{ key: "a", effect: "NO_SCHEDULE", val: "b" }] }, /no argument "taints\[0\].val"/],
  ["text for a number", NODE_GROUP, { ...POOL, diskSize: "20" }, /"diskSize" must be a number, not "20"/],
  ["text for a list", NODE_GROUP, { ...POOL, subnetIds: "subnet-1" }, /"subnetIds" must be a list/],
  ["a number in a map of text", NODE_GROUP, { ...POOL, labels: { a: 1 } }, /"labels.a" must be a string, not 1/],
  ["a truth value for text", "aws:ec2/launchTemplate:LaunchTemplate", { ebsOptimized: true }, /"ebsOptimized" must be a string/],
  ["a type that does not exist", "aws:eks/nodePool:NodePool", {}, /no resource type/],
])("refuses %s", (_what, type, inputs, reason) => {
  expect(reasons(type, inputs)).toEqual([expect.stringMatching(reason)]);
});

test("accepts what is right, unknown or secret", () => {
  expect(reasons(NODE_GROUP, POOL)).toEqual([]);
  expect(reasons(NODE_GROUP, { ...POOL, nodeRoleArn: UNKNOWN, scalingConfig: UNKNOWN, labels: secret({ a: "b" }) })).toEqual([]);
  // A role's policy may be a document or its text.
  expect(reasons("aws:iam/role:Role", { assumeRolePolicy: "{}" })).toEqual([]);
});

test("fills in a region and a name, and keeps the name", () => {
  const first = check("aws:iam/role:Role", { assumeRolePolicy: "{}" }).inputs;
  expect(first.name).toMatch(/^thing-[0-9a-f]{7}$/);
  expect(first).not.toHaveProperty("region");
  expect(check("aws:iam/role:Role", { assumeRolePolicy: "[]" }, first).inputs.name).toBe(first.name);
  expect(check("aws:sqs/queue:Queue", {}).inputs).toMatchObject({ region: "us-east-1", __defaults: ["name", "region"] });
});

test("leaves names alone that the program gives, whole or by their beginning", () => {
  expect(check(NODE_GROUP, { ...POOL, nodeGroupNamePrefix: "gpu-" }).inputs).not.toHaveProperty("nodeGroupName");
  expect(check("aws:sqs/queue:Queue", { name: "mine" }).inputs).toMatchObject({ name: "mine", __defaults: ["region"] });
});

test("two creations of one resource get two ids, as what replaces something exists beside it", () => {
  const created = (urn: string) =>
    provider.created({ urn, type: NODE_GROUP, name: "thing", inputs: { ...POOL, nodeGroupNamePrefix: "gpu-" } }, "us-east-1", new Cloud());
  expect(created("urn").id).toBe(created("urn").id);
  expect(created("urn#2").id).not.toBe(created("urn").id);
});

test.each([
  [NODE_GROUP, "launchTemplate.version", false],
  [NODE_GROUP, "launchTemplate.id", true],
  [NODE_GROUP, "subnetIds[0]", true],
  [NODE_GROUP, "scalingConfig.desiredSize", false],
  [NODE_GROUP, "labels.nvidia.com/mig.config", false],
  ["aws:eks/cluster:Cluster", "version", false],
  ["aws:eks/cluster:Cluster", "vpcConfig.subnetIds[0]", false],
  ["aws:eks/cluster:Cluster", "accessConfig.bootstrapClusterCreatorAdminPermissions", true],
  ["aws:ec2/subnet:Subnet", "cidrBlock", true],
  ["aws:ec2/subnet:Subnet", "tags.Name", false],
  ["aws:eks/addon:Addon", "addonVersion", false],
  ["aws:sqs/queue:Queue", "region", true],
])("%s: another %s is another resource: %s", (type, path, expected) => {
  expect(provider.replaces(type, { path, kind: "update" })).toBe(expected);
});
