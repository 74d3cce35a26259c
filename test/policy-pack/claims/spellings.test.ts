/** Whatever the spelling: a selector that a forbidden device satisfies never passes, and one that only allowed slices satisfy does, as long as claims may write it. */
import fc from "fast-check";
import { enforceBalancedMigProfiles } from "../../../policy-pack/claims/enforce-balanced-mig-profiles";
import { violations } from "../verdict";

const ATTRIBUTES = fc.constantFrom(
  'device.attributes["gpu.nvidia.com"]',
  "device.attributes['gpu.nvidia.com']",
  'device.attributes["gpu." + "nvidia.com"]',
  'device.attributes[device.driver == "gpu.nvidia.com" ? "gpu.nvidia.com" : "x"]',
);

const CAPACITY = fc.constantFrom('device.capacity["gpu.nvidia.com"]', "device.capacity['gpu.nvidia' + '.com']");

const codes = (text: string, write: (code: number) => string) => [...text].map((letter) => write(letter.charCodeAt(0))).join("");

/** A CEL expression whose value is the text. */
const literal = (text: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(
      `"${text}"`,
      `'${text}'`,
      `r"${text}"`,
      `R'${text}'`,
      `'''${text}'''`,
      `"""${text}"""`,
      `"${codes(text, (code) => `\\x${code.toString(16).padStart(2, "0")}`)}"`,
      `"${codes(text, (code) => `\\u${code.toString(16).padStart(4, "0")}`)}"`,
      `"${codes(text, (code) => `\\U${code.toString(16).padStart(8, "0")}`)}"`,
      `"${codes(text, (code) => `\\${code.toString(8).padStart(3, "0")}`)}"`,
      `["x", "${text}"][1]`,
      `{"a": "${text}"}["a"]`,
      `"${text.toUpperCase()}".lowerAscii()`,
      `"x-${text}".split("-")[1]`,
      `"${text}x".substring(0, ${text.length})`,
      `"${text.replace("g", "#")}".replace("#", "g")`,
    ),
    fc.nat(text.length).map((at) => `("${text.slice(0, at)}" + '${text.slice(at)}')`),
  );

/** A test that holds for a device with this profile, and perhaps for others. */
const namesProfile = (profile: string): fc.Arbitrary<string> =>
  fc.tuple(ATTRIBUTES, literal(profile)).chain(([attributes, text]) => {
    const access = `${attributes}.profile`;
    return fc.constantFrom(
      `${access} == ${text}`,
      `${text} == ${access}`,
      `!(${access} != ${text})`,
      `${access} in [${text}]`,
      `${access} in ["1g.5gb", ${text}]`,
      `${access} in {${text}: true}`,
      `[${text}].exists(p, p == ${access})`,
      `[${text}].exists_one(p, p == ${access})`,
      `![${text}].all(p, p != ${access})`,
      `[${text}].map(p, p == ${access})[0]`,
      `size([${text}].filter(p, p == ${access})) > 0`,
      `cel.bind(p, ${access}, p == ${text})`,
      `cel.bind(wanted, ${text}, ${access} == wanted)`,
      `${access}.startsWith(${text})`,
      `${access}.endsWith(${text})`,
      `${access}.contains(${text})`,
      `${access}.indexOf(${text}) == 0`,
      `${attributes}["profile"] == ${text}`,
      `${attributes}.?profile.orValue("") == ${text}`,
      `has(${attributes}.profile) && ${access} == ${text}`,
    );
  });

/** A test by size that a whole A100, cut or not, passes. */
const namesSize: fc.Arbitrary<string> = CAPACITY.chain((capacity) =>
  fc.constantFrom(
    `${capacity}.memory.compareTo(quantity("30Gi")) > 0`,
    `${capacity}.memory.compareTo(quantity("30Gi")) != -1`,
    `${capacity}.memory.isGreaterThan(quantity("20Gi"))`,
    `!${capacity}.memory.isLessThan(quantity("39Gi"))`,
    `quantity("30Gi").isLessThan(${capacity}.memory)`,
    `sign(${capacity}.memory.sub(quantity("30Gi"))) > 0`,
    `${capacity}.multiprocessors.asInteger() >= 98`,
    `${capacity}.multiprocessors.isGreaterThan(quantity("0.09k"))`,
  ),
);

/** A test that hangs on identifiers, which a forbidden device can have. */
const namesDevice: fc.Arbitrary<string> = ATTRIBUTES.chain((attributes) =>
  fc.constantFrom(
    `${attributes}.uuid == "MIG-1"`,
    `${attributes}.uuid.startsWith("MIG")`,
    `${attributes}.parentUUID == "GPU-1"`,
    `${attributes}.productName == "NVIDIA A100-SXM4-40GB"`,
    `${attributes}.productName.contains("A100")`,
    `${attributes}.architecture == "Ampere"`,
    `${attributes}.type == "mig"`,
    `device.driver == "gpu.nvidia.com"`,
  ),
);

