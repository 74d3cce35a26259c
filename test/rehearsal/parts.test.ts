/** Small pure parts of the rehearsal. */
import { runtime } from "@pulumi/pulumi";
import { readClaim } from "../../src/dra/claims";
import { claimCounts } from "../../src/cluster/quota";
import { OUTPUT, RESOURCE, SECRET, SIGNATURE } from "../../src/rehearsal/monitor/marks";
import { makeUrn, packageOf, urnOfProvider } from "../../src/rehearsal/monitor/urn";
import { UNKNOWN, forAnalyzer, hasUnknown, resourceReference, secret, unwrap } from "../../src/rehearsal/monitor/wire";
import { seconds } from "../../src/rehearsal/policy/duration";
import { costOf } from "../../src/rehearsal/report/cost";
import type { NodeReport } from "../../src/rehearsal/report/report";
import { fit, hang, table, wrap } from "../../src/rehearsal/report/style";
import { RULES } from "../support/rules";

describe("URNs", () => {
  test.each([
    ["", "a:b:C", "urn:pulumi:dev::p::a:b:C::x"],
    ["urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev", "a:b:C", "urn:pulumi:dev::p::a:b:C::x"],
    ["urn:pulumi:dev::p::a:b:Parent::y", "a:b:C", "urn:pulumi:dev::p::a:b:Parent$a:b:C::x"],
    ["urn:pulumi:dev::p::a:b:Top$a:b:Parent::y::z", "a:b:C", "urn:pulumi:dev::p::a:b:Top$a:b:Parent$a:b:C::x"],
  ])("below %j: %s", (parent, type, urn) => {
    expect(makeUrn("dev", "p", parent, type, "x")).toBe(urn);
  });

  test.each([
    ["aws:eks/nodeGroup:NodeGroup", "aws"],
    ["pulumi:providers:kubernetes", "kubernetes"],
    ["pulumi:pulumi:Stack", "pulumi"],
  ])("%s is of package %s", (type, name) => {
    expect(packageOf(type)).toBe(name);
  });

  test("a provider reference is its URN and its id", () => {
    expect(urnOfProvider("urn:pulumi:dev::p::pulumi:providers:aws::x::id")).toBe("urn:pulumi:dev::p::pulumi:providers:aws::x");
    expect(urnOfProvider("")).toBe("");
  });
});

describe("values on the wire", () => {
  const outputValue = (value: Record<string, unknown>) => ({ [SIGNATURE]: OUTPUT, ...value }) as Record<string, string>;

  test("the marks are those of Pulumi's SDK", () => {
    expect([UNKNOWN, SIGNATURE]).toEqual([runtime.unknownValue, runtime.specialSigKey]);
    expect([SECRET, RESOURCE, OUTPUT]).toEqual([runtime.specialSecretSig, runtime.specialResourceSig, runtime.specialOutputValueSig]);
  });

  test.each([
    ["a secret in a list", { list: [1, secret("s")] }, { list: [1, "s"] }, ["list[1]"]],
    ["a secret object", { a: secret({ b: secret("s") }) }, { a: { b: "s" } }, ["a"]],
    ["a known output", { a: outputValue({ value: "v" }) }, { a: "v" }, []],
    ["an unknown secret output", { a: outputValue({ secret: true }) as never }, { a: UNKNOWN }, ["a"]],
    ["a resource", { a: resourceReference("urn:1", "id") }, { a: "id" }, []],
    ["a resource without an id yet", { a: resourceReference("urn:1", "") }, { a: UNKNOWN }, []],
    ["a component", { a: resourceReference("urn:1") }, { a: "urn:1" }, []],
  ])("%s", (_, wire, value, secretPaths) => {
    expect(unwrap(wire)).toEqual({ value, secretPaths });
  });

  test("a policy pack gets secrets marked, everything else plain", () => {
    expect(forAnalyzer({ a: secret([resourceReference("urn:1", "id")]), b: outputValue({ value: "v" }) })).toEqual({
      a: secret(["id"]),
      b: "v",
    });
  });

  test("unknowns are found at any depth", () => {
    expect(hasUnknown({ a: [{ b: UNKNOWN }] })).toBe(true);
    expect(hasUnknown({ a: [{ b: "known" }] })).toBe(false);
  });
});

