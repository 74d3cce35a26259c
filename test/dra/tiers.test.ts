import type { DeviceClass } from "../../src/dra/device-classes";
import { catalogueDevices } from "../../src/dra/devices";
import type { CatalogueDevice } from "../../src/dra/devices";
import { compileSelector } from "../../src/dra/selector/selector";
import { catalogueTierClasses, tierDeviceClass, tierProfile, TIERS } from "../../src/dra/tiers";
import { GPU_MODELS } from "../../src/hardware/gpu-models";
import type { GpuModel } from "../../src/hardware/types";
import { RELEASES } from "../../src/releases/find";
import { RULES } from "../support/rules";

const [release] = RELEASES;
if (release === undefined) {
  throw new Error("there is a release");
}
const devices = catalogueDevices(release);

function named(name: string): GpuModel {
  const found = GPU_MODELS.find((model) => model.name === name);
  if (found === undefined) {
    throw new Error(`${name} is in the catalogue`);
  }
  return found;
}

function members({ selectors }: DeviceClass): readonly CatalogueDevice[] {
  return devices.filter(({ input }) =>
    selectors.every((expression) => {
      const selector = compileSelector(expression, RULES);
      const verdict = selector.type === "selector" ? selector.evaluate(input) : selector;
      expect(verdict.type).toMatch(/^(match|noMatch)$/);
      return verdict.type === "match";
    }),
  );
}

function names(found: readonly CatalogueDevice[]): readonly string[] {
  return found.map(({ model, profile }) => `${model.name} ${profile?.name ?? "whole"}`);
}

describe("tiers", () => {
  it.each([
    ["A100-SXM4-40GB", ["1g.5gb", "2g.10gb", "3g.20gb"]],
    ["A100-SXM4-80GB", ["1g.10gb", "2g.20gb", "3g.40gb"]],
    ["H200 141GB", ["1g.18gb", "2g.35gb", "3g.71gb"]],
    ["A30 24GB", ["1g.6gb", "2g.12gb", undefined]],
    ["RTX PRO 6000 96GB", ["1g.24gb", "2g.48gb", undefined]],
  ])("of %s are %j", (model, profiles) => {
    expect(TIERS.map(({ name }) => tierProfile(name, named(model))?.name)).toEqual(profiles);
  });

  it("are smallest first and named alike", () => {
    expect(TIERS).toEqual([
      { name: "small", className: "mig-small.nvidia.com", templateName: "mig-small-template" },
      { name: "medium", className: "mig-medium.nvidia.com", templateName: "mig-medium-template" },
      { name: "large", className: "mig-large.nvidia.com", templateName: "mig-large-template" },
    ]);
  });
});

describe("device classes of tiers", () => {
  it.each(TIERS)("over the catalogue hold every GPU's $name profile, and nothing else, without an error on any device", ({ name }) => {
    const [tierClass] = catalogueTierClasses().filter((candidate) => candidate.name === `mig-${name}.nvidia.com`);
    const expected = devices.filter(({ model, profile }) => profile !== undefined && profile.name === tierProfile(name, model)?.name);
    expect(tierClass && names(members(tierClass))).toEqual(names(expected));
  });

  it("of one GPU name just its profile", () => {
    expect(tierDeviceClass("small", [named("A100-SXM4-40GB")])).toEqual({
      name: "mig-small.nvidia.com",
      selectors: [
        "device.driver == 'gpu.nvidia.com' && device.attributes['gpu.nvidia.com'].type == 'mig' && device.attributes['gpu.nvidia.com'].profile == '1g.5gb'",
      ],
    });
  });

  it("name the product where the profile is another size elsewhere", () => {
    const [selector] = tierDeviceClass("small", [named("A100-SXM4-80GB")]).selectors;
    expect(selector).toContain("profile == '1g.10gb' && device.attributes['gpu.nvidia.com'].productName == 'NVIDIA A100-SXM4-80GB'");
    expect(names(members(tierDeviceClass("small", [named("A100-SXM4-80GB")])))).toEqual(["A100-SXM4-80GB 1g.10gb"]);
  });

  it.each(GPU_MODELS.map((model) => [model.name, model] as const))("of %s hold its own tiers and no other size of any GPU", (_, model) => {
    for (const { name } of TIERS) {
      const found = members(tierDeviceClass(name, [model]));
      const profile = tierProfile(name, model)?.name;
      expect(found.filter((device) => device.model === model).map((device) => device.profile?.name)).toEqual(
        profile === undefined ? [] : [profile],
      );
      expect(found.filter((device) => device.profile?.name !== tierProfile(name, device.model)?.name)).toEqual([]);
    }
  });

  it("of GPUs without the tier hold nothing", () => {
    expect(members(tierDeviceClass("large", [named("A30 24GB")]))).toEqual([]);
    expect(members(tierDeviceClass("small", []))).toEqual([]);
  });

  it("do not overlap", () => {
    const held = catalogueTierClasses().flatMap((tierClass) => names(members(tierClass)));
    expect(new Set(held).size).toBe(held.length);
  });
});
