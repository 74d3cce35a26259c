import type { AllocatedDevice } from "../../src/dra/claims";
import { publishSlices } from "../../src/dra/devices";
import { catalogueTierClasses } from "../../src/dra/tiers";
import { findGpuModel } from "../../src/hardware/gpu-models";
import { resolveLayout } from "../../src/hardware/layouts";
import { capacityByClass, capacityByProfile } from "../../src/planner/capacity";
import { findRelease } from "../../src/releases/find";
import { RULES } from "../support/rules";

function slicesOf(layoutName: string): ReturnType<typeof publishSlices> {
  const model = findGpuModel("A100-SXM4-40GB");
  const release = findRelease("1.34");
  const layout = model && resolveLayout(layoutName, model, 8);
  if (layout?.type !== "legal" || release === undefined) {
    throw new Error("no such layout");
  }
  return publishSlices("node-a", layout.layout, release);
}

const balanced = slicesOf("all-balanced");

/** The first devices of a profile, as claims hold them. */
function allocated(profile: string, count: number, adminAccess = false): readonly AllocatedDevice[] {
  return balanced
    .flatMap(({ spec }) => spec.devices.map((device) => ({ spec, device })))
    .filter(({ device }) => device.attributes["profile"]?.string === profile)
    .slice(0, count)
    .map(({ spec, device }) => ({ request: "r", driver: spec.driver, pool: spec.pool.name, device: device.name, adminAccess }));
}

describe("capacity", () => {
  it("is counted by profile", () => {
    const capacities = capacityByProfile(balanced, [...allocated("3g.20gb", 3), ...allocated("1g.5gb", 1)]);
    expect(Object.fromEntries(capacities)).toEqual({
      "1g.5gb": { total: 16, taken: 1 },
      "2g.10gb": { total: 8, taken: 0 },
      "3g.20gb": { total: 8, taken: 3 },
    });
  });

  it("is counted by product for whole GPUs", () => {
    expect([...capacityByProfile(slicesOf("all-disabled"), [])]).toEqual([["NVIDIA A100-SXM4-40GB", { total: 8, taken: 0 }]]);
  });

  it("is not used up by administration", () => {
    expect(capacityByProfile(balanced, allocated("3g.20gb", 8, true)).get("3g.20gb")).toEqual({ total: 8, taken: 0 });
  });

  it("is counted by device class, so by tier", () => {
    expect(Object.fromEntries(capacityByClass(balanced, allocated("2g.10gb", 2), catalogueTierClasses(), RULES))).toEqual({
      "mig-small.nvidia.com": { type: "counted", total: 16, taken: 0 },
      "mig-medium.nvidia.com": { type: "counted", total: 8, taken: 2 },
      "mig-large.nvidia.com": { type: "counted", total: 8, taken: 0 },
    });
  });

  it("of a class whose selector fails on a device is an error, as it is for every claim of the class", () => {
    const careless = { name: "careless", selectors: [`device.attributes["gpu.nvidia.com"].profile == "1g.5gb"`] };
    expect(capacityByClass(slicesOf("all-disabled"), [], [careless], RULES).get("careless")).toMatchObject({ type: "error" });
  });
});
