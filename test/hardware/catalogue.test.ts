import { engineBudget } from "../../src/hardware/engines";
import { GPU_MODELS, findGpuModel } from "../../src/hardware/gpu-models";
import { instanceMemoryMiB } from "../../src/hardware/instance-memory";
import { STOCK_LAYOUTS } from "../../src/hardware/stock-layouts";
import type { GpuModel } from "../../src/hardware/types";

const model = (name: string): GpuModel => {
  const found = findGpuModel(name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

/**
 * The memory size in a profile's name as go-nvlib computes it (`getMigMemorySizeGB`): the GPU's GiB rounded up, times the instance's share in
 * eighths rounded up, rounded.
 */
function nominalGB(gpu: GpuModel, memoryMiB: number): number {
  return Math.round((Math.ceil((memoryMiB / gpu.memoryMiB) * 8) / 8) * Math.ceil(gpu.memoryMiB / 1024));
}

describe("GPU models", () => {
  it("are found by short name and by product name, and by nothing else", () => {
    for (const gpu of GPU_MODELS) {
      expect(findGpuModel(gpu.name)).toBe(gpu);
      expect(findGpuModel(gpu.productName)).toBe(gpu);
    }
    expect(findGpuModel("A100")).toBeUndefined();
  });

  it("have names, product names and PCI ids of their own", () => {
    const names = GPU_MODELS.flatMap(({ name, productName, pciDeviceIds }) => [
      name,
      ...(name === productName ? [] : [productName]),
      ...pciDeviceIds,
    ]);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => /^[0-9a-f]{4}$/i.test(name))).toHaveLength(GPU_MODELS.length);
  });

  it("say where their figures come from and when they were read", () => {
    for (const { source } of GPU_MODELS) expect(source).toMatch(/\d{4}-\d{2}-\d{2}/);
  });

  it("say what is assumed where placements were not captured on that GPU", () => {
    const assumed = GPU_MODELS.filter(({ assumptions }) => assumptions.some((text) => text.startsWith("placements"))).map(
      ({ name }) => name,
    );
    expect(assumed).toEqual(["H100 96GB", "H200 141GB", "B200 180GB", "B300 269GB", "GB200 186GB"]);
  });

  it("say what is assumed where multiprocessors and engines were not captured on that GPU", () => {
    const assumed = GPU_MODELS.filter(({ assumptions }) => assumptions.some((text) => /multiprocessors.* (follow|are) /.test(text)));
    expect(assumed.map(({ name }) => name)).toEqual(["B200 180GB", "B300 269GB", "GB200 186GB"]);
    expect(GPU_MODELS.filter(({ profileFigures }) => profileFigures === "assumed")).toEqual(assumed);
  });

  it("have PCI ids that MIG Manager knows", () => {
    const known = new Set(STOCK_LAYOUTS["all-balanced"]?.flatMap(({ pciDeviceIds }) => pciDeviceIds ?? []));
    for (const id of GPU_MODELS.flatMap(({ pciDeviceIds }) => pciDeviceIds)) expect(known).toContain(id);
  });

  it.each([
    ["A100-SXM4-40GB", "NVIDIA A100-SXM4-40GB", "8.0.0", "20B0"],
    ["A100-SXM4-80GB", "NVIDIA A100-SXM4-80GB", "8.0.0", "20B2"],
    ["A30 24GB", "NVIDIA A30", "8.0.0", "20B7"],
    ["H100 80GB", "NVIDIA H100 80GB HBM3", "9.0.0", "2330"],
    ["H100 NVL 94GB", "NVIDIA H100 NVL", "9.0.0", "2321"],
    ["H200 141GB", "NVIDIA H200", "9.0.0", "2335"],
    ["B200 180GB", "NVIDIA B200", "10.0.0", "2901"],
    ["B300 269GB", "NVIDIA B300 SXM6 AC", "10.3.0", "3182"],
    ["GB200 186GB", "NVIDIA GB200", "10.0.0", "2941"],
    ["RTX PRO 6000 96GB", "NVIDIA RTX PRO 6000 Blackwell Server Edition", "12.0.0", "2BB5"],
  ])("%s is %s, compute capability %s, PCI device %s", (name, productName, cudaComputeCapability, id) => {
    expect(model(name)).toMatchObject({ productName, cudaComputeCapability, pciDeviceIds: [id] });
  });
});

