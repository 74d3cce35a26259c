import * as pulumi from "@pulumi/pulumi";
import { decodeValue } from "../../src/config/decode";
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
      expect.stringMatching(/^ {2}- foo: "1": there is no such key/),
      expect.stringMatching(/^ {2}- logRetentionDays: "x": expected a whole number/),
      expect.stringMatching(/^ {2}- gpuPools: "\[": expected a list/),
    ]);
  });

  it("is refused without a region", () => {
    pulumi.runtime.setAllConfig(Object.fromEntries(Object.entries(asText(STACK)).filter(([key]) => key !== "aws:region")));
    expect(loadConfig).toThrow(/aws:region: it is not set/);
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
