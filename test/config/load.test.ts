import * as pulumi from "@pulumi/pulumi";
import { decodeValue } from "../../src/config/reading/decode";
import { loadConfig } from "../../src/config/load";
import { configOf, STACK } from "./stacks";

/** The stack as Pulumi passes it on: every value is text, lists and maps as JSON. */
function asText(stack: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(stack).map(([key, value]) => [
      key.includes(":") ? key : `shared-gpu:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

beforeAll(() => {
  const unused = (): never => {
    throw new Error("reading the configuration registers no resource");
  };
  return pulumi.runtime.setMocks({ newResource: unused, call: unused }, "shared-gpu", "dev");
});

describe("the configuration Pulumi passes on", () => {
  it("is read by the type of each key, and other namespaces are left alone", () => {
    pulumi.runtime.setAllConfig({ ...asText(STACK), "kubernetes:namespace": "x", "shared-gpu-other:foo": "x" });
    expect(loadConfig()).toEqual(configOf(STACK));
  });

  it("is refused with a RunError that tells every problem, by key", () => {
    pulumi.runtime.setAllConfig({
      ...asText(STACK),
      "shared-gpu:foo": "1",
      "shared-gpu:gpuPools": "[",
      "shared-gpu:logRetentionDays": "x",
    });
    let error: unknown;
    try {
      loadConfig();
    } catch (thrown) {
      error = thrown;
    }
    expect(pulumi.RunError.isInstance(error)).toBe(true);
    const lines = String((error as Error).message).split("\n");
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^ {2}- foo: there is no such key/),
      expect.stringMatching(/^ {2}- logRetentionDays: "x": expected an integer/),
      expect.stringMatching(/^ {2}- gpuPools: "\[": expected a list/),
    ]);
  });

  it("is refused without a region", () => {
    pulumi.runtime.setAllConfig(Object.fromEntries(Object.entries(asText(STACK)).filter(([key]) => key !== "aws:region")));
    expect(loadConfig).toThrow(/aws:region: it is not set/);
  });
});

describe("a value that is stored as a secret", () => {
  const refusal = (change: Readonly<Record<string, unknown>>, secretKeys: string[]): string => {
    pulumi.runtime.setAllConfig(asText({ ...STACK, ...change }), secretKeys);
    try {
      loadConfig();
    } catch (thrown) {
      expect(pulumi.RunError.isInstance(thrown)).toBe(true);
      return (thrown as Error).message;
    }
    throw new Error("it was accepted");
  };
  afterEach(() => pulumi.runtime.setAllConfig({}, []));

  it("is refused, since no key takes one, with the command that mends it", () => {
    const message = refusal({ clusterName: "hush" }, ["shared-gpu:clusterName"]);
    expect(message).toContain("  - clusterName: its value is stored as a secret.");
    expect(message).toContain("\n      pulumi config set clusterName VALUE");
  });

  it("is refused inside a list or a map", () => {
    const message = refusal({ tags: { owner: "hush" } }, ["shared-gpu:tags"]);
    expect(message).toContain("  - tags: a value in it is stored as a secret (`secure:` in the stack's file).");
    expect(message).toContain("\n      pulumi config set --path 'tags...' VALUE");
  });

  it("is refused for the region, for charts' values and for keys that there are not", () => {
    const message = refusal({ foo: "hush" }, ["aws:region", "shared-gpu:charts", "shared-gpu:foo"]);
    expect(message).toContain("(2 problems)");
    expect(message).toContain("pulumi config set aws:region VALUE");
    expect(refusal({ charts: {} }, ["shared-gpu:charts"])).toContain("- charts: a value in it");
  });

  it("is never told, by other problems neither", () => {
    for (const key of ["clusterName", "vpcCidr", "foo", "availabilityZones", "gpuPools", "apiServerAccess"]) {
      const message = refusal({ logRetentionDays: 3.5, [key]: "hush hush" }, [`shared-gpu:${key}`]);
      expect(message).toContain(`- ${key}: `);
      expect(message).not.toContain("hush");
    }
  });

  it("is refused in monitoring with a remedy that keeps it a secret", () => {
    const message = refusal({ monitoring: { type: "inCluster", receivers: [{ url: "hush" }] } }, ["shared-gpu:monitoring"]);
    expect(message).toContain("- monitoring: a value in it is stored as a secret");
    expect(message).toContain("\n      pulumi config set --secret secrets:NAME");
    expect(message).not.toContain("hush");
  });

  it("is what a secret has to be, whatever names it", () => {
    const message = refusal({ "secrets:slack": "https://hooks.slack.com/hush", "secrets:other": "hush" }, ["secrets:other"]);
    expect(message).toContain("- secrets:slack: it is stored in plain text.");
    expect(message).toContain("\n      pulumi config set --secret secrets:slack");
    expect(message).not.toContain("hush");
    expect(message).not.toContain("secrets:other");
  });

  it("is found by its name", () => {
    const receivers = [{ name: "platform", type: "slack", url: { secret: "slack" } }];
    const change = { "secrets:slack": "https://hooks.slack.com/x", monitoring: { type: "inCluster", receivers } };
    pulumi.runtime.setAllConfig(asText({ ...STACK, ...change }), ["secrets:slack"]);
    expect(loadConfig().monitoring).toMatchObject({ receivers: [{ secret: { value: "https://hooks.slack.com/x" } }] });
  });

  it("of another namespace is left alone", () => {
    pulumi.runtime.setAllConfig({ ...asText(STACK), "aws:secretKey": "x", "shared-gpu-other:foo": "x" }, [
      "aws:secretKey",
      "shared-gpu-other:foo",
    ]);
    expect(loadConfig()).toEqual(configOf(STACK));
  });
});

describe("text stands for", () => {
  it.each([
    ["1.30", "string", "1.30"],
    ["true", "string", "true"],
    ["30", "integer", 30],
    ["-1", "integer", -1],
    ["3e1", "integer", "3e1"],
    ["", "integer", ""],
    ["true", "boolean", true],
    ["false", "boolean", false],
    ["yes", "boolean", "yes"],
    ['["a"]', "array", ["a"]],
    ['{"a":1}', "object", { a: 1 }],
    ["a, b", "array", "a, b"],
  ] as const)("%p as %s", (text, type, expected) => {
    expect(decodeValue(text, type)).toEqual(expected);
  });
});
