import fc from "fast-check";
import { GPU_MODELS } from "../../src/hardware/gpu-models";
import { PROFILE_ATTRIBUTES, formatProfileName, parseProfileName } from "../../src/hardware/profile-name";
import type { ProfileName } from "../../src/hardware/profile-name";

const anyName: fc.Arbitrary<ProfileName> = fc
  .record({
    gpuSlices: fc.integer({ min: 1, max: 8 }),
    compute: fc.integer({ min: 1, max: 8 }),
    memoryGB: fc.integer({ min: 1, max: 999 }),
    attributes: fc.constantFrom(...PROFILE_ATTRIBUTES),
  })
  .map(({ gpuSlices, compute, memoryGB, attributes }) => ({
    type: "profile",
    computeInstanceSlices: Math.min(compute, gpuSlices),
    gpuSlices,
    memoryGB,
    attributes,
  }));

describe("parseProfileName", () => {
  it("reads back every name it writes", () => {
    fc.assert(
      fc.property(anyName, (name) => {
        expect(parseProfileName(formatProfileName(name))).toEqual(name);
      }),
    );
  });

  it("reads every profile of the catalogue, with the slices the catalogue says", () => {
    for (const profile of GPU_MODELS.flatMap((model) => model.profiles)) {
      const parsed = parseProfileName(profile.name);
      expect(parsed).toMatchObject({ type: "profile", gpuSlices: profile.computeSlices, computeInstanceSlices: profile.computeSlices });
      expect(parsed.type === "profile" && formatProfileName(parsed)).toBe(profile.name);
    }
  });

  it.each([
    ["1g.5gb", { computeInstanceSlices: 1, gpuSlices: 1, memoryGB: 5, attributes: "" }],
    ["1g.5gb+me", { computeInstanceSlices: 1, gpuSlices: 1, memoryGB: 5, attributes: "+me" }],
    ["2g.48gb+me.all", { computeInstanceSlices: 2, gpuSlices: 2, memoryGB: 48, attributes: "+me.all" }],
    ["1g.24gb-me", { computeInstanceSlices: 1, gpuSlices: 1, memoryGB: 24, attributes: "-me" }],
    ["4g.96gb+gfx", { computeInstanceSlices: 4, gpuSlices: 4, memoryGB: 96, attributes: "+gfx" }],
    ["1c.3g.20gb", { computeInstanceSlices: 1, gpuSlices: 3, memoryGB: 20, attributes: "" }],
    ["2c.7g.40gb+me", { computeInstanceSlices: 2, gpuSlices: 7, memoryGB: 40, attributes: "+me" }],
  ])("takes %s apart", (text, parts) => {
    expect(parseProfileName(text)).toEqual({ type: "profile", ...parts });
  });

  it("writes a compute instance that is its whole GPU instance without the c part", () => {
    const parsed = parseProfileName("3c.3g.20gb");
    expect(parsed.type === "profile" && formatProfileName(parsed)).toBe("3g.20gb");
  });

  it.each([
    "",
    "1g",
    "5gb",
    "1g5gb",
    "1G.5GB",
    " 1g.5gb",
    "1g.5gb ",
    "0g.5gb",
    "01g.5gb",
    "1g.5gb.me",
    "g.gb",
    "c.1g.5gb",
    "-1g.5gb",
    "1g.5.5gb",
  ])("refuses %j, which is no profile name", (text) => {
    expect(parseProfileName(text)).toEqual({ type: "invalid", reason: expect.stringContaining("is not a MIG profile name") });
  });

  it.each(["1g.5gb+", "1g.5gb+ME", "1g.5gb-gfx", "1g.5gb+me-me", "1g.5gb+me,gfx", "1g.5gb+foo"])("refuses the attributes of %j", (text) => {
    expect(parseProfileName(text)).toEqual({ type: "invalid", reason: expect.stringContaining("is not a profile attribute") });
  });

  it("refuses a compute instance larger than its GPU instance", () => {
    expect(parseProfileName("4c.3g.20gb").type).toBe("invalid");
  });
});
