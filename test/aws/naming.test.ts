import fc from "fast-check";
import { Vpc } from "@pulumi/awsx/ec2/vpc";
import { Role } from "@pulumi/aws/iam/role";
import { tagsNamedAfter } from "../../src/aws/naming";
import { namePrefix } from "../../src/well-known/name-prefix";
import type { Recording } from "../support/program";
import { ofType, only, runComponents } from "../support/program";
import { CONFIG, buildPlatform } from "./platform";

const MADE_UP = ["aws:iam/role:Role", "aws:ec2/launchTemplate:LaunchTemplate", "aws:eks/nodeGroup:NodeGroup"];

describe("namePrefix", () => {
  test.each([
    ["shared-gpu-dev", "a100", "role", "shared-gpu-dev-a100-"],
    ["shared-gpu-dev", "control-plane-eksRole-role", "role", "shared-gpu-dev-control-plane-eksRole-"],
    ["a-cluster-of-research-in-frankfurt-with-a-very-long-name", "a100", "nodeGroup", "a-cluster-of-research-in-frankf-a100-"],
    ["a-cluster-of-research-in-frankfurt", "a-pool-of-the-vision-team-here", "role", "a-cluster-of-resea-a-pool-of-the-visi-"],
  ] as const)("%s and %s, for a %s", (clusterName, name, kind, expected) => {
    expect(namePrefix(clusterName, name, kind)).toBe(expected);
  });

  test("is short enough for AWS, and says something of both names", () => {
    const dnsLabel = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
    fc.assert(
      fc.property(dnsLabel, dnsLabel, (clusterName, name) => {
        const prefix = namePrefix(clusterName, name, "nodeGroup");
        expect(prefix.length).toBeLessThanOrEqual(63 - 26);
        expect(prefix).toMatch(/^[a-z0-9][a-z0-9-]*[a-z0-9]-$/);
        expect(prefix.startsWith(clusterName.slice(0, 10).replace(/-+$/, ""))).toBe(true);
      }),
    );
  });
});

describe("the platform in an account", () => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await runComponents(() => buildPlatform({ network: { ...CONFIG.network, interfaceEndpoints: ["sts"] } }));
  });

  test("every made-up name begins with the cluster's, and stays when the prefix changes", () => {
    const named = MADE_UP.flatMap((type) => ofType(recording, type));
    expect(named.length).toBeGreaterThanOrEqual(9);
    for (const { inputs, options } of named) {
      expect(inputs.nodeGroupNamePrefix ?? inputs.namePrefix).toMatch(/^shared-gpu-/);
      expect(options.ignoreChanges).toContain(inputs.nodeGroupNamePrefix === undefined ? "namePrefix" : "nodeGroupNamePrefix");
    }
  });

  test("every Name tag begins with the cluster's name, those of the components' resources included", () => {
    const tagged = recording.resources.filter(({ type, inputs }) => type.startsWith("aws:") && inputs.tags?.Name !== undefined);
    expect(new Set(tagged.map(({ type }) => type.split(":").at(-1)))).toEqual(
      new Set(["Vpc", "Subnet", "InternetGateway", "RouteTable", "Eip", "NatGateway", "VpcEndpoint", "SecurityGroup", "Cluster"]),
    );
    for (const { inputs } of tagged) {
      expect(inputs.tags.Name).toMatch(/^shared-gpu-(network|control-plane)/);
    }
  });

  test("nothing else of what the components make is changed", () => {
    expect(only(recording, "aws:ec2/vpc:Vpc")).toMatchObject({
      inputs: { cidrBlock: "10.0.0.0/16", tags: { Name: "shared-gpu-network", Team: "platform", CostCenter: "4711" } },
      options: { ignoreChanges: [], deleteBeforeReplace: undefined, aliases: [] },
    });
    expect(only(recording, "aws:iam/role:Role", "control-plane-eksRole-role")).toMatchObject({
      options: { deleteBeforeReplace: undefined, protect: true },
    });
  });
});

describe("tagsNamedAfter", () => {
  const TAGS = { Name: "ours" };
  const made = (tags: Readonly<Record<string, string>>) =>
    runComponents(() => {
      const opts = { transforms: [tagsNamedAfter("shared-gpu", tags)] };
      new Vpc("network", { availabilityZoneNames: ["us-east-1a", "us-east-1b"], subnetStrategy: "Auto", tags }, opts);
      new Role("role", { assumeRolePolicy: "{}", tags: { team: "vision" } }, opts);
    });

  test("leaves a Name of the user's own", async () => {
    const recording = await made(TAGS);
    expect(only(recording, "aws:ec2/vpc:Vpc").inputs.tags).toEqual(TAGS);
  });

  test("makes no Name where there is none", async () => {
    expect(only(await made({}), "aws:iam/role:Role").inputs.tags).toEqual({ team: "vision" });
  });
});