describe("profiles", () => {
  const all = GPU_MODELS.flatMap((gpu) => gpu.profiles.map((profile) => ({ gpu, profile })));

  it.each(all.map(({ gpu, profile }) => [gpu.name, profile.name, gpu, profile] as const))(
    "%s %s fits its GPU and is called what its slices and memory make it",
    (_, __, gpu, profile) => {
      for (const driverVersion of ["470.57.02", "550.54.14", "580.178.04"]) {
        const memoryMiB = instanceMemoryMiB(gpu, profile, driverVersion);
        expect(profile.name).toMatch(
          new RegExp(`^${String(profile.computeSlices)}g\\.${String(nominalGB(gpu, memoryMiB))}gb(\\+me|\\+me\\.all|-me|\\+gfx)?$`),
        );
        expect(memoryMiB).toBeLessThanOrEqual((gpu.memoryMiB * profile.memorySlices) / gpu.memorySlices);
      }
      expect(profile.multiprocessors).toBeLessThanOrEqual(gpu.multiprocessors);
      expect(Math.max(...profile.starts) + profile.memorySlices).toBeLessThanOrEqual(gpu.memorySlices);
      expect(profile.maxInstances).toBeLessThanOrEqual(profile.starts.length);
    },
  );

  it("have names and GPU-instance profile IDs of their own on each GPU", () => {
    for (const { profiles } of GPU_MODELS) {
      expect(new Set(profiles.map(({ name }) => name)).size).toBe(profiles.length);
      expect(new Set(profiles.map(({ gpuInstanceProfileId }) => gpuInstanceProfileId)).size).toBe(profiles.length);
    }
  });

  it("over all memory slices have every engine of the GPU", () => {
    for (const gpu of GPU_MODELS) {
      const whole = gpu.profiles.find(({ memorySlices }) => memorySlices === gpu.memorySlices);
      expect(whole?.engines).toEqual(engineBudget(gpu));
      expect(whole?.computeSlices).toBe(gpu.computeSlices);
    }
  });

  // `nvidia-smi mig -lgipp`: profile ID, starts, memory slices.
  it.each([
    ["A100-SXM4-40GB", "19 {0,1,2,3,4,5,6}:1; 20 {0,1,2,3,4,5,6}:1; 15 {0,2,4,6}:2; 14 {0,2,4}:2; 9 {0,4}:4; 5 {0}:4; 0 {0}:8"],
    ["A100-SXM4-80GB", "19 {0,1,2,3,4,5,6}:1; 20 {0,1,2,3,4,5,6}:1; 15 {0,2,4,6}:2; 14 {0,2,4}:2; 9 {0,4}:4; 5 {0}:4; 0 {0}:8"],
    ["H100 80GB", "19 {0,1,2,3,4,5,6}:1; 20 {0,1,2,3,4,5,6}:1; 15 {0,2,4,6}:2; 14 {0,2,4}:2; 9 {0,4}:4; 5 {0}:4; 0 {0}:8"],
    ["H100 NVL 94GB", "19 {0,1,2,3,4,5,6}:1; 20 {0,1,2,3,4,5,6}:1; 15 {0,2,4,6}:2; 14 {0,2,4}:2; 9 {0,4}:4; 5 {0}:4; 0 {0}:8"],
    ["A30 24GB", "14 {0,1,2,3}:1; 21 {0,1,2,3}:1; 5 {0,2}:2; 6 {0,2}:2; 0 {0}:4"],
    [
      "RTX PRO 6000 96GB",
      "14 {0,3,6,9}:3; 21 {0,3,6,9}:3; 47 {0,3,6,9}:3; 65 {0,3,6,9}:3; 67 {0,3,6,9}:3; 5 {0,6}:6; 35 {0,6}:6; 64 {0,6}:6; 66 {0,6}:6; 0 {0}:12; 32 {0}:12",
    ],
  ])("of %s may lie where its driver says", (name, placements) => {
    const rows = model(name).profiles.map(
      (profile) => `${String(profile.gpuInstanceProfileId)} {${profile.starts.join()}}:${String(profile.memorySlices)}`,
    );
    expect(rows.join("; ")).toBe(placements);
  });

  // `nvidia-smi mig -lgip`: instances, GiB (rounded by nvidia-smi), multiprocessors. A100 with driver 550, the others without a driver's version.
  it.each([
    ["A100-SXM4-40GB", "1g.5gb", 7, 4.75, 14],
    ["A100-SXM4-40GB", "1g.5gb+me", 1, 4.75, 14],
    ["A100-SXM4-40GB", "1g.10gb", 4, 9.62, 14],
    ["A100-SXM4-40GB", "2g.10gb", 3, 9.62, 28],
    ["A100-SXM4-40GB", "3g.20gb", 2, 19.5, 42],
    ["A100-SXM4-40GB", "4g.20gb", 1, 19.5, 56],
    ["A100-SXM4-40GB", "7g.40gb", 1, 39.25, 98],
    ["H100 80GB", "1g.10gb", 7, 9.75, 16],
    ["H100 80GB", "1g.20gb", 4, 19.62, 26],
    ["H100 80GB", "3g.40gb", 2, 39.5, 60],
    ["H100 80GB", "7g.80gb", 1, 79.25, 132],
    ["H100 NVL 94GB", "2g.24gb", 3, 21.62, 32],
    ["H100 NVL 94GB", "4g.47gb", 1, 46.38, 64],
    ["H200 141GB", "1g.18gb", 7, 16, 16],
    ["H200 141GB", "1g.35gb", 4, 32.25, 26],
    ["H200 141GB", "3g.71gb", 2, 69.5, 60],
    ["B200 180GB", "1g.23gb", 7, 22, 18],
    ["B200 180GB", "1g.45gb", 4, 44.25, 30],
    ["B200 180GB", "2g.45gb", 3, 44.25, 36],
    ["GB200 186GB", "2g.47gb", 3, 45.5, 38],
    ["A30 24GB", "1g.6gb", 4, 5.81, 14],
    ["A30 24GB", "2g.12gb+me", 1, 11.69, 28],
    ["A30 24GB", "4g.24gb", 1, 23.44, 56],
    ["RTX PRO 6000 96GB", "1g.24gb-me", 4, 23.62, 46],
    ["RTX PRO 6000 96GB", "2g.48gb+me.all", 1, 47.38, 94],
    ["RTX PRO 6000 96GB", "4g.96gb+gfx", 1, 95.12, 188],
  ])("of %s: %s x%i has %d GiB and %i multiprocessors", (name, profileName, maxInstances, gib, multiprocessors) => {
    const profile = model(name).profiles.find((candidate) => candidate.name === profileName);
    expect(profile).toMatchObject({ maxInstances, multiprocessors });
    const memoryMiB = profile && instanceMemoryMiB(model(name), profile, "550.54.14");
    expect(Math.abs((memoryMiB ?? 0) / 1024 - gib)).toBeLessThanOrEqual(0.006);
  });
});

