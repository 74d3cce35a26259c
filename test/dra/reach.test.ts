import fc from "fast-check";
import type { ClaimSpec, ExactRequest } from "../../src/dra/claims";
import { VENDOR_DEVICE_CLASSES } from "../../src/dra/device-classes";
import type { DeviceClass } from "../../src/dra/device-classes";
import { catalogueDevices } from "../../src/dra/devices";
import type { CatalogueDevice } from "../../src/dra/devices";
import { reachOf } from "../../src/dra/reach";
import type { Reach } from "../../src/dra/reach";
import { formsOf } from "../../src/dra/reach/device-knowledge";
import { UNLISTED_DEVICES } from "../../src/dra/reach/possible-devices";
import type { PossibleDevice } from "../../src/dra/reach/possible-devices";
import { compileSelector } from "../../src/dra/selector/selector";
import { catalogueTierClasses, tierProfile } from "../../src/dra/tiers";
import type { SelectorInput } from "../../src/dra/types";
import { RELEASES } from "../../src/releases/find";
import { RULES } from "../support/rules";

const [release] = RELEASES;
if (release === undefined) {
  throw new Error("there is a release");
}
const devices = catalogueDevices(release);
const classes = [...VENDOR_DEVICE_CLASSES, ...catalogueTierClasses()];

const A = `device.attributes["gpu.nvidia.com"]`;
const C = `device.capacity["gpu.nvidia.com"]`;

function exactly(deviceClassName: string, selectors: readonly string[]): ExactRequest {
  return {
    deviceClassName,
    selectors,
    allocationMode: { type: "ExactCount", count: 1 },
    adminAccess: false,
    tolerations: [],
    capacityRequests: {},
  };
}

function claim(deviceClassName: string, ...selectors: readonly string[]): ClaimSpec {
  return { requests: [{ type: "exactly", name: "gpu", exactly: exactly(deviceClassName, selectors) }], constraints: [], config: [] };
}

function reach(spec: ClaimSpec, among: readonly DeviceClass[] = classes, possible: readonly PossibleDevice[] = devices): Reach {
  const [first] = reachOf(spec, among, possible, RULES);
  if (first === undefined) {
    throw new Error("the claim has a request");
  }
  return first.reach;
}

/** Model and profile of everything reached, sorted. */
function reached(result: Reach, certainty?: "certain" | "possible"): readonly string[] {
  if (result.type !== "determined") {
    throw new Error(JSON.stringify(result.obstacles.map(({ message }) => message)));
  }
  return result.devices.filter((device) => certainty === undefined || device.certainty === certainty).map(({ device }) => nameOf(device));
}

function nameOf(device: PossibleDevice): string {
  return device.type === "unlisted" ? `unlisted ${device.form}` : `${device.model.name} ${device.profile?.name ?? "whole"}`;
}

const migDevices = devices.filter(({ profile }) => profile !== undefined);

