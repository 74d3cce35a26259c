import { INSTANCE_TYPES, PRICE_SOURCE, findInstanceType } from "../../src/hardware/instance-types";

describe("instance types", () => {
  // Name, GPU model, GPUs, vCPUs, GiB, NVMe GB, EFA interfaces, pods, USD per hour in us-east-1.
  it.each([
    ["p4d.24xlarge", "A100-SXM4-40GB", 8, 96, 1152, 8000, 4, 737, 21.957642],
    ["p4de.24xlarge", "A100-SXM4-80GB", 8, 96, 1152, 8000, 4, 737, 27.44705],
    ["p5.48xlarge", "H100 80GB", 8, 192, 2048, 30400, 32, 100, 55.04],
    ["p5.4xlarge", "H100 80GB", 1, 16, 256, 3800, 1, 118, 6.88],
    ["p5e.48xlarge", "H200 141GB", 8, 192, 2048, 30400, 32, 100, undefined],
    ["p5en.48xlarge", "H200 141GB", 8, 192, 2048, 30400, 16, 198, 63.296],
    ["p6-b200.48xlarge", "B200 180GB", 8, 192, 2048, 30400, 8, 198, 113.9328],
    ["p6-b300.48xlarge", "B300 269GB", 8, 192, 4096, 30400, 16, 198, 142.416],
    ["p6e-gb200.36xlarge", "GB200 186GB", 4, 144, 960, 22500, 8, 198, undefined],
    ["g7e.2xlarge", "RTX PRO 6000 96GB", 1, 8, 64, 1900, 0, 254, 3.36312],
    ["g7e.4xlarge", "RTX PRO 6000 96GB", 1, 16, 128, 1900, 0, 506, 3.99816],
    ["g7e.8xlarge", "RTX PRO 6000 96GB", 1, 32, 256, 1900, 1, 506, 5.26824],
    ["g7e.12xlarge", "RTX PRO 6000 96GB", 2, 48, 512, 3800, 1, 632, 8.28608],
    ["g7e.24xlarge", "RTX PRO 6000 96GB", 4, 96, 1024, 7600, 2, 632, 16.57216],
    ["g7e.48xlarge", "RTX PRO 6000 96GB", 8, 192, 2048, 15200, 4, 632, 33.14432],
  ])("%s has MIG GPUs: %s x%i", (name, model, count, vcpus, gib, nvmeGB, efaInterfaces, pods, usdPerHour) => {
    expect(findInstanceType(name)).toMatchObject({
      gpus: { type: "mig", model: { name: model }, count },
      vcpus,
      memoryMiB: gib * 1024,
      nvmeGB,
      efaInterfaces,
      usdPerHour,
      allocatable: { pods },
    });
  });

  it("are all of them that have MIG GPUs", () => {
    expect(INSTANCE_TYPES.filter(({ gpus }) => gpus.type === "mig")).toHaveLength(15);
  });

  it.each([
    ["g4dn.xlarge", "T4", 1, "Turing"],
    ["g4dn.12xlarge", "T4", 4, "Turing"],
    ["g4dn.metal", "T4", 8, "Turing"],
    ["g5.xlarge", "A10G", 1, "only A100 and A30"],
    ["g5.48xlarge", "A10G", 8, "only A100 and A30"],
    ["g6.xlarge", "L4", 1, "Ada Lovelace"],
    ["g6.48xlarge", "L4", 8, "Ada Lovelace"],
    ["g6e.xlarge", "L40S", 1, "Ada Lovelace"],
    ["g6e.24xlarge", "L40S", 4, "Ada Lovelace"],
    ["g5g.xlarge", "T4G", 1, "Turing"],
    ["g7.12xlarge", "RTX PRO 4500", 2, "neither"],
  ])("%s is refused: its %s x%i is or has %s", (name, gpuName, count, reason) => {
    expect(findInstanceType(name)?.gpus).toEqual({ type: "noMig", gpuName, count, reason: expect.stringContaining(reason) });
  });

  it.each([
    ["g4dn", ["xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "metal"]],
    ["g5", ["xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "48xlarge"]],
    ["g6", ["xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "48xlarge"]],
    ["g6e", ["xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "48xlarge"]],
  ])("of family %s are there in every size", (family, sizes) => {
    const found = INSTANCE_TYPES.map(({ name }) => name.split(".")).filter(([of]) => of === family);
    expect(found.map(([, size]) => size)).toEqual(sizes);
  });

  it.each([
    ["m6i.large", 2, 8, 1930, 6903, 29, 0.096],
    ["m7i.large", 2, 8, 1930, 6903, 29, 0.1008],
    ["m6i.xlarge", 4, 16, 3920, 14162, 58, 0.192],
  ])("%s is for system pools", (name, vcpus, gib, cpuMillis, memoryMiB, pods, usdPerHour) => {
    expect(findInstanceType(name)).toMatchObject({
      gpus: { type: "none" },
      vcpus,
      memoryMiB: gib * 1024,
      usdPerHour,
      allocatable: { cpuMillis, memoryMiB, pods },
    });
  });

  it("give pods less than the machine has", () => {
    for (const { vcpus, memoryMiB, allocatable } of INSTANCE_TYPES) {
      expect(allocatable.cpuMillis).toBeLessThan(vcpus * 1000);
      expect(allocatable.memoryMiB).toBeLessThan(memoryMiB);
      expect(allocatable.pods).toBeGreaterThan(0);
    }
  });

  it("have names of their own", () => {
    expect(new Set(INSTANCE_TYPES.map(({ name }) => name)).size).toBe(INSTANCE_TYPES.length);
  });

  it("on Arm are marked, because they need another AMI", () => {
    const arm = INSTANCE_TYPES.filter(({ cpuArchitecture }) => cpuArchitecture === "arm64").map(({ name }) => name.split(".")[0]);
    expect([...new Set(arm)]).toEqual(["p6e-gb200", "g5g"]);
  });

  it("have prices of one list and date", () => {
    expect(PRICE_SOURCE).toBe("us-east-1 list price of 2026-07-20");
  });
});
