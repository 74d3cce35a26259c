/** The documented configuration of the pack: every setting there is, and none that there is not. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { policies } from "../../../policy-pack/policies";
import { parsePackConfig, reconcile } from "../../../src/rehearsal/policy/pack-config";
import type { PolicyInfo } from "../../../src/rehearsal/policy/pack-config";
import { ROOT } from "../../support/program";

const example = parsePackConfig(readFileSync(join(ROOT, "docs/examples/policy-config.json"), "utf8"));

const infos = policies.map(({ name, description, enforcementLevel = "advisory", configSchema }): PolicyInfo => ({
  name,
  description,
  enforcementLevel,
  configSchema: configSchema && {
    properties: configSchema.properties as Readonly<Record<string, Readonly<Record<string, unknown>>>>,
    required: configSchema.required ?? [],
  },
}));

test("the pack accepts it", () => {
  expect(reconcile(infos, {}, example)).toMatchObject({ type: "config" });
});

test("it has every setting of every policy, under its name, and no other", () => {
  const settings = infos.flatMap(({ name, configSchema }) => Object.keys(configSchema?.properties ?? {}).map((key) => `${name}: ${key}`));
  const shown = Object.entries(example).flatMap(([name, { properties = {} }]) => Object.keys(properties).map((key) => `${name}: ${key}`));
  expect(shown.sort()).toEqual(settings.sort());
});

test.each(infos.flatMap(({ name, configSchema }) => Object.keys(configSchema?.properties ?? {}).map((key) => [name, key] as const)))(
  "%s refuses nonsense for %s",
  (name, key) => {
    expect(reconcile(infos, {}, { [name]: { properties: { [key]: { what: "ever" } } } })).toMatchObject({
      type: "invalid",
      problems: [expect.stringContaining(`${name}: ${key}`)],
    });
  },
);

test("every policy says what it is, how bad a violation is and what to do about it", () => {
  for (const policy of policies) {
    expect(policy).toMatchObject({
      name: expect.stringMatching(/^[a-z0-9]+(?:-[a-z0-9]+)*$/) as string,
      displayName: expect.any(String) as string,
      description: expect.stringMatching(/^Checks that .*\.$/) as string,
      enforcementLevel: expect.stringMatching(/^(?:mandatory|advisory)$/) as string,
      severity: expect.any(String) as string,
      remediationSteps: expect.any(String) as string,
    });
    expect(policy.tags?.length).toBeGreaterThan(0);
  }
  expect(new Set(policies.map(({ name }) => name)).size).toBe(policies.length);
});