describe("reach", () => {
  it("of the vendor's classes is every whole GPU and every profile", () => {
    expect(reached(reach(claim("gpu.nvidia.com")), "certain")).toEqual(devices.filter(({ profile }) => profile === undefined).map(nameOf));
    expect(reached(reach(claim("mig.nvidia.com")), "certain")).toEqual(migDevices.map(nameOf));
  });

  it.each(["small", "medium", "large"] as const)("of the %s tier's class is the tier's profile on every GPU and nothing else", (tier) => {
    const expected = migDevices.filter(({ model, profile }) => profile?.name === tierProfile(tier, model)?.name);
    const everything = reach(claim(`mig-${tier}.nvidia.com`), classes, [...devices, ...UNLISTED_DEVICES]);
    expect(reached(everything)).toEqual(expected.map(nameOf));
    expect(reached(everything, "certain")).toEqual(expected.map(nameOf));
  });

  it("narrows with the request's own selectors", () => {
    expect(reached(reach(claim("mig.nvidia.com", `${A}.profile == "1g.5gb"`)))).toEqual(["A100-SXM4-40GB 1g.5gb"]);
    expect(reached(reach(claim("mig.nvidia.com", `${A}.productName.contains("A100")`, `${A}.profile.startsWith("7g.")`)))).toEqual([
      "A100-SXM4-40GB 7g.40gb",
      "A100-SXM4-80GB 7g.80gb",
    ]);
    expect(reached(reach(claim("mig-small.nvidia.com", `${A}.profile == "7g.40gb"`)))).toEqual([]);
  });

  it("finds big slices however they are asked for", () => {
    for (const selector of [
      `${A}.profile == '7g.40gb'`,
      `${A}["profile"] == "7" + "g.40gb"`,
      `${A}.profile.startsWith("7g") && ${A}.productName.endsWith("40GB")`,
      `${A}.profile.matches("^[^1-6]g[.]40gb$")`,
      `${C}.memory.isGreaterThan(quantity("30Gi")) && ${C}.multiprocessors == quantity("98")`,
      `cel.bind(a, ${A}, a.exists(k, v, k == "profile" && v == "7g.40gb"))`,
      `!(${A}.profile in ["1g.5gb"]) && ${A}.profile.replace("7", "x") == "xg.40gb"`,
    ]) {
      expect(reached(reach(claim("mig.nvidia.com", selector)))).toContain("A100-SXM4-40GB 7g.40gb");
    }
  });

  it("is possible where figures that the catalogue assumes decide, and certain where captured ones do", () => {
    const large = (name: string) => (spec: ClaimSpec) => ({
      certain: reached(reach(spec), "certain").includes(name),
      possible: reached(reach(spec), "possible").includes(name),
    });
    const [b200, h200, a100] = [large("B200 180GB 7g.180gb"), large("H200 141GB 7g.141gb"), large("A100-SXM4-40GB 7g.40gb")];
    const nothing = { certain: false, possible: false };
    const multiprocessors = (count: number) => claim("mig.nvidia.com", `${C}.multiprocessors.compareTo(quantity("${String(count)}")) == 0`);
    expect(b200(multiprocessors(148))).toEqual({ certain: true, possible: false });
    expect(b200(multiprocessors(144))).toEqual({ certain: false, possible: true });
    expect(h200(multiprocessors(130))).toEqual(nothing);
    expect(a100(multiprocessors(108))).toEqual(nothing);
    const engines = claim("mig.nvidia.com", `${C}.decoders.compareTo(quantity("6")) == 0`);
    expect([b200(engines), h200(engines), a100(engines)]).toEqual([{ certain: false, possible: true }, nothing, nothing]);
    // Whoever names a size means it.
    expect(
      reached(reach(claim("mig.nvidia.com", `${A}.profile == "1g.23gb" && ${C}.multiprocessors.compareTo(quantity("1")) > 0`))),
    ).toEqual(["B200 180GB 1g.23gb", "GB200 186GB 1g.23gb"]);
  });

  it("is possible where a device lacks what it has unless a feature gate of the driver is on", () => {
    const possible = reached(reach(claim("mig.nvidia.com", `!has(${A}.uuid)`)), "possible");
    expect(possible).toEqual(migDevices.map(nameOf));
    const all = Array.from({ length: 8 }, (_, slice) => `!has(${C}.memorySlice${String(slice)})`).join(" && ");
    expect(reached(reach(claim("mig.nvidia.com", all)), "possible")).toContain("A100-SXM4-40GB 7g.40gb");
    expect(reached(reach(claim("mig.nvidia.com", `${A}.profile == "1g.5gb" && ${all}`)))).toEqual(["A100-SXM4-40GB 1g.5gb"]);
  });

  it("is possible where a device can be given to several claims, which selectors can ask for from Kubernetes 1.36 on", () => {
    const rules = RELEASES.map(({ kubernetes }) => kubernetes).filter(({ featureGates }) => featureGates.DRAConsumableCapacity);
    expect(rules).not.toEqual([]);
    for (const each of rules) {
      for (const selector of ["device.allowMultipleAllocations", "!device.allowMultipleAllocations"]) {
        const [first] = reachOf(claim("gpu.nvidia.com", selector), classes, devices, each);
        expect(first && reached(first.reach, "possible")).toEqual(devices.filter(({ profile }) => profile === undefined).map(nameOf));
      }
    }
  });

  it("fails where a slice is asked for that an instance of the model lacks at one of its places, whether the catalogue assumes them or not", () => {
    for (const model of ["A100-SXM4-40GB", "B200 180GB"]) {
      const possible = devices.filter((device) => device.model.name === model);
      expect(reach(claim("mig.nvidia.com", `${C}.memorySlice0.compareTo(quantity("1")) == 0`), classes, possible).type).toBe(
        "undetermined",
      );
    }
  });

  it("is determined per request and per alternative", () => {
    const spec: ClaimSpec = {
      requests: [
        { type: "exactly", name: "one", exactly: exactly("mig-small.nvidia.com", []) },
        {
          type: "firstAvailable",
          name: "other",
          firstAvailable: [
            { name: "big", ...exactly("mig.nvidia.com", [`${A}.profile == "7g.40gb"`]) },
            { name: "unknown", ...exactly("no.such.class", []) },
          ],
        },
      ],
      constraints: [],
      config: [],
    };
    expect(reachOf(spec, classes, devices, RULES).map(({ reference, reach: { type } }) => [reference, type])).toEqual([
      ["one", "determined"],
      ["other/big", "determined"],
      ["other/unknown", "undetermined"],
    ]);
  });
});

