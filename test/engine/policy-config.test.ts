/** Mistakes in the configuration of the policy pack, as the real CLI reads it from a file. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { policies } from "../../policy-pack/policies";
import { mistyped, mistypedSettings, wrongValues } from "../policy-pack/bad-settings";
import type { BadSetting } from "../policy-pack/bad-settings";
import { ROOT } from "../support/program";
import { Workspace } from "../harness/engine/workspace";

let workspace: Workspace;
beforeAll(async () => {
  workspace = await Workspace.open({ binaries: ["pulumi"], program: () => Promise.resolve({}) });
});
afterAll(() => workspace.close());

/** What the CLI prints when it fails with a configuration. */
async function refusal(packConfig: object): Promise<string> {
  const { succeeded, stdout, stderr } = await workspace.preview({ packConfig });
  expect({ packConfig, succeeded }).toEqual({ packConfig, succeeded: false });
  return `${stdout}\n${stderr}`;
}

/** One configuration with as many of them as fit, the rest in further ones: an entry has one value. */
function together(settings: readonly BadSetting[]): readonly Readonly<Record<string, object>>[] {
  const files: Record<string, object>[] = [];
  for (const { policy, entry } of settings) {
    const isFree = (file: Record<string, object>) => Object.keys(entry).every((key) => !Object.hasOwn(file[policy] ?? {}, key));
    const file = files.find(isFree) ?? files[files.push({}) - 1] ?? {};
    file[policy] = { ...file[policy], ...entry };
  }
  return files;
}

test("every setting of every policy under a mistyped name is refused, and what was meant is said", async () => {
  const typos = mistypedSettings(policies);
  const [file, ...others] = together(typos);
  expect(others).toEqual([]);
  const printed = await refusal(file ?? {});
  for (const { policy, written, meant } of typos) {
    expect(printed).toMatch(new RegExp(`${policy}: ${written}: not a setting; .*${meant}`));
  }
});

test("every policy under a mistyped name is refused, and what was meant is said", async () => {
  const printed = await refusal(Object.fromEntries(policies.map(({ name }) => [mistyped(name), "mandatory"])));
  for (const { name } of policies) {
    expect(printed).toContain(`${mistyped(name)}: not a policy of this pack; did you mean ${name}`);
  }
});

test("a mistyped policy with settings and without a level is refused, in the CLI's own words", async () => {
  expect(await refusal({ "eks-api-server-not-open-to-word": { widestIpv4Prefix: 16 } })).toContain("invalid enforcement level");
});

// The same settings are refused in the rehearsal, value by value.
test("values that a schema excludes are refused with policy and setting", async () => {
  for (const file of together(wrongValues(policies))) {
    const printed = await refusal(file);
    for (const [policy, entry] of Object.entries(file)) {
      for (const key of Object.keys(entry)) expect(printed).toContain(`${policy}: ${key}`);
    }
  }
});

test("the documented configuration is taken", async () => {
  const documented = JSON.parse(readFileSync(join(ROOT, "docs/examples/policy-config.json"), "utf8")) as object;
  const { succeeded, stderr } = await workspace.preview({ packConfig: { all: "advisory", ...documented } });
  expect({ succeeded, stderr }).toEqual({ succeeded: true, stderr: "" });
});