/** The same truth in other words. */
const reworded = (expression: string): fc.Arbitrary<string> =>
  fc.constantFrom(
    expression,
    `(${expression})`,
    `!(!(${expression}))`,
    `(${expression}) ? true : false`,
    `!(${expression}) ? false : true`,
    `(${expression}) && true`,
    `false || (${expression})`,
    `(${expression}) || device.driver == "nobody"`,
    `[${expression}].all(x, x)`,
    `cel.bind(x, ${expression}, x)`,
    `{"x": ${expression}}.x`,
    `(${expression}) == true`,
    `dyn(${expression}) != false`,
    `string(${expression}) == "true"`,
    `1 == ((${expression}) ? 1 : 2)`,
    `optional.of(${expression}).orValue(false)`,
  );

const forbidden = fc
  .oneof(
    { weight: 3, arbitrary: fc.constantFrom("7g.40gb", "4g.20gb", "1g.10gb", "1g.5gb+me").chain(namesProfile) },
    { weight: 1, arbitrary: namesSize },
    { weight: 1, arbitrary: namesDevice },
  )
  .chain(reworded)
  .chain(reworded);

const judge = (deviceClassName: string, expressions: readonly string[], kind: string) => {
  const devices = {
    requests: [{ name: "gpu", exactly: { deviceClassName, selectors: expressions.map((expression) => ({ cel: { expression } })) } }],
  };
  const spec = kind === "ResourceClaim" ? { devices } : { spec: { devices } };
  return violations(enforceBalancedMigProfiles, { apiVersion: "resource.k8s.io/v1", kind, metadata: { name: "claim" }, spec });
};

const KIND = fc.constantFrom("ResourceClaim", "ResourceClaimTemplate");

test("a selector that a forbidden device satisfies is refused", () => {
  fc.assert(
    fc.property(forbidden, KIND, (expression, kind) => {
      // The cost limit is the API server's: it refuses such a selector, too.
      expect(judge("mig.nvidia.com", [expression], kind).join()).toMatch(/could be given|exceeds cost limit|Write for example/);
    }),
    { numRuns: 200 },
  );
});

test("several selectors that are forbidden together are refused, each alone being weaker", () => {
  // All of these hold for 7g.40gb of an A100-SXM4-40GB.
  const part = fc
    .oneof(
      namesSize,
      ATTRIBUTES.chain((attributes) =>
        fc.constantFrom(
          `${attributes}.profile.startsWith("7")`,
          `${attributes}.profile.endsWith("40gb")`,
          `${attributes}.profile.contains("g.4")`,
          `${attributes}.profile != "1g.5gb"`,
          `${attributes}.profile.size() == 7`,
          `${attributes}.profile.matches("^[4-9]g")`,
          `${attributes}.productName == "NVIDIA A100-SXM4-40GB"`,
          `${attributes}.uuid != "MIG-1"`,
        ),
      ),
    )
    .chain(reworded);
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), KIND, (expressions, kind) => {
      expect(judge("mig.nvidia.com", expressions, kind).join()).toMatch(/7g\.40gb|\d+ more|exceeds cost limit|Write for example/);
    }),
    { numRuns: 100 },
  );
});

test("a selector of a balanced profile passes in every spelling that claims may use", () => {
  const access = fc.constantFrom(
    'device.attributes["gpu.nvidia.com"].profile',
    "device.attributes['gpu.nvidia.com'].profile",
    'device.attributes["gpu.nvidia.com"]["profile"]',
  );
  const sameInOtherWords = (expression: string) =>
    fc.constantFrom(
      expression,
      `(${expression})`,
      `!(!(${expression}))`,
      `(${expression}) ? true : false`,
      `(${expression}) && true`,
      `false || (${expression})`,
      `(${expression}) == true`,
      `\n${expression}\n  && device.attributes["gpu.nvidia.com"].type == "mig"\n`,
    );
  const allowed = fc
    .tuple(fc.constantFrom("1g.5gb", "2g.10gb", "3g.20gb"), access, fc.constantFrom('"', "'"))
    .chain(([profile, path, quote]) => {
      const text = `${quote}${profile}${quote}`;
      return fc.constantFrom(
        `${path} == ${text}`,
        `${text} == ${path}`,
        `!(${path} != ${text})`,
        `${path} in [${text}]`,
        `${path}.matches("^${profile.replace(".", "[.]")}$")`,
        `${path}.lowerAscii() == ${text}`,
        `cel.bind(p, ${path}, p == ${text})`,
        `cel.bind(gpu, device.attributes["gpu.nvidia.com"], gpu.profile == ${text})`,
        `device.attributes["gpu.nvidia.com"].?profile.orValue("") == ${text}`,
      );
    });
  fc.assert(
    fc.property(allowed.chain(sameInOtherWords), KIND, (expression, kind) => {
      expect(judge("mig.nvidia.com", [expression], kind)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test("no selector makes a tier's class reach more", () => {
  fc.assert(
    fc.property(forbidden, (expression) => {
      expect(judge("mig-small.nvidia.com", [expression], "ResourceClaim").join()).not.toContain("could be given");
    }),
    { numRuns: 100 },
  );
});
