/** Configurations of the pack that are not understood, whole pack and every setting of every policy, through the protocol that the CLI speaks. */
import type { Policies } from "@pulumi/policy";
import { policies } from "../../../policy-pack/policies";
import { unknownNames } from "../../../policy-pack/engine/settings";
import { PackConfigError, evaluatePack } from "../../../src/rehearsal/policy/evaluate";
import type { ServedPack } from "../../../src/rehearsal/policy/served-pack";
import { parsePackConfig } from "../../../src/rehearsal/policy/pack-config";
import { projectPack } from "../../support/project-pack";
import { mistyped, mistypedSettings, wrongValues } from "../bad-settings";
import type { BadSetting } from "../bad-settings";

const typos = mistypedSettings(policies);
const wrong = wrongValues(policies);

let pack: ServedPack;
let problems: ReadonlyMap<BadSetting, readonly string[]>;
beforeAll(async () => {
  pack = await projectPack();
  problems = new Map([...(await problemsOf(typos)), ...(await problemsOf(wrong))]);
});

/** What the pack says to a configuration file; nothing where it takes it. */
async function refusal(file: object): Promise<readonly string[]> {
  try {
    await evaluatePack(pack, [], parsePackConfig(JSON.stringify(file)));
    return [];
  } catch (error) {
    if (error instanceof PackConfigError) return error.problems;
    throw error;
  }
}

/**
 * What the pack says to each of many mistakes. A configuration file has one mistake of each policy, because the pack says everything at once and takes much
 * longer to be asked than to answer.
 */
async function problemsOf(mistakes: readonly BadSetting[]): Promise<ReadonlyMap<BadSetting, readonly string[]>> {
  const found = new Map<BadSetting, readonly string[]>();
  for (let left = mistakes; left.length > 0; left = left.filter((mistake) => !found.has(mistake))) {
    const file = new Map(left.map((mistake) => [mistake.policy, mistake]));
    const said = await refusal(Object.fromEntries([...file].map(([policy, { entry }]) => [policy, entry])));
    expect(said.filter((problem) => !file.has(problem.slice(0, problem.indexOf(":"))))).toEqual([]);
    for (const [policy, mistake] of file) {
      found.set(
        mistake,
        said.filter((problem) => problem.startsWith(`${policy}: `)),
      );
    }
  }
  return found;
}

test("the tables cover every policy and every setting", () => {
  expect(new Set(typos.map(({ policy }) => policy)).size).toBe(policies.length);
  const settings = policies.flatMap(({ name, configSchema }) =>
    Object.keys(configSchema?.properties ?? {}).map((key) => `${name}: ${key}`),
  );
  expect([...new Set(wrong.map(({ policy, meant }) => `${policy}: ${meant}`))]).toEqual(settings);
});

test("a configuration without a mistake is taken", async () => {
  expect(
    await refusal({ all: "advisory", "eks-api-server-not-open-to-world": { widestIpv4Prefix: 16, enforcementLevel: "mandatory" } }),
  ).toEqual([]);
});

test.each(typos.map((typo) => [typo.policy, typo.written, typo] as const))(
  "%s: %s is refused, and what was meant is said",
  (_, __, typo) => {
    const [problem, ...others] = problems.get(typo) ?? [];
    expect(others).toEqual([]);
    expect(problem).toContain(`${typo.policy}: ${typo.written}: not a setting`);
    expect(problem).toContain(typo.meant);
  },
);

test.each(policies.map(({ name }) => name))("a mistyped %s is refused, and what was meant is said", async (name) => {
  expect(await refusal({ [mistyped(name)]: "mandatory" })).toEqual([expect.stringContaining(`did you mean ${name}`)]);
});

test.each(wrong.map((mistake) => [mistake.policy, mistake.meant, mistake.written, mistake] as const))(
  "%s: %s: %s is refused",
  (policy, key, _, mistake) => {
    expect((problems.get(mistake) ?? []).join("\n")).toMatch(new RegExp(`^${policy}: ${key}`));
  },
);

test("everything that is wrong is said at once, and a later configuration is taken", async () => {
  const said = await refusal({
    "eks-api-server-not-open-to-world": { widestIpv4Prefx: 16 },
    "volumes-encrypted": { widestIpv4Prefix: 16 },
    all: { enforcementLevel: "advisory", widestIpv4Prefix: 16 },
  });
  expect(said).toEqual([
    'all: widestIpv4Prefix: not a setting; "all" takes an enforcementLevel only',
    "eks-api-server-not-open-to-world: widestIpv4Prefx: not a setting; did you mean widestIpv4Prefix?",
    "volumes-encrypted: widestIpv4Prefix: not a setting; this policy takes an enforcementLevel only",
  ]);
  expect(await refusal({})).toEqual([]);
});

test("names inside of settings are held against their schemas, however deep", () => {
  const nested: Policies = [
    {
      name: "deep",
      description: "Has settings in settings.",
      configSchema: {
        properties: {
          limits: { type: "object", properties: { lower: { type: "number" } } },
          rules: {
            type: "array",
            items: { type: "object", properties: { match: { type: "object", properties: { label: { type: "string" } } } } },
          },
          free: { type: "object" },
        },
      },
      validateResource: () => undefined,
    },
  ];
  const unknown = unknownNames(nested, {
    deep: {
      limits: { lower: 1, uper: 2 },
      rules: [{ match: { label: "a" } }, { match: { lable: "a" }, mach: {} }],
      free: { any: "thing" },
    },
  });
  expect(unknown).toEqual([
    "deep: limits: uper: not a setting; did you mean lower?",
    "deep: rules[1]: mach: not a setting; did you mean match?",
    "deep: rules[1]: match: lable: not a setting; did you mean label?",
  ]);
});