describe("what differs between devices of one shape", () => {
  it.each([
    ["excludes one UUID", `${A}.uuid != "MIG-1"`],
    ["asks for one", `${A}.uuid == "MIG-1"`],
    ["asks for one parent", `${A}.parentUUID in ["GPU-1", "GPU-2"]`],
    ["decides by a UUID", `${A}.uuid < "MIG-8" ? true : false`],
    ["asks for an address", `${A}.pcieBusID.startsWith("0000:10")`],
    ["asks for a driver version", `${A}.driverVersion.isGreaterThan(semver("900.0.0"))`],
    ["asks for a root complex, which may be absent", `has(device.attributes["resource.kubernetes.io"].pcieRoot)`],
    ["counts attributes, one of which may be absent", `device.attributes.exists(domain, domain == "resource.kubernetes.io")`],
    ["looks for a value anywhere", `${A}.exists(k, ${A}[k] == "MIG-1")`],
  ])("hides nothing from a selector that %s", (_, selector) => {
    expect(reached(reach(claim("mig.nvidia.com", selector)), "possible")).toEqual(migDevices.map(nameOf));
  });

  /** Each of these matched whole GPUs or the largest slices with a driver that was not the one the model knew. */
  it.each([
    ["the address by its name of 25.8", `has(${A}.pcieBusID)`],
    ["the address by its name from 25.12 on", `"pciBusID" in device.attributes["resource.kubernetes.io"]`],
    ["no address by either name", `!has(${A}.pcieBusID)`],
    ["how memory is addressed", `has(${A}.addressingMode)`],
    ["how memory is addressed, or not", `${A}.?addressingMode.orValue("None") == "None"`],
    ["the NUMA node, as the next version publishes it", `"numaNode" in device.attributes["resource.kubernetes.io"]`],
    ["a name of the next version", `has(${A}.partition1)`],
    ["that a name of the next version is missing", `!has(${A}.gpuModuleID)`],
    ["a domain that nobody publishes yet", `"example.com" in device.attributes`],
    ["that a domain is missing", `!("example.com" in device.attributes)`],
    ["a capacity of the next version", `has(${C}.addressableMemory)`],
    ["memory to the mebibyte", `${C}.memory.compareTo(quantity("40192Mi")) == 0`],
    ["more memory than the model says", `${C}.memory.compareTo(quantity("1Ti")) > 0`],
    ["the number of attributes", `size(${A}) == 12`],
    ["the number of domains", `size(device.attributes) > 1`],
    ["one name among all", `${A}.exists(k, k == "numaNode")`],
    ["the names of all", `${C}.map(k, k) == ["x"]`],
  ])("hides nothing from a selector that looks at %s", (_, selector) => {
    expect(reached(reach(claim("mig.nvidia.com", selector)), "possible")).toEqual(migDevices.map(nameOf));
    const whole = devices.filter(({ profile }) => profile === undefined);
    expect(reached(reach(claim("gpu.nvidia.com", selector)), "possible")).toEqual(whole.map(nameOf));
  });

  it.each([
    ["nothing", "true", ["unlisted GPU"], ["unlisted MIG device"]],
    [
      "the products that the catalogue has",
      `!(${A}.productName in [${devices.map(({ model }) => `"${model.productName}"`).join(", ")}])`,
      ["unlisted GPU"],
      ["unlisted MIG device"],
    ],
    [
      "the profiles that the catalogue has",
      `has(${A}.profile) && !(${A}.profile in [${migDevices.map(({ profile }) => `"${profile?.name ?? ""}"`).join(", ")}])`,
      [],
      ["unlisted MIG device"],
    ],
    ["a product of its own", `${A}.productName == "NVIDIA L4"`, ["unlisted GPU"], ["unlisted MIG device"]],
    ["a product of the catalogue", `${A}.productName == "NVIDIA A100-SXM4-40GB"`, [], []],
    ["a profile of the catalogue", `has(${A}.profile) && ${A}.profile == "1g.5gb"`, [], []],
    ["a profile of the catalogue, in other letters", `has(${A}.profile) && ${A}.profile.lowerAscii() == "1g.5gb"`, [], []],
    ["a profile by its beginning", `has(${A}.profile) && ${A}.profile.startsWith("7g.")`, [], ["unlisted MIG device"]],
    ["a profile by a pattern", `has(${A}.profile) && ${A}.profile.matches("^2g[.]10gb$")`, [], []],
  ])("lets a product that is not in the catalogue pass a selector of %s", (_, selector, wholes, slices) => {
    expect(reached(reach(claim("gpu.nvidia.com", selector), classes, UNLISTED_DEVICES))).toEqual(wholes);
    expect(reached(reach(claim("mig.nvidia.com", selector), classes, UNLISTED_DEVICES))).toEqual(slices);
  });

  it("tries every name that a Blackwell profile can have", () => {
    const named = (profile: string) => reached(reach(claim("mig.nvidia.com", `${A}.profile == "${profile}"`)));
    expect(named("7g.187gb")).toEqual(["GB200 186GB 7g.186gb"]);
    expect(named("7g.41gb")).toEqual([]);
  });

  it("leaves to the rest of the selector what the rest decides", () => {
    const selector = `${A}.profile == "1g.5gb" && ${A}.uuid != "MIG-1" && ${A}.driverVersion.isGreaterThan(semver("550.0.0"))`;
    expect(reached(reach(claim("mig.nvidia.com", selector)))).toEqual(["A100-SXM4-40GB 1g.5gb"]);
    expect(reached(reach(claim("mig.nvidia.com", `${A}.uuid != "x" || ${A}.type == "mig"`)), "certain")).toEqual(migDevices.map(nameOf));
  });

  it("tries every place where a slice can start", () => {
    const atThree = reached(reach(claim("mig.nvidia.com", `has(${C}.memorySlice3) && !has(${C}.memorySlice2)`)), "certain");
    expect(atThree).toContain("A100-SXM4-40GB 1g.5gb");
    expect(atThree).not.toContain("A100-SXM4-40GB 2g.10gb");
    expect(atThree).not.toContain("A100-SXM4-40GB 7g.40gb");
    const atSeven = reached(reach(claim("mig.nvidia.com", `"memorySlice7" in ${C}`)), "certain");
    expect(atSeven).toContain("A100-SXM4-40GB 3g.20gb");
    expect(atSeven).not.toContain("A100-SXM4-40GB 1g.5gb");
  });

  it.each([0, 3, 6])(
    "is certain where a slice starts at the place that is asked for, whatever is unknown of it elsewhere (%i)",
    (slice) => {
      const selector = `has(${C}.memorySlice${String(slice)}) || ${A}.uuid == "MIG-1"`;
      expect(reached(reach(claim("mig.nvidia.com", selector)), "certain")).toContain("A100-SXM4-40GB 1g.5gb");
      expect(reached(reach(claim("mig.nvidia.com", selector, `${A}.uuid != "MIG-2"`)), "possible")).toContain("A100-SXM4-40GB 1g.5gb");
    },
  );

  it("is no obstacle where a device would fail the claim that is only conceivable", () => {
    const selector = `${A}.profile == "3g.7gb" ? ${A}.profile > 1 : false`;
    expect(reached(reach(claim("mig.nvidia.com", selector), classes, UNLISTED_DEVICES), "possible")).toEqual(["unlisted MIG device"]);
    expect(reached(reach(claim("mig.nvidia.com", selector)))).toEqual([]);
  });

  it("is an obstacle where some device of the shape would fail the claim", () => {
    const result = reach(claim("mig.nvidia.com", `${C}.memorySlice3 == quantity("1")`));
    expect(result).toMatchObject({ type: "undetermined" });
  });
});

