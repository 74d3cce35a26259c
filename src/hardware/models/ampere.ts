/** Ampere GPUs with MIG. */
import { EIGHT_MEMORY_SLICES, FOUR_MEMORY_SLICES, profilesOf } from "../placement-tables";
import type { GpuModel } from "../types";

const A100_40: GpuModel = {
  name: "A100-SXM4-40GB",
  productName: "NVIDIA A100-SXM4-40GB",
  architecture: "Ampere",
  cudaComputeCapability: "8.0.0",
  pciDeviceIds: ["20B0"],
  computeSlices: 7,
  memorySlices: 8,
  memoryMiB: 40960,
  multiprocessors: 108,
  profiles: profilesOf(EIGHT_MEMORY_SLICES, [
    // name         id    MiB  SM  CE DEC ENC JPG OFA
    ["1g.5gb", 19, 4864, 14, 1, 0, 0, 0, 0],
    ["1g.5gb+me", 20, 4864, 14, 1, 1, 0, 1, 1],
    ["1g.10gb", 15, 9856, 14, 1, 1, 0, 0, 0],
    ["2g.10gb", 14, 9856, 28, 2, 1, 0, 0, 0],
    ["3g.20gb", 9, 19968, 42, 3, 2, 0, 0, 0],
    ["4g.20gb", 5, 19968, 56, 4, 2, 0, 0, 0],
    ["7g.40gb", 0, 40192, 98, 7, 5, 0, 1, 1],
  ]),
  source: "go-nvml's A100 tables; MIG user guide, A100 MIG Profiles; published `nvidia-smi mig -lgip` and `-lgipp` (read 2026-11-23)",
  assumptions: [],
};

const A100_80: GpuModel = {
  name: "A100-SXM4-80GB",
  productName: "NVIDIA A100-SXM4-80GB",
  architecture: "Ampere",
  cudaComputeCapability: "8.0.0",
  pciDeviceIds: ["20B2"],
  computeSlices: 7,
  memorySlices: 8,
  memoryMiB: 81920,
  multiprocessors: 108,
  profiles: profilesOf(EIGHT_MEMORY_SLICES, [
    ["1g.10gb", 19, 9856, 14, 1, 0, 0, 0, 0],
    ["1g.10gb+me", 20, 9856, 14, 1, 1, 0, 1, 1],
    ["1g.20gb", 15, 19968, 14, 1, 1, 0, 0, 0],
    ["2g.20gb", 14, 19968, 28, 2, 1, 0, 0, 0],
    ["3g.40gb", 9, 40192, 42, 3, 2, 0, 0, 0],
    ["4g.40gb", 5, 40192, 56, 4, 2, 0, 0, 0],
    ["7g.80gb", 0, 80384, 98, 7, 5, 0, 1, 1],
  ]),
  source: "go-nvml's A100 tables; MIG user guide, A100 MIG Profiles; published `nvidia-smi mig -lgip` and `-lgipp` (read 2026-11-23)",
  assumptions: ["the MiB of 1g.10gb vary with the driver: 9856 here, 9728 in one published listing"],
};

const A30: GpuModel = {
  name: "A30 24GB",
  productName: "NVIDIA A30",
  architecture: "Ampere",
  cudaComputeCapability: "8.0.0",
  pciDeviceIds: ["20B7"],
  computeSlices: 4,
  memorySlices: 4,
  memoryMiB: 24576,
  multiprocessors: 56,
  profiles: profilesOf(FOUR_MEMORY_SLICES, [
    ["1g.6gb", 14, 5952, 14, 1, 1, 0, 0, 0],
    ["1g.6gb+me", 21, 5952, 14, 1, 1, 0, 1, 1],
    ["2g.12gb", 5, 11968, 28, 2, 2, 0, 0, 0],
    ["2g.12gb+me", 6, 11968, 28, 2, 2, 0, 1, 1],
    ["4g.24gb", 0, 24000, 56, 4, 4, 0, 1, 1],
  ]),
  source: "`nvidia-smi mig -lgip` and `-lgipp` on an A30, driver 535.183.01 of 2024-11-21 (read 2026-11-23)",
  assumptions: [],
};

/** AWS rents out the two A100; the A30 is here because MIG Manager's layouts know it. */
export const AMPERE_MODELS: readonly GpuModel[] = [A100_40, A100_80, A30];
