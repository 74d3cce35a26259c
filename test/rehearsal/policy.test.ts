/**
 * A policy pack is asked the way the pulumi CLI asks it. It is another one than the project's, and a process serves only one: these modules are not shared.
 *
 * @jest-environment ./test/support/jest/own-modules.js
 */
import { SecurityGroup, Vpc } from "@pulumi/aws/ec2";
import { Secret } from "@pulumi/kubernetes/core/v1";
import { ComponentResource, secret } from "@pulumi/pulumi";
import { join } from "node:path";
import type { Recording } from "../../src/rehearsal/monitor/recording";
import { PackConfigError, evaluatePack, isMandatory } from "../../src/rehearsal/policy/evaluate";
import type { PolicyVerdict } from "../../src/rehearsal/policy/evaluate";
import { loadPack } from "../../src/rehearsal/policy/load-pack";
import type { ServedPack } from "../../src/rehearsal/policy/served-pack";
import { parsePackConfig } from "../../src/rehearsal/policy/pack-config";
import { servePackInHost } from "../support/host";
import { runComponents } from "../support/program";

const FOLDER = join(__dirname, "fixtures/pack");

class Group extends ComponentResource {
  constructor() {
    super("shared-gpu:test:Group", "group");
    const vpc = new Vpc("vpc", { cidrBlock: "10.0.0.0/16" }, { parent: this });
    new SecurityGroup(
      "web",
      { vpcId: vpc.id, description: secret("see TICKET-1") },
      { parent: this, protect: true, ignoreChanges: ["tags"], aliases: [{ name: "old" }], customTimeouts: { create: "1h30m" } },
    );
    new Secret("password", { stringData: { password: "hunter2" } }, { parent: this });
  }
}

let recording: Recording;
let pack: ServedPack;
let serversBefore: number;
const servers = (): number => process.getActiveResourcesInfo().filter((resource) => resource === "TCPServerWrap").length;
beforeAll(async () => {
  recording = await runComponents(() => {
    new Group();
  });
  serversBefore = servers();
  pack = await loadPack(FOLDER);
});

const said = (verdict: PolicyVerdict, policy: string): Record<string, unknown> => {
  const [violation] = verdict.violations.filter((candidate) => candidate.policy === policy);
  return JSON.parse(violation?.message.split("\n")[1] ?? "") as Record<string, unknown>;
};

test("a pack loaded in process leaves the working directory alone, and does not listen", () => {
  expect(process.cwd()).not.toContain("fixtures");
  expect(servers()).toBe(serversBefore);
});

test("a resource policy sees inputs, options and provider as from the engine", async () => {
  const verdict = await evaluatePack(pack, recording.resources);
  expect(verdict).toMatchObject({ pack: "fixture-pack", version: "1.2.3", resources: recording.resources.length });
  const { urn, props, opts, provider } = said(verdict, "echo-resource");
  expect(urn).toBe("urn:pulumi:test::shared-gpu::shared-gpu:test:Group$aws:ec2/securityGroup:SecurityGroup::web");
  expect(props).toMatchObject({ description: "see TICKET-1", vpcId: expect.stringMatching(/^vpc-/) as string });
  expect(props).not.toHaveProperty("arn");
  expect(opts).toMatchObject({
    protect: true,
    ignoreChanges: ["tags"],
    customTimeouts: { createSeconds: 5400, updateSeconds: 0, deleteSeconds: 0 },
    parent: "urn:pulumi:test::shared-gpu::shared-gpu:test:Group::group",
    aliases: ["urn:pulumi:test::shared-gpu::shared-gpu:test:Group$aws:ec2/securityGroup:SecurityGroup::old"],
  });
  expect(provider).toMatchObject({ type: "pulumi:providers:aws", props: { region: "us-east-1" } });
});

test("resources that share their options each have their own parent", async () => {
  for (const parent of [
    "urn:pulumi:test::shared-gpu::shared-gpu:test:Group::one",
    "urn:pulumi:test::shared-gpu::shared-gpu:test:Group::other",
  ]) {
    const resources = recording.resources.map((resource) => (resource.name === "web" ? { ...resource, parent } : resource));
    expect(said(await evaluatePack(pack, resources), "echo-resource").opts).toMatchObject({ protect: true, parent });
  }
});

test("a stack policy sees outputs, parents and dependencies of everything", async () => {
  const { types, arn, parent, dependencies } = said(await evaluatePack(pack, recording.resources), "echo-stack");
  expect(types).toEqual(recording.resources.map((resource) => resource.type));
  expect(arn).toMatch(/^arn:aws:ec2:us-east-1:123456789012:security-group\/sg-/);
  expect(parent).toBe("shared-gpu:test:Group");
  expect(dependencies).toEqual(["aws:ec2/vpc:Vpc"]);
});

test("policies get the defaults of their schemas, then what the user configures", async () => {
  expect(said(await evaluatePack(pack, recording.resources), "echo-resource").config).toEqual({ greeting: "hello" });
  const config = parsePackConfig(
    '{"all": "mandatory", "echo-resource": {"enforcementLevel": "advisory", "limit": 3}, "echo-stack": "disabled"}',
  );
  const verdict = await evaluatePack(pack, recording.resources, config);
  expect(said(verdict, "echo-resource").config).toEqual({ greeting: "hello", limit: 3 });
  expect(verdict.violations.map(({ policy, enforcementLevel }) => [policy, enforcementLevel]).sort()).toEqual([
    ["echo-resource", "advisory"],
    ["no-tickets", "mandatory"],
  ]);
});

test("a mandatory violation is one even where the offending text is a secret", async () => {
  const { violations } = await evaluatePack(pack, recording.resources);
  expect(violations.filter(isMandatory)).toMatchObject([
    { policy: "no-tickets", message: "Refuses descriptions that name a ticket.\nit names a ticket" },
  ]);
});

test.each([
  ['{"echo-resource": {"limit": 9}}', /^echo-resource: limit: .*<=5/],
  ['{"echo-resource": {"greeting": 1}}', /^echo-resource: greeting: .*string/],
  ['{"echo": "mandatory"}', /^echo: not a policy of this pack; did you mean echo-stack\?$/],
])("a configuration that the pack cannot take is refused: %s", async (text, message) => {
  const attempt = evaluatePack(pack, recording.resources, parsePackConfig(text));
  await expect(attempt).rejects.toThrow(PackConfigError);
  await expect(attempt).rejects.toThrow(message);
});

test.each([
  ['{"all": "severe"}', '"all": "severe" is not a valid enforcement level; known: advisory, mandatory, remediate, disabled'],
  ['{"all": 1}', '"all": 1 is not a valid value; must be a string or object'],
  ["[]", "expected an object of policy names"],
])("a configuration file of the wrong form is refused: %s", (text, message) => {
  expect(() => parsePackConfig(text)).toThrow(message);
});

test("the same pack in Pulumi's policy host says the same", async () => {
  const served = await servePackInHost(FOLDER);
  try {
    expect(await evaluatePack(served.pack, recording.resources)).toEqual(await evaluatePack(pack, recording.resources));
  } finally {
    await served.stop();
  }
}, 30_000);
