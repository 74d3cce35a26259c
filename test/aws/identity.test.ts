import fc from "fast-check";
import { keepIdentity } from "../../src/aws/identity";
import { formatImpossibleChanges, impossibleChanges } from "../../src/aws/identity-changes";
import type { Identity } from "../../src/aws/identity-changes";
import { only, runComponents } from "../support/program";
import { CONFIG } from "./platform";

const DEPLOYED: Identity = {
  region: "us-east-1",
  clusterName: "shared-gpu",
  vpcCidr: "10.0.0.0/16",
  availabilityZones: ["us-east-1a", "us-east-1b", "us-east-1d"],
};

const zones = (letters: string): string[] => [...letters].map((letter) => `us-east-1${letter}`);

describe("AWS can", () => {
  test.each<[string, Partial<Identity>]>([
    ["leave everything as it is", {}],
    ["add a zone at the end, while the network has room for it", { availabilityZones: zones("abdf") }],
  ])("%s", (_, change) => {
    expect(impossibleChanges(DEPLOYED, { ...DEPLOYED, ...change })).toEqual([]);
  });

  test("add zones up to eight to a platform of five", () => {
    expect(
      impossibleChanges({ ...DEPLOYED, availabilityZones: zones("abcde") }, { ...DEPLOYED, availabilityZones: zones("abcdef") }),
    ).toEqual([]);
  });
});

describe("AWS cannot", () => {
  test.each<[string, Partial<Identity>, string, string]>([
    ["move to another region", { region: "eu-west-1" }, "aws:region", "another region"],
    ["rename a cluster", { clusterName: "other" }, "clusterName", "deleted with all that is in it"],
    ["change a VPC's range", { vpcCidr: "10.1.0.0/16" }, "vpcCidr", "another VPC"],
    ["make a VPC wider", { vpcCidr: "10.0.0.0/17" }, "vpcCidr", "another VPC"],
    ["take a cluster out of a zone", { availabilityZones: zones("ab") }, "availabilityZones", "out of a zone (us-east-1d)"],
    ["exchange a zone for another", { availabilityZones: zones("abc") }, "availabilityZones", "out of a zone (us-east-1d)"],
    ["exchange two zones", { availabilityZones: zones("bad") }, "availabilityZones", "subnets of us-east-1a, us-east-1b"],
    ["add a zone before others", { availabilityZones: zones("abcd") }, "availabilityZones", "subnets of us-east-1d"],
    ["add a fifth zone to a network for four", { availabilityZones: zones("abdcf") }, "availabilityZones", "divided for 4 zones"],
  ])("%s", (_, change, key, because) => {
    const problems = impossibleChanges(DEPLOYED, { ...DEPLOYED, ...change });
    expect(problems.map((problem) => problem.key)).toEqual([key]);
    expect(problems[0]?.value).toEqual(Object.values(change)[0]);
    expect(problems[0]?.reason).toContain(because);
  });

  test("do any of several changes: all are told", () => {
    const wanted = { ...DEPLOYED, vpcCidr: "10.1.0.0/16", clusterName: "other", availabilityZones: zones("ab") };
    expect(impossibleChanges(DEPLOYED, wanted).map(({ key }) => key)).toEqual(["clusterName", "vpcCidr", "availabilityZones"]);
  });
});

test("where nothing is refused, no subnet of the deployed platform changes or is overlapped", () => {
  const lists = fc.shuffledSubarray([..."abcdef"], { minLength: 2 }).map((letters) => zones(letters.join("")));
  fc.assert(
    fc.property(lists, lists, (before, after) => {
      const isAllowed =
        impossibleChanges({ ...DEPLOYED, availabilityZones: before }, { ...DEPLOYED, availabilityZones: after }).length === 0;
      const shares = (list: readonly string[]): number => (list.length > 4 ? 8 : 4);
      const isExtension = before.every((zone, index) => after[index] === zone) && shares(before) === shares(after);
      expect(isAllowed).toBe(isExtension);
    }),
  );
});

test("what a state does not say is not compared", () => {
  expect(impossibleChanges({}, DEPLOYED)).toEqual([]);
  expect(impossibleChanges({ region: "us-east-1", clusterName: "shared-gpu" }, DEPLOYED)).toEqual([]);
});

test("the message says what is deployed, why it stays, and the way to another one", () => {
  const message = formatImpossibleChanges(impossibleChanges(DEPLOYED, { ...DEPLOYED, vpcCidr: "10.1.0.0/16" }));
  expect(message).toContain('  - vpcCidr: "10.1.0.0/16": the deployed platform has "10.0.0.0/16"; a VPC keeps its range');
  for (const command of ["pulumi config set deletionProtection false", "pulumi up", "pulumi destroy"]) {
    expect(message).toContain(`      ${command}\n`);
  }
});

test("the identity is recorded, and nothing is made", async () => {
  const recording = await runComponents(() => keepIdentity("platform", CONFIG));
  expect(only(recording, "shared-gpu:aws:Platform").inputs).toEqual(DEPLOYED);
  expect(recording.resources.filter(({ kind }) => kind === "custom")).toEqual([]);
});