describe("what is undetermined", () => {
  it.each([
    ["an unknown class", claim("no.such.class"), "unknownClass", `device class "no.such.class" is not known`],
    ["a selector that does not compile", claim("mig.nvidia.com", "device.x"), "invalidSelector", "undefined field 'x'"],
    ["a selector that is not modelled", claim("mig.nvidia.com", "isURL(device.driver)"), "invalidSelector", "not modelled"],
    ["an attribute that some device lacks", claim("gpu.nvidia.com", `${A}.profile == "x"`), "evaluationError", "no such key: profile"],
    ["a comparison that fails", claim("mig.nvidia.com", `${A}.profile > 1`), "evaluationError", "no such overload"],
    ["a result that is not boolean", claim("mig.nvidia.com", `${A}.profile`), "evaluationError", "could not be converted to bool"],
  ])("%s", (_, spec, reason, message) => {
    const result = reach(spec);
    expect(result.type === "undetermined" && result.obstacles[0]).toMatchObject({
      reason,
      message: expect.stringContaining(message) as unknown,
    });
  });

  it("names the devices on which evaluation fails", () => {
    const result = reach(claim("anything", `${A}.profile == "1g.5gb"`), [
      { name: "anything", selectors: [`device.driver == "gpu.nvidia.com"`] },
    ]);
    expect(result.type === "undetermined" && result.obstacles.map(({ device }) => device && nameOf(device))).toEqual(
      devices.filter(({ profile }) => profile === undefined).map(nameOf),
    );
  });

  it("is not a matter of selectors behind one that says no", () => {
    expect(reached(reach(claim("gpu.nvidia.com", `${A}.type == "mig"`, `${A}.index == 0`)))).toEqual([]);
  });
});

