import type { AllocatedDevice } from "../../src/dra/claims";
import { publishSlices } from "../../src/dra/devices";
import { findGpuModel } from "../../src/hardware/gpu-models";
import { resolveLayout } from "../../src/hardware/layouts";
import { capacityByProduct } from "../../src/planner/capacity";
import { findRelease } from "../../src/releases/find";

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

const productName = "NVIDIA A100-SXM4-40GB";

describe("capacity", () => {
  it("is counted by product and profile", () => {
    expect(capacityByProduct(balanced, [...allocated("3g.20gb", 3), ...allocated("1g.5gb", 1)])).toEqual(
      expect.arrayContaining([
        { productName, profile: "1g.5gb", total: 16, taken: 1 },
        { productName, profile: "2g.10gb", total: 8, taken: 0 },
        { productName, profile: "3g.20gb", total: 8, taken: 3 },
      ]),
    );
    expect(capacityByProduct(balanced, [])).toHaveLength(3);
  });

  it("is counted by product for whole GPUs", () => {
    expect(capacityByProduct(slicesOf("all-disabled"), [])).toEqual([{ productName, profile: undefined, total: 8, taken: 0 }]);
  });

  it("is not used up by administration", () => {
    expect(capacityByProduct(balanced, allocated("3g.20gb", 8, true))).toContainEqual({
      productName,
      profile: "3g.20gb",
      total: 8,
      taken: 0,
    });
  });
});