test.each([
  ["", 0],
  ["40m", 2400],
  ["1h30m", 5400],
  ["90s", 90],
  ["1.5h", 5400],
  ["500ms", 0.5],
])("%j lasts %d seconds", (text, expected) => {
  expect(seconds(text)).toBe(expected);
});

test.each(["40", "m", "1 h", "forty minutes"])("%j is no duration", (text) => {
  expect(() => seconds(text)).toThrow("is not a duration");
});

test("a claim counts itself and its devices per class: of alternatives the larger number, of All the most there can be", () => {
  const reading = readClaim(
    {
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceClaim",
      metadata: { name: "c" },
      spec: {
        devices: {
          requests: [
            { name: "two", exactly: { deviceClassName: "small", count: 2 } },
            { name: "every", exactly: { deviceClassName: "large", allocationMode: "All" } },
            {
              name: "either",
              firstAvailable: [
                { name: "a", deviceClassName: "small", count: 3 },
                { name: "b", deviceClassName: "small", count: 1 },
                { name: "c", deviceClassName: "medium" },
              ],
            },
          ],
        },
      },
    },
    RULES,
  );
  expect(reading.type === "claim" && claimCounts(reading.claim.spec)).toEqual({
    "count/resourceclaims.resource.k8s.io": 1,
    "small.deviceclass.resource.k8s.io/devices": 5,
    "large.deviceclass.resource.k8s.io/devices": 32,
    "medium.deviceclass.resource.k8s.io/devices": 1,
  });
});

test("idle is the price of compute slices that nobody holds, those that no instance covers included", () => {
  const part = (computeSlices: number, holder?: string) => ({
    start: 0,
    memorySlices: 1,
    type: "slice" as const,
    profile: "p",
    computeSlices,
    device: "d",
    holders: holder === undefined ? [] : [holder],
    claim: "",
  });
  const node = (usdPerHour: number | null): NodeReport => ({
    name: "n",
    pool: "p",
    instanceType: "t",
    zone: "z",
    usdPerHour,
    gpus: {
      model: "m",
      layout: "l",
      memorySlices: 8,
      computeSlices: 7,
      list: [
        { index: 0, parts: [part(3, "a"), part(2)] },
        { index: 1, parts: [part(2)] },
      ],
    },
  });
  expect(costOf([node(14)], 1)).toMatchObject({ gpuUsed: 3, gpuIdle: 11, systemNodes: 0, total: 14.1, unpriced: [] });
  expect(costOf([node(14)], 1, { type: "extended", standardEnded: "2026-12-02", ends: "2027-12-02", days: 1 })).toMatchObject({
    controlPlane: 0.6,
    total: 14.6,
  });
  expect(costOf([node(14)], 1, { type: "standard", ends: "2026-12-02", days: 1 })).toMatchObject({ controlPlane: 0.1 });
  expect(costOf([node(null)], 0)).toMatchObject({ gpuUsed: 0, gpuIdle: 0, total: 0, unpriced: ["t"] });
});

test("text is wrapped between words, and left alone where it fits", () => {
  expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrap("  | a\n  | ^", 40)).toEqual(["  | a", "  | ^"]);
  expect(hang("- ", "one two three four", 22)).toEqual(["- one two three four"]);
  expect(fit("abcdef", 4)).toBe("abc…");
  expect(fit("ab", 4)).toBe("ab  ");
  expect(
    table([
      ["name", "n"],
      ["a", "10"],
      ["bcd", "5"],
    ]),
  ).toEqual(["name   n", "a     10", "bcd    5"]);
});