describe("memory of GPU instances", () => {
  it.each([
    [
      "A100-SXM4-40GB",
      "550.54.14",
      { "1g.5gb": 4864, "1g.10gb": 9856, "2g.10gb": 9856, "3g.20gb": 19968, "4g.20gb": 19968, "7g.40gb": 40192 },
    ],
    [
      "A100-SXM4-40GB",
      "560.35.03",
      { "1g.5gb": 4864, "1g.10gb": 9984, "2g.10gb": 9984, "3g.20gb": 20096, "4g.20gb": 20096, "7g.40gb": 40320 },
    ],
    ["A100-SXM4-40GB", "580.178.04", { "1g.5gb": 4864, "2g.10gb": 9984, "3g.20gb": 20096 }],
    ["A100-SXM4-40GB", "590.48.01", { "1g.5gb": 4864, "2g.10gb": 9984, "3g.20gb": 20096 }],
    ["A100-SXM4-40GB", "470.57.02", { "2g.10gb": 9856 }],
    ["A100-SXM4-80GB", "550.54.14", { "1g.10gb": 9856, "2g.20gb": 19968 }],
    ["A100-SXM4-80GB", "580.95.05", { "1g.10gb": 9728, "1g.10gb+me": 9728, "2g.20gb": 19968 }],
  ])("of %s are those of a capture at the branch of driver %s", (name, driverVersion, expected) => {
    const figures = model(name).profiles.map((profile) => [profile.name, instanceMemoryMiB(model(name), profile, driverVersion)] as const);
    expect(Object.fromEntries(figures)).toMatchObject(expected);
  });

  it("come from captures with a source and a date, from the oldest driver to the newest", () => {
    for (const { memoryCaptures } of GPU_MODELS) {
      const branches = memoryCaptures.map(({ driverVersion }) => (driverVersion === undefined ? 0 : Number(driverVersion.split(".")[0])));
      expect(branches).toEqual([...new Set(branches)].sort((a, b) => a - b));
      for (const { source } of memoryCaptures) expect(source).toMatch(/\d{4}-\d{2}-\d{2}\)$/);
    }
  });

  it("do not come from go-nvml, which is no source but for the placements of the A100", () => {
    const sources = GPU_MODELS.flatMap(({ source, memoryCaptures }) => [source, ...memoryCaptures.map((capture) => capture.source)]);
    expect(sources.filter((source) => source.includes("go-nvml"))).toEqual(
      Array<unknown>(2).fill(expect.stringMatching(/placements also in go-nvml/)),
    );
  });

  it("are refused where no capture shows the size", () => {
    const [profile] = model("H100 80GB").profiles;
    expect(() => profile && instanceMemoryMiB(model("H100 80GB"), { ...profile, memorySlices: 3 }, "580.178.04")).toThrow(
      "no capture of H100 80GB shows an instance with 3 memory slices",
    );
  });
});
