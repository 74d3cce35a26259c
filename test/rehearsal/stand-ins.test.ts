/** What stands in for providers: believable, and the same in every run. */
import fc from "fast-check";
import { zonesOf } from "../../src/rehearsal/stand-ins/invokes";
import { AWS_OUTPUTS } from "../../src/rehearsal/stand-ins/aws";
import { NAME_ARGUMENTS, hasRegion } from "../../src/rehearsal/stand-ins/checked";
import { createdOutputs } from "../../src/rehearsal/stand-ins/outputs";
import { rangesOf } from "../../src/rehearsal/stand-ins/awsx/subnet-ranges";
import { makeAccount } from "../../src/rehearsal/stand-ins/account";
import { declarationOf } from "../../src/rehearsal/stand-ins/declarations";
import { nameArgument } from "../harness/engine/providers/aws/names";

const account = makeAccount("us-east-1", "dev");
const resource = (type: string, inputs: Record<string, unknown> = {}, name = "thing") => ({
  urn: `urn:pulumi:dev::p::${type}::${name}`,
  type,
  name,
  inputs,
});

test.each([
  ["aws:ec2/vpc:Vpc", {}, /^vpc-0[0-9a-f]{16}$/, /^arn:aws:ec2:us-east-1:123456789012:vpc\/vpc-0/],
  ["aws:iam/role:Role", {}, /^thing-[0-9a-f]{7}$/, /^arn:aws:iam::123456789012:role\/thing-/],
  ["aws:eks/cluster:Cluster", { name: "shared" }, /^shared$/, /^arn:aws:eks:us-east-1:123456789012:cluster\/shared$/],
  [
    "aws:eks/nodeGroup:NodeGroup",
    { clusterName: "shared", nodeGroupNamePrefix: "gpu-" },
    /^shared:gpu-[0-9a-f]{26}$/,
    /:nodegroup\/shared\/gpu-/,
  ],
  ["aws:kms/key:Key", {}, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, /:key\//],
])("%s looks as AWS would answer", (type, inputs, id, arn) => {
  const first = createdOutputs(resource(type, inputs), account);
  expect(first.id).toMatch(id);
  expect(first.outputs.arn).toMatch(arn);
  expect(createdOutputs(resource(type, inputs), account)).toEqual(first);
});

test.each([
  ["kubernetes:core/v1:Pod", { metadata: { name: "x", namespace: "team" } }, "team/x"],
  ["kubernetes:core/v1:Pod", { metadata: { name: "x" } }, "default/x"],
  ["kubernetes:core/v1:Namespace", { metadata: { name: "x" } }, "x"],
  ["kubernetes:resource.k8s.io/v1:DeviceClass", { metadata: { name: "x" } }, "x"],
  ["kubernetes:helm.sh/v3:Release", { name: "x", namespace: "team", chart: "y" }, "team/x"],
])("%s with %j has the id %s", (type, inputs, id) => {
  expect(createdOutputs(resource(type, inputs), account).id).toBe(id);
});

test.each(Object.keys(AWS_OUTPUTS))("%s has the region and the name that the SDK declares", (type) => {
  const fields = declarationOf(type)?.arguments ?? new Map<string, never>();
  expect({ region: hasRegion(type), name: NAME_ARGUMENTS[type] }).toEqual({
    region: fields.has("region"),
    name: nameArgument(type, fields),
  });
});

test("a package that nothing is known about fails", () => {
  expect(() => createdOutputs(resource("gcp:storage/bucket:Bucket"), account)).toThrow("gcp:storage/bucket:Bucket");
});

test.each([
  ["us-east-1", "abcdef"],
  ["us-west-2", "abcd"],
  ["eu-central-1", "abc"],
])("the zones of %s are %s", (region, letters) => {
  expect(zonesOf(makeAccount(region, "dev"), {})).toEqual([...letters].map((letter) => `${region}${letter}`));
});

test.each([
  ["us-east-1", "aws"],
  ["us-gov-west-1", "aws-us-gov"],
  ["cn-north-1", "aws-cn"],
])("%s is in partition %s", (region, partition) => {
  expect(makeAccount(region, "dev").partition).toBe(partition);
});

test("subnets lie inside the VPC, apart from each other, each at a multiple of its size", () => {
  const numeric = (cidr: string) => {
    const [base = "", prefix = ""] = cidr.split("/");
    const start = base.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
    return { start, end: start + 2 ** (32 - Number(prefix)), size: 2 ** (32 - Number(prefix)) };
  };
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      // Three subnets of these sizes fit into a zone's share of the VPC.
      fc.array(fc.option(fc.integer({ min: 20, max: 26 }), { nil: undefined }), { minLength: 1, maxLength: 3 }),
      (zones, masks) => {
        const ranges = rangesOf("10.0.0.0/16", zones, masks).flat().map(numeric);
        const vpc = numeric("10.0.0.0/16");
        const sorted = [...ranges].sort((a, b) => a.start - b.start);
        expect(ranges).toHaveLength(zones * masks.length);
        expect(ranges.every(({ start, end, size }) => start >= vpc.start && end <= vpc.end && start % size === 0)).toBe(true);
        expect(sorted.every(({ start }, index) => index === 0 || start >= (sorted[index - 1]?.end ?? 0))).toBe(true);
      },
    ),
  );
});
