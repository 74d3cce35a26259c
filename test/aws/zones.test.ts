import { RunError } from "@pulumi/pulumi";
import { lookupZones, resolveZones } from "../../src/aws/zones";
import type { ZoneFacts } from "../../src/aws/zones";
import { formatProblem } from "../../src/config/reading/problem";
import type * as config from "../../src/config/types";
import { runComponents } from "../support/program";
import { CONFIG, GPU_POOL } from "./platform";

const ZONES: ZoneFacts["zones"] = [
  { name: "us-east-1a", id: "use1-az4" },
  { name: "us-east-1b", id: "use1-az6" },
  { name: "us-east-1c", id: "use1-az1" },
  { name: "us-east-1d", id: "use1-az2" },
  { name: "us-east-1e", id: "use1-az3" },
];
const ALL = ZONES.map(({ name }) => name);

const facts = (p4d: readonly string[], m6i: readonly string[] = ALL): ZoneFacts => ({
  zones: ZONES,
  offerings: new Map([
    ["p4d.24xlarge", p4d],
    ["m6i.large", m6i],
  ]),
});

const stack = (availabilityZones: readonly string[], ...pinnedTo: readonly (string | undefined)[]) => ({
  ...CONFIG,
  network: { ...CONFIG.network, availabilityZones },
  gpuPools: pinnedTo.map((availabilityZone): config.GpuPool => ({ ...GPU_POOL, availabilityZone })),
});

/** The zones of the pools, or the problems as a person reads them. */
function outcome(...args: Parameters<typeof resolveZones>): readonly string[] {
  const answer = resolveZones(...args);
  return answer.type === "invalid" ? answer.problems.map(formatProblem) : answer.zones.gpuPools.map(({ zone }) => zone);
}

describe("resolveZones", () => {
  test("takes the first configured zone that offers the type, in the order of the configuration", () => {
    expect(outcome(stack(["us-east-1d", "us-east-1c", "us-east-1b"], undefined), facts(["us-east-1b", "us-east-1c"]))).toEqual([
      "us-east-1c",
    ]);
  });

  test("takes a pinned zone as it is, though an earlier one would do", () => {
    expect(outcome(stack(["us-east-1a", "us-east-1b"], "us-east-1b", undefined), facts(ALL))).toEqual(["us-east-1b", "us-east-1a"]);
  });

  test("answers no pools for no pools", () => {
    expect(outcome(stack(["us-east-1a", "us-east-1b"]), facts([]))).toEqual([]);
  });

  test("refuses a pinned zone that does not offer the type, and says which do", () => {
    expect(outcome(stack(["us-east-1a", "us-east-1b"], "us-east-1a"), facts(["us-east-1b", "us-east-1c"]))).toEqual([
      'gpuPools[0].availabilityZone: "us-east-1a": it does not offer p4d.24xlarge; zones of us-east-1 that do: us-east-1b, us-east-1c; did you mean "us-east-1b"?',
    ]);
  });

  test("refuses a type that no configured zone offers, and says which zones of the region do", () => {
    expect(outcome(stack(["us-east-1a", "us-east-1b"], undefined), facts(["us-east-1c"]))).toEqual([
      'gpuPools[0].instanceType: "p4d.24xlarge": no zone of availabilityZones (us-east-1a, us-east-1b) offers it; zones of us-east-1 that do: us-east-1c',
    ]);
  });

  test("says so when no zone of the region offers the type", () => {
    expect(outcome(stack(["us-east-1a", "us-east-1b"], undefined), facts([]))[0]).toMatch(/zones of us-east-1 that do: none$/);
  });

  test("does not suggest a zone that cannot hold the control plane", () => {
    expect(outcome(stack(["us-east-1a", "us-east-1b"], undefined), facts(["us-east-1e"]))[0]).toMatch(/that do: none$/);
  });

  test("refuses a zone that the region does not have", () => {
    expect(outcome(stack(["us-east-1a", "us-east-1z"]), facts(ALL))).toEqual([
      'availabilityZones[1]: "us-east-1z": us-east-1 has no such zone for this account; did you mean "us-east-1a" or "us-east-1b" or "us-east-1c" or "us-east-1d"?',
    ]);
  });

  test.each([
    ["us-east-1e", "use1-az3"],
    ["us-west-1b", "usw1-az2"],
    ["ca-central-1d", "cac1-az3"],
  ])("refuses %s where it is %s, whatever the account calls it", (name, id) => {
    const answer = resolveZones(stack([name]), { zones: [{ name, id }], offerings: new Map([["m6i.large", [name]]]) });
    expect(answer.type === "invalid" && answer.problems.map(formatProblem)).toEqual([
      `availabilityZones[0]: "${name}": it is ${id} in this account, where EKS cannot put a control plane`,
    ]);
  });

  test("refuses a zone without the system pool's instance type", () => {
    expect(outcome(stack(["us-east-1a", "us-east-1b"]), facts(ALL, ["us-east-1a", "us-east-1c"]))).toEqual([
      'availabilityZones[1]: "us-east-1b": it does not offer m6i.large, the instance type of systemPool; did you mean "us-east-1a" or "us-east-1c"?',
    ]);
  });

  test("names every problem at once", () => {
    expect(outcome(stack(["us-east-1z", "us-east-1e"], undefined, "us-east-1e"), facts([]))).toHaveLength(4);
  });
});

describe("lookupZones", () => {
  test("asks for real zones only, and once for each instance type", async () => {
    const twoPools = { ...CONFIG, gpuPools: [GPU_POOL, { ...GPU_POOL, name: "second" }] };
    const { invokes } = await runComponents(() => lookupZones(twoPools));
    expect(invokes.map(({ token, args }) => [token.split(":").at(-1), args.filters]).sort()).toEqual([
      ["getAvailabilityZones", [{ name: "zone-type", values: ["availability-zone"] }]],
      ["getInstanceTypeOfferings", [{ name: "instance-type", values: ["m6i.large"] }]],
      ["getInstanceTypeOfferings", [{ name: "instance-type", values: ["p4d.24xlarge"] }]],
    ]);
  });

  test("throws what a person can act on, and no stack trace, when no zone will do", async () => {
    const { outputs } = await runComponents(
      async () => ({
        refusal: await lookupZones(CONFIG).catch((error: unknown) => [RunError.isInstance(error), (error as Error).message]),
      }),
      { offers: { offerings: { "p4d.24xlarge": ["us-east-1c"] } } },
    );
    expect(outputs.refusal).toEqual([
      true,
      "Invalid stack configuration. No resources were created:\n" +
        '  - gpuPools[0].instanceType: "p4d.24xlarge": no zone of availabilityZones (us-east-1a, us-east-1b, us-east-1d) offers it; ' +
        "zones of us-east-1 that do: us-east-1c",
    ]);
  });
});
