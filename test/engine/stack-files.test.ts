/**
 * Pulumi.yaml and the stack file as the CLI reads them, held against what the rehearsal reads in the same files: a mistake is refused
 * in the same words, and a program gets the same settings.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runtime } from "@pulumi/pulumi";
import { readStack } from "../../src/rehearsal/stack-files";
import { ROOT } from "../support/program";
import { Workspace } from "../harness/engine/workspace";

let received: Record<string, string> = {};
let workspace: Workspace;
beforeAll(async () => {
  workspace = await Workspace.open({
    binaries: ["pulumi"],
    program: () => {
      received = runtime.allConfig();
      return Promise.resolve({});
    },
  });
});
afterAll(() => workspace.close());

const project = () => join(workspace.folder, "project");
const stackFile = () => join(project(), "Pulumi.dev.yaml");

/** Changes settings for as long as something runs. */
async function withSettings<Result>(settings: Readonly<Record<string, unknown>>, run: () => Promise<Result>): Promise<Result> {
  const before = readFileSync(stackFile(), "utf8");
  workspace.configure(settings);
  try {
    return await run();
  } finally {
    writeFileSync(stackFile(), before);
  }
}

test("the dev stack's file is accepted, and the program gets the settings that the rehearsal reads", async () => {
  const outcome = await workspace.preview({ pack: false });
  expect(outcome.succeeded).toBe(true);
  expect(received).toEqual(readStack(project(), "dev").config);
});

test("pulumi stack init and config set change in the dev stack's file what they are told to, and nothing else", async () => {
  const [before, other] = [readFileSync(join(ROOT, "Pulumi.dev.yaml"), "utf8"), join(project(), "Pulumi.other.yaml")];
  writeFileSync(other, before);
  for (const args of [
    ["stack", "init", "other"],
    ["config", "set", "apiServerAccess", "private", "--stack", "other"],
    ["config", "set", "deletionProtection", "false", "--stack", "other"],
  ]) {
    expect(await workspace.commandLine(args)).toMatchObject({ code: 0 });
  }
  const after = readFileSync(other, "utf8").split("\n");
  const added = /^( {2}shared-gpu:apiServerAccess: private|encryptionsalt: .+)$/;
  expect(after.filter((line) => added.test(line))).toHaveLength(2);
  expect(after.filter((line) => !added.test(line)).join("\n")).toBe(before);
});

/** `undefined` stands for a key that is left out. */
test.each<[Record<string, unknown>, string]>([
  [{ logRetentionDays: "soon" }, "configuration key 'logRetentionDays' must be of type 'integer'"],
  [{ logRetentionDays: 1.5 }, "configuration key 'logRetentionDays' must be of type 'integer'"],
  [{ deletionProtection: "yes please" }, "configuration key 'deletionProtection' must be of type 'boolean'"],
  [{ availabilityZones: "us-east-1a" }, "configuration key 'availabilityZones' must be of type 'array<string>'"],
  [{ availabilityZones: [1] }, "configuration key 'availabilityZones' must be of type 'array<string>'"],
  [{ gpuPools: ["a100"] }, "configuration key 'gpuPools' must be of type 'array<object>'"],
  [{ systemPool: ["m6i.large"] }, "configuration key 'systemPool' must be of type 'object'"],
  [{ tags: "environment=dev" }, "configuration key 'tags' must be of type 'object'"],
  [{ clusterName: { name: "dev" } }, "configuration key 'clusterName' must be of type 'string'"],
  [{ clusterName: undefined }, "missing configuration value 'clusterName'"],
  [
    { clusterName: undefined, gpuPools: undefined, availabilityZones: undefined },
    "missing configuration values 'availabilityZones', 'clusterName' and 'gpuPools'",
  ],
])("%p is refused in the words of the rehearsal", async (settings, words) => {
  await withSettings(settings, async () => {
    const outcome = await workspace.preview({ pack: false });
    expect(outcome.succeeded).toBe(false);
    expect(outcome.stderr).toContain(`Stack 'dev' ${words.startsWith("missing") ? "is" : "with"} ${words}`);
    expect(() => readStack(project(), "dev")).toThrow(`Stack 'dev' ${words.startsWith("missing") ? "is" : "with"} ${words}`);
  });
});

/** Spellings at which two readers of YAML may part. */
const SPELLINGS = `
  other:fraction: 1.30
  other:hexadecimal: 0x1F
  other:octal: 0123
  other:exponent: 1e3
  other:underscores: 1_000
  other:large: 12345678901234567890
  other:yes: yes
  other:true: True
  other:null: null
  other:tilde: ~
  other:nothing:
  other:empty: ""
  other:date: 2026-01-01
  other:quoted: "1.30"
  other:folded: >-
    two
    lines
  other:list: [1, 1.5, 1.0, true, yes, "x", null, 2026-01-01]
  other:map: { a: 1, b: { c: 1.30 }, z: ~, 5: five }
  undeclared: 7
`;

test("every spelling of a value reaches the program as the rehearsal reads it", async () => {
  await withSettings({}, async () => {
    writeFileSync(stackFile(), readFileSync(stackFile(), "utf8").replace(/^config:\n/m, `config:${SPELLINGS}`));
    const outcome = await workspace.preview({ pack: false });
    expect(outcome.succeeded).toBe(true);
    expect(received).toEqual(readStack(project(), "dev").config);
  });
});
