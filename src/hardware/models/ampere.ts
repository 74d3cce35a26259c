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
    // name         id  SM  CE DEC ENC JPG OFA
    ["1g.5gb", 19, 14, 1, 0, 0, 0, 0],
    ["1g.5gb+me", 20, 14, 1, 1, 0, 1, 1],
    ["1g.10gb", 15, 14, 1, 1, 0, 0, 0],
    ["2g.10gb", 14, 28, 2, 1, 0, 0, 0],
    ["3g.20gb", 9, 42, 3, 2, 0, 0, 0],
    ["4g.20gb", 5, 56, 4, 2, 0, 0, 0],
    ["7g.40gb", 0, 98, 7, 5, 0, 1, 1],
  ]),
  memoryCaptures: [
    {
      driverVersion: "550.54.14",
      mebibytes: { 1: 4864, 2: 9856, 4: 19968, 8: 40192 },
      source:
        "`nvidia-smi` on an A100-PCIE-40GB: 1g, 2g and 3g; the figure of 7g.40gb is the one that was published beside them (read 2026-11-27)",
    },
    {
      driverVersion: "560.35.03",
      mebibytes: { 1: 4864, 2: 9984, 4: 20096, 8: 40320 },
      source:
        "a dump of NVML on a DGX A100 in kubernetes-sigs/wg-device-management: all profiles; the same at 580.105.08 (3g) and 590.48.01 (1g, 2g, 3g) (read 2026-11-27)",
    },
  ],
  source: "MIG user guide, A100 MIG Profiles; published `nvidia-smi mig -lgip` and `-lgipp`; placements also in go-nvml (read 2026-11-23)",
  assumptions: [],
  profileFigures: "listed",
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
    ["1g.10gb", 19, 14, 1, 0, 0, 0, 0],
    ["1g.10gb+me", 20, 14, 1, 1, 0, 1, 1],
    ["1g.20gb", 15, 14, 1, 1, 0, 0, 0],
    ["2g.20gb", 14, 28, 2, 1, 0, 0, 0],
    ["3g.40gb", 9, 42, 3, 2, 0, 0, 0],
    ["4g.40gb", 5, 56, 4, 2, 0, 0, 0],
    ["7g.80gb", 0, 98, 7, 5, 0, 1, 1],
  ]),
  memoryCaptures: [
    {
      driverVersion: undefined,
      mebibytes: { 1: 9856, 2: 19968, 4: 40192, 8: 80384 },
      source: "MIG user guide, A100 MIG Profiles; published `nvidia-smi mig -lgip` (read 2026-11-23)",
    },
    {
      driverVersion: "560.35.03",
      mebibytes: { 1: 9728 },
      source:
        "`nvidia-smi` on an A100 80GB PCIe; the same at 580.95.05 in kubernetes-sigs/dra-driver-nvidia-gpu issue 719 (read 2026-11-27)",
    },
  ],
  source: "MIG user guide, A100 MIG Profiles; published `nvidia-smi mig -lgip` and `-lgipp`; placements also in go-nvml (read 2026-11-23)",
  assumptions: [
    "the 9728 MiB of 1g.10gb with drivers from 560 on were captured on the PCIe board",
    "the MiB of the larger slices come from listings that do not show their driver",
  ],
  profileFigures: "listed",
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
    ["1g.6gb", 14, 14, 1, 1, 0, 0, 0],
    ["1g.6gb+me", 21, 14, 1, 1, 0, 1, 1],
    ["2g.12gb", 5, 28, 2, 2, 0, 0, 0],
    ["2g.12gb+me", 6, 28, 2, 2, 0, 1, 1],
    ["4g.24gb", 0, 56, 4, 4, 0, 1, 1],
  ]),
  memoryCaptures: [
    {
      driverVersion: "535.183.01",
      mebibytes: { 1: 5952, 2: 11968, 4: 24000 },
      source: "`nvidia-smi mig -lgip` on an A30 of 2024-11-21 (read 2026-11-23)",
    },
  ],
  source: "`nvidia-smi mig -lgip` and `-lgipp` on an A30, driver 535.183.01 of 2024-11-21 (read 2026-11-23)",
  assumptions: [],
  profileFigures: "listed",
};

/** AWS rents out the two A100; the A30 is here because MIG Manager's layouts know it. */
export const AMPERE_MODELS: readonly GpuModel[] = [A100_40, A100_80, A30];
