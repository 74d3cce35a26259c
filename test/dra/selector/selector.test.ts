import fc from "fast-check";
import { compileSelector } from "../../../src/dra/selector/selector";
import type { SelectorInput, SelectorVerdict } from "../../../src/dra/types";
import { RULES } from "../../support/rules";

const MIG: SelectorInput = {
  driver: "gpu.nvidia.com",
  attributes: {
    type: { string: "mig" },
    profile: { string: "1g.5gb" },
    productName: { string: "NVIDIA A100-SXM4-40GB" },
    driverVersion: { version: "580.159.3" },
    "resource.kubernetes.io/pcieRoot": { string: "pci0000:10" },
  },
  capacity: { memory: { value: "4864Mi" }, memorySlice2: { value: "1" } },
};

function verdict(expression: string, device: SelectorInput = MIG): SelectorVerdict | string {
  const selector = compileSelector(expression, RULES);
  return selector.type === "selector" ? selector.evaluate(device) : selector.message;
}

const MATCH = { type: "match" };
const NO_MATCH = { type: "noMatch" };

describe("attributes", () => {
  it.each([
    ["without a domain of their own are in the driver's", `device.attributes["gpu.nvidia.com"].type == "mig"`],
    ["with one are in theirs", `device.attributes["resource.kubernetes.io"].pcieRoot == "pci0000:10"`],
    ["can be looked up by a computed name", `device.attributes[device.driver]["ty" + "pe"] == "mig"`],
    ["can be tested for, also behind an index", `has(device.attributes["gpu.nvidia.com"].profile)`],
    ["are versions with an order", `device.attributes["gpu.nvidia.com"].driverVersion.compareTo(semver("550.0.0")) > 0`],
  ])("%s", (_, expression) => {
    expect(verdict(expression)).toEqual(MATCH);
  });

  it("are an evaluation error where they are missing, unless something else decides", () => {
    const missing = `device.attributes["gpu.nvidia.com"].index == 0`;
    expect(verdict(missing)).toEqual({ type: "error", message: "no such key: index" });
    expect(verdict(`${missing} && device.driver == "other"`)).toEqual(NO_MATCH);
    expect(verdict(`${missing} || device.driver == "gpu.nvidia.com"`)).toEqual(MATCH);
  });

  it("of a domain that the device does not know are an empty map, which does not make the domain exist", () => {
    expect(verdict(`device.attributes["no.such.domain"] == {}`)).toEqual(MATCH);
    expect(verdict(`"no.such.domain" in device.attributes`)).toEqual(NO_MATCH);
    expect(verdict(`device.attributes["no.such.domain"].x == 1`)).toEqual({ type: "error", message: "no such key: x" });
  });

  it("are not found under names that only JavaScript knows", () => {
    expect(verdict(`has(device.attributes["gpu.nvidia.com"].constructor) || "__proto__" in device.attributes["gpu.nvidia.com"]`)).toEqual(
      NO_MATCH,
    );
  });

  it("compare as unequal to values of another type, but a version on the left cannot be compared at all", () => {
    expect(verdict(`device.attributes["gpu.nvidia.com"].type == 1`)).toEqual(NO_MATCH);
    expect(verdict(`device.attributes["gpu.nvidia.com"].type < 1`)).toEqual({ type: "error", message: "no such overload" });
    expect(verdict(`"580.159.3" == device.attributes["gpu.nvidia.com"].driverVersion`)).toEqual(NO_MATCH);
    expect(verdict(`device.attributes["gpu.nvidia.com"].driverVersion == "580.159.3"`)).toEqual({
      type: "error",
      message: "no such overload",
    });
  });
});

describe("capacities", () => {
  it.each([
    ["compare across units", `device.capacity["gpu.nvidia.com"].memory == quantity("5100273664")`],
    ["have an order", `device.capacity["gpu.nvidia.com"].memory.isLessThan(quantity("5Gi"))`],
    ["are integers where they are", `device.capacity["gpu.nvidia.com"].memory.asInteger() == 4864 * 1024 * 1024`],
    ["can be missing without an error", `device.capacity["gpu.nvidia.com"].?encoders.orValue(quantity("0")).isLessThan(quantity("1"))`],
  ])("%s", (_, expression) => {
    expect(verdict(expression)).toEqual(MATCH);
  });
});

describe("what the API server refuses", () => {
  it.each([
    ["unknown fields of the device", "device.index == 0", "undefined field 'index'"],
    ["results that are not boolean", "device.driver", "must evaluate to bool or the unknown type, not string"],
    [
      "comparisons of values whose types differ for sure",
      `device.driver == 1`,
      "found no matching overload for '_==_' applied to '(string, int)'",
    ],
    ["functions of later versions", "[2, 1].sort() == [1, 2]", "undeclared reference to 'sort'"],
    ["patterns that are no RE2", `device.driver.matches("(?=gpu)")`, "invalid matches argument"],
    ["quantities compared with !=", `device.capacity["gpu.nvidia.com"].memory != quantity("1")`, "too complex, exceeds cost limit"],
    [
      "nested loops over attributes",
      "device.attributes.all(a, device.attributes.all(b, device.attributes.all(c, device.attributes.all(d, a != d))))",
      "too complex, exceeds cost limit",
    ],
    ["expressions over 10 KiB", `device.driver == "${"x".repeat(10 * 1024)}"`, "Too long: may not be more than 10240 bytes"],
  ])("%s", (_, expression, reason) => {
    expect(verdict(expression)).toContain(reason);
  });

  it("is reported with line, column and the place", () => {
    expect(verdict('device.driver == "x" &&\n  devise.driver == "y"')).toBe(
      [
        "compilation failed: ERROR: <input>:2:3: undeclared reference to 'devise' (in container '')",
        ' |   devise.driver == "y"',
        " | ..^",
      ].join("\n"),
    );
    expect(verdict("device.driver ==")).toContain("<input>:1:17: Syntax error: unexpected input '<EOF>'");
  });

  it("counts bytes, not characters", () => {
    expect(compileSelector(`device.driver != "${"é".repeat(5 * 1024 - 10)}"`, RULES).type).toBe("selector");
    expect(compileSelector(`device.driver != "${"é".repeat(5 * 1024)}"`, RULES).type).toBe("invalid");
  });
});

describe("what is not modelled", () => {
  it.each([
    "isURL(device.driver)",
    "timestamp(0) < timestamp(1)",
    "format.dns1123Label().validate(device.driver).hasValue()",
    "ip('::1').family() == 6",
  ])("%s is refused and says why", (expression) => {
    expect(verdict(expression)).toContain("is not modelled by this evaluator");
  });
});

it("compiles an expression once", () => {
  const expression = `device.driver == "compiled once"`;
  expect(compileSelector(expression, RULES)).toBe(compileSelector(expression, RULES));
});

it("has an answer for every text, and the same one every time", () => {
  const words = [
    "device",
    ".",
    "driver",
    "attributes",
    "[",
    "]",
    "'gpu.nvidia.com'",
    "==",
    "&&",
    "!",
    "(",
    ")",
    "1",
    "0x",
    '"',
    "has",
    "?",
    ":",
    "{",
    ",",
    "\\",
    "é",
  ];
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.array(fc.constantFrom(...words), { maxLength: 25 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (expression) => {
      expect(verdict(expression)).toEqual(verdict(expression));
    }),
    { numRuns: 2_000 },
  );
});
