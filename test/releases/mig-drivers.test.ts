import { GPU_MODELS } from "../../src/hardware/gpu-models";
import { RELEASES } from "../../src/releases/find";
import { driverHasMig, olderDriver } from "../../src/releases/mig-drivers";

test.each([
  ["B200", "2901", "570.124.06", "570.133.20"],
  ["GB200", "2941", "570.124.06", "570.133.20"],
  ["B300", "3182", "580.65.06", "580.82.07"],
  ["RTX PRO 6000", "2BB5", "570.195.03", "575.51.03"],
])("a %s has MIG from its first driver on", (_, id, without, first) => {
  expect([driverHasMig(without, [id]), driverHasMig(first, [id]), driverHasMig("600.10.01", [id])]).toEqual([false, true, true]);
});

test("an older GPU has MIG with every driver of the images", () => {
  expect(driverHasMig("570.172.08", ["20B0"])).toBe(true);
  expect(olderDriver("1.34.1-20250915", ["20B0"])).toBeUndefined();
});

test("an older image is named with the first that has the driver", () => {
  expect(olderDriver("1.34.1-20251016", ["3182"])).toEqual({ driver: "570.195.03", firstDriver: "580.82.07", firstImage: "20251023" });
  expect(olderDriver("1.34.1-20251023", ["3182"])).toBeUndefined();
  expect(olderDriver("1.34.1-20240101", ["3182"])).toBeUndefined();
});

test("every image of the catalogue has MIG on every GPU", () => {
  const images = RELEASES.flatMap((release) => [release, ...Object.values(release.otherGpuSoftware)]).map(({ gpuAmi }) => gpuAmi);
  const without = images.flatMap(({ driverVersion }) =>
    GPU_MODELS.filter(({ pciDeviceIds }) => !driverHasMig(driverVersion, pciDeviceIds)).map(({ name }) => `${driverVersion}: ${name}`),
  );
  expect(images.length).toBeGreaterThan(3);
  expect(without).toEqual([]);
});
