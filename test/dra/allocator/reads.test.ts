import fc from "fast-check";
import { readsOf } from "../../../src/dra/allocator/devices/reads";
import { compileSelector } from "../../../src/dra/selector/selector";
import type { DeviceAttribute, SelectorInput } from "../../../src/dra/types";
import { RULES } from "../../support/rules";

const A = `device.attributes["gpu.nvidia.com"]`;

const NAMED: readonly (readonly [string, readonly string[]])[] = [
  ["true", []],
  [`device.driver == "gpu.nvidia.com"`, []],
  [`${A}.profile == "1g.5gb"`, ["profile"]],
  [`${A}["profile"] == "1g.5gb" && ${A}.type == 'mig'`, ["profile", "type"]],
  [`device.attributes['gpu.nvidia.com'].profile in ["1g.5gb", "uuid"]`, ["profile"]],
  [`"profile" in ${A} && ${A}.profile.startsWith("1g")`, ["profile"]],
  [`has(${A}.profile)`, ["profile"]],
  [`${A}.?profile.orValue("none") == "none"`, ["profile"]],
  [`${A}[?"profile"].hasValue()`, ["profile"]],
  [`device.attributes[?"gpu.nvidia.com"].profile.orValue("") == ""`, ["profile"]],
  [`cel.bind(gpu, ${A}, gpu.profile == "1g.5gb" || gpu.type == "gpu")`, ["profile", "type"]],
  [`cel.bind(name, ${A}.profile, ["1g.5gb", "2g.10gb"].exists(x, x == name))`, ["profile"]],
  [`device.capacity["gpu.nvidia.com"].memory.compareTo(quantity("10Gi")) >= 0`, ["memory"]],
  [`["1g", "2g"].all(uuid, !${A}.profile.startsWith(uuid))`, ["profile"]],
];

const EVERYTHING: readonly string[] = [
  `${A}.exists(name, name == "uuid")`,
  `${A}[device.driver] == "x"`,
  `${A}["pro" + "file"] == "x"`,
  `size(${A}) == 3`,
  `"gpu.nvidia.com" in device.attributes`,
  `device.attributes.all(domain, domain == "gpu.nvidia.com")`,
  `cel.bind(all, device.attributes, all["gpu.nvidia.com"].profile == "x" && size(all) > 0)`,
  `cel.bind(gpu, ${A}, gpu.size() > 0)`,
  `[${A}].exists(gpu, gpu.profile == "x")`,
  `${A} == device.attributes["other"]`,
  `(${A}.type == "mig" ? ${A} : device.attributes["other"]).profile == "x"`,
  `device.attributes[?"gpu.nvidia.com"].orValue({}).size() == 0`,
];

describe("what a selector can depend on", () => {
  it.each(NAMED)("%s: the names %j", (expression, names) => {
    expect(compileSelector(expression, RULES).type).toBe("selector");
    expect(readsOf(expression, RULES)).toEqual(new Set(names));
  });

  it.each(EVERYTHING)("%s: everything", (expression) => {
    expect(readsOf(expression, RULES)).toBe("everything");
  });

  it("is nothing for what does not parse, since its verdict is always the same error", () => {
    expect(readsOf(`${A}.profile ==`, RULES)).toEqual(new Set());
  });

  it("decides its verdict: devices that differ only in other attributes get the same", () => {
    const value: fc.Arbitrary<DeviceAttribute | undefined> = fc.option(
      fc.constantFrom("1g.5gb", "2g.10gb", "mig", "gpu").map((string) => ({ string })),
      { nil: undefined },
    );
    const attributes = fc.record({ profile: value, type: value, uuid: value, "other.example.com/profile2": value });
    fc.assert(
      fc.property(fc.constantFrom(...NAMED), attributes, attributes, ([expression, names], one, other) => {
        const selector = compileSelector(expression, RULES);
        const same = Object.fromEntries(
          Object.entries(other).map(([name, own]) => [name, names.includes(name) ? one[name as keyof typeof one] : own]),
        );
        expect(selector.type === "selector" && selector.evaluate(device(one))).toEqual(
          selector.type === "selector" && selector.evaluate(device(same)),
        );
      }),
      { numRuns: 500 },
    );
  });
});

function device(attributes: Readonly<Record<string, DeviceAttribute | undefined>>): SelectorInput {
  const present = Object.entries(attributes).filter((entry): entry is [string, DeviceAttribute] => entry[1] !== undefined);
  return { driver: "gpu.nvidia.com", attributes: Object.fromEntries(present), capacity: { memory: { value: "4864Mi" } } };
}
