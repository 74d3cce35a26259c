import { findGpuModel } from "../../src/hardware/gpu-models";
import { unorderedProfiles } from "../../src/hardware/solver";

describe("profiles that mig-parted creates in either order", () => {
  const profiles = (model: string, ...names: readonly string[]) =>
    names.map((name) => {
      const found = findGpuModel(model)?.profiles.find((profile) => profile.name === name);
      if (found === undefined) throw new Error(`${model} has no ${name}`);
      return found;
    });

  it.each([
    ["none of all-balanced", "A100-SXM4-40GB", ["1g.5gb", "1g.5gb", "2g.10gb", "3g.20gb"], []],
    ["none of one profile", "A100-SXM4-40GB", ["1g.5gb", "1g.5gb"], []],
    ["none of nothing", "A100-SXM4-40GB", [], []],
    ["those of one compute slice", "A100-SXM4-40GB", ["1g.10gb", "1g.5gb", "1g.5gb", "3g.20gb"], [["1g.10gb", "1g.5gb"]]],
    ["those with and without media engines", "A100-SXM4-40GB", ["1g.5gb+me", "1g.5gb"], [["1g.5gb", "1g.5gb+me"]]],
    [
      "several groups",
      "RTX PRO 6000 96GB",
      ["2g.48gb", "2g.48gb+gfx", "1g.24gb", "1g.24gb+gfx"],
      [
        ["2g.48gb", "2g.48gb+gfx"],
        ["1g.24gb", "1g.24gb+gfx"],
      ],
    ],
  ])("are %s", (_, model, names, groups) => {
    expect(unorderedProfiles(profiles(model, ...names))).toEqual(groups);
  });
});
