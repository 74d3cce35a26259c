/** What AWS cannot change about a deployed platform is refused by the engine itself, before anything else happens. */
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { keepIdentity } from "../../src/aws/identity";
import { loadConfig } from "../../src/config/load";
import type { Outcome } from "../harness/engine/workspace";
import { Workspace, errorsOf } from "../harness/engine/workspace";

const ZONES = ["us-east-1a", "us-east-1b", "us-east-1d"];

/** The identity, and something that comes after it and changes whenever the identity does. */
async function program(): Promise<void> {
  const config = loadConfig();
  await keepIdentity("platform", config);
  const retentionInDays = config.network.cidr === "10.0.0.0/16" ? 30 : 90;
  new LogGroup("after", { name: "after", retentionInDays, tags: { zones: config.network.availabilityZones.join(" ") } });
}

let workspace: Workspace;
beforeAll(async () => {
  workspace = await Workspace.open({ binaries: ["pulumi"], program });
  // A state of release 0.1: there is something, and no record of what it is built on.
  const before = await workspace.up({ pack: false, program: () => Promise.resolve(void new LogGroup("after", { name: "after" })) });
  expect(errorsOf(before)).toEqual([]);
  expect((await workspace.up({ pack: false })).succeeded).toBe(true);
});
afterAll(() => workspace.close());

const withSettings = async (settings: Readonly<Record<string, unknown>>, run: () => Promise<Outcome>): Promise<Outcome> => {
  workspace.configure(settings);
  try {
    return await run();
  } finally {
    workspace.configure({ vpcCidr: undefined, availabilityZones: ZONES, clusterName: "shared-gpu-dev" });
  }
};

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ["another VPC", { vpcCidr: "10.1.0.0/16" }, 'vpcCidr: "10.1.0.0/16": the deployed platform has "10.0.0.0/16"'],
  ["another name", { clusterName: "other" }, 'clusterName: "other": the deployed platform has "shared-gpu-dev"'],
  ["a zone less", { availabilityZones: ZONES.slice(0, 2) }, "EKS cannot take a cluster out of a zone (us-east-1d)"],
])("%s is refused by preview and up alike, and nothing else is looked at", async (_, settings, words) => {
  const before = workspace.state().text;
  for (const run of [() => workspace.preview({ pack: false }), () => workspace.up({ pack: false })]) {
    const outcome = await withSettings(settings, run);
    expect(outcome.succeeded).toBe(false);
    expect(errorsOf(outcome).join("\n")).toContain(words);
    expect(outcome.steps.map(({ name }) => name)).toEqual(["platform"]);
  }
  expect(JSON.parse(workspace.state().text)).toMatchObject({ checkpoint: { latest: { resources: resourcesIn(before) } } });
});

test("a zone at the end is accepted, and from then on kept too", async () => {
  const zones = [...ZONES, "us-east-1f"];
  const added = await withSettings({ availabilityZones: zones }, () => workspace.up({ pack: false }));
  expect(errorsOf(added)).toEqual([]);
  const refused = await workspace.preview({ pack: false });
  expect(errorsOf(refused).join("\n")).toContain("out of a zone (us-east-1f)");
  const kept = await withSettings({ availabilityZones: zones }, () => workspace.up({ pack: false }));
  expect(kept.steps).toEqual([]);
});

test("plain pulumi says the same, without a stack trace", async () => {
  const { code, stdout } = await workspace.commandLine(["preview", "--stack", "dev"]);
  expect(code).not.toBe(0);
  expect(stdout).toContain("AWS cannot change a deployed platform in this way, and nothing was changed:");
  expect(stdout).not.toMatch(/^\s+at /m);
});

function resourcesIn(state: string): unknown {
  const { checkpoint } = JSON.parse(state) as { readonly checkpoint: { readonly latest: { readonly resources: unknown } } };
  return checkpoint.latest.resources;
}