describe("soundness", () => {
  /** Selectors over everything that is known and unknown of a device, joined at random. */
  const atom = fc.constantFrom(
    `${A}.type == "mig"`,
    `${A}.uuid == "a"`,
    `"b" != ${A}.uuid`,
    `${A}.uuid in ["a", "b"]`,
    `${A}.uuid < "b"`,
    `${A}.profile.startsWith("1g.")`,
    `${A}.?profile.orValue("none") == "none"`,
    `${A}.parentUUID == ${A}.uuid`,
    `has(${A}.parentUUID)`,
    `${A}.pcieBusID.matches("a|b")`,
    `${A}.driverVersion.isLessThan(semver("2.0.0"))`,
    `${A}.driverVersion.major() + size(${A}.uuid) > 2`,
    `${C}.memory.isGreaterThan(quantity("20Gi"))`,
    `has(${C}.memorySlice3)`,
    `"memorySlice0" in ${C}`,
    `${C}.memorySlice2 == quantity("1")`,
    `${C}.exists(k, k.endsWith("4"))`,
    `${C}.size() > 9`,
    `has(device.attributes["resource.kubernetes.io"].pcieRoot)`,
    `device.attributes["resource.kubernetes.io"].?pcieRoot.orValue("a") == "a"`,
    `"resource.kubernetes.io" in device.attributes`,
    `device.attributes["resource.kubernetes.io"] == {}`,
    `${A}.exists(k, ${A}[k] == "a")`,
    `${A}.all(k, v, k != "uuid" || v == "a")`,
    `cel.bind(u, ${A}.uuid, u == "a" || u == "b")`,
    `[${A}.uuid, ${A}.type].exists(u, u == "b")`,
    `${A}.filter(k, ${A}[k] == "a").size() == 1`,
    `${A}.map(k, k).size() == 11`,
    `[${A}] == [${A}]`,
    `sets.intersects([${A}], [${A}])`,
    `[${A}].indexOf(${A}) == 0`,
    `${A} in [${A}]`,
    `optional.of(${A}.uuid).hasValue()`,
    `"%s".format([${A}.uuid]) == "a"`,
    `type(${A}.uuid) in [string]`,
    `${A}.missing == 1`,
    `1 / size(${A}.uuid) == 1`,
  );
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      atom,
      fc.tuple(tie("expression"), fc.constantFrom("&&", "||"), tie("expression")).map(([a, operator, b]) => `(${a} ${operator} ${b})`),
      tie("expression").map((a) => `!(${a})`),
      fc.tuple(tie("expression"), tie("expression"), tie("expression")).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `(${a}) == (${b})`),
    ),
  }));

  /** How a device of some shape turns out. Shapes go by their number in the catalogue, to keep counterexamples readable. */
  const anyOutcome = fc.record({
    shape: fc.nat(devices.length - 1),
    texts: fc.array(fc.constantFrom("a", "b", "c", ""), { minLength: 4, maxLength: 4 }),
    version: fc.constantFrom("1.2.3", "580.0.0"),
    memory: fc.constantFrom("1Mi", "9984Mi", "20096Mi", "1Ti"),
    form: fc.nat(48),
    /** Which of the names that no table has are there. */
    unmodelled: fc.array(
      fc.constantFrom("pcieBusID", "resource.kubernetes.io/pcieRoot", "resource.kubernetes.io/numaNode", "missing", "example.com/x"),
    ),
    hasCapacities: fc.boolean(),
  });
  type Outcome = typeof anyOutcome extends fc.Arbitrary<infer T> ? T : never;

  function shapeOf({ shape }: Outcome): CatalogueDevice {
    const device = devices[shape];
    if (device === undefined) {
      throw new Error(`there is no shape ${String(shape)}`);
    }
    return device;
  }

  function realize(outcome: Outcome): SelectorInput {
    const forms = formsOf(shapeOf(outcome));
    const { texts, version, memory, form: at, unmodelled, hasCapacities } = outcome;
    const form = forms[at % forms.length];
    if (form === undefined) {
      throw new Error("a device has a form");
    }
    const { input, known } = form;
    const text = (index: number) => ({ string: texts[index % texts.length] ?? "" });
    const attributes = Object.entries(input.attributes)
      .filter(([name]) => known.attributes.has(name))
      .map(([name, attribute], index) => {
        const isExact = known.attributes.get(name) === "exact";
        return [name, isExact ? attribute : attribute.version === undefined ? text(index) : { version }] as const;
      });
    const capacity = Object.entries(input.capacity)
      .filter(([name]) => known.capacity.has(name) || hasCapacities)
      .map(([name, value]) => [name, known.capacity.get(name) === "exact" ? value : { value: memory }] as const);
    return {
      driver: input.driver,
      attributes: Object.fromEntries([...attributes, ...unmodelled.map((name, index) => [name, text(index)] as const)]),
      capacity: Object.fromEntries(capacity),
    };
  }

  const outcomes = fc.array(anyOutcome, { minLength: 10, maxLength: 10 });
  const anything: DeviceClass = { name: "anything", selectors: [] };

  it("reports every device that a claim could be given, whatever it turns out to be", () => {
    fc.assert(
      fc.property(fc.array(expression, { minLength: 1, maxLength: 2 }), outcomes, (selectors, candidates) => {
        const result = reach(claim("anything", ...selectors), [anything]);
        fc.pre(result.type === "determined");
        const found = new Set(result.devices.map(({ device }) => device));
        const missed = candidates.filter(
          (candidate) => !found.has(shapeOf(candidate)) && evaluate(selectors, realize(candidate)) === "match",
        );
        expect(missed).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });

  it("reports as not reached only what a selector really says no to", () => {
    fc.assert(
      fc.property(expression, outcomes, (selector, candidates) => {
        const result = reach(claim("anything", selector), [anything]);
        fc.pre(result.type === "determined");
        const found = new Set(result.devices.map(({ device }) => device));
        const excluded = candidates.filter((candidate) => !found.has(shapeOf(candidate)));
        expect(excluded.filter((candidate) => evaluate([selector], realize(candidate)) !== "noMatch")).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });

  function evaluate(selectors: readonly string[], device: SelectorInput): string {
    for (const selector of selectors.map((expression) => compileSelector(expression, RULES))) {
      const verdict = selector.type === "selector" ? selector.evaluate(device).type : "error";
      if (verdict !== "match") {
        return verdict;
      }
    }
    return "match";
  }
});
