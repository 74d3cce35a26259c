/** Hopper GPUs with MIG. */
import { EIGHT_MEMORY_SLICES, profilesOf } from "../placement-tables";
import type { GpuModel } from "../types";

const HOPPER = { architecture: "Hopper", cudaComputeCapability: "9.0.0", computeSlices: 7, memorySlices: 8, multiprocessors: 132 } as const;

const H100_80: GpuModel = {
  ...HOPPER,
  name: "H100 80GB",
  productName: "NVIDIA H100 80GB HBM3",
  pciDeviceIds: ["2330"],
  memoryMiB: 81559,
  profiles: profilesOf(EIGHT_MEMORY_SLICES, [
    // name         id  SM  CE DEC ENC JPG OFA
    ["1g.10gb", 19, 16, 1, 1, 0, 1, 0],
    ["1g.10gb+me", 20, 16, 1, 1, 0, 1, 1],
    ["1g.20gb", 15, 26, 1, 1, 0, 1, 0],
    ["2g.20gb", 14, 32, 2, 2, 0, 2, 0],
    ["3g.40gb", 9, 60, 3, 3, 0, 3, 0],
    ["4g.40gb", 5, 64, 4, 4, 0, 4, 0],
    ["7g.80gb", 0, 132, 8, 7, 0, 7, 1],
  ]),
  memoryCaptures: [
    {
      driverVersion: undefined,
      mebibytes: { 1: 9984, 2: 20096, 4: 40448, 8: 81152 },
      source: "published `nvidia-smi mig -lgip` of an H100 80GB HBM3 (read 2026-11-23)",
    },
  ],
  source: "published `nvidia-smi mig -lgip` and `-lgipp` of an H100 80GB HBM3 (read 2026-11-23)",
  assumptions: [],
  profileFigures: "listed",
};

const H100_NVL: GpuModel = {
  ...HOPPER,
  name: "H100 NVL 94GB",
  productName: "NVIDIA H100 NVL",
  pciDeviceIds: ["2321"],
  memoryMiB: 95830,
  profiles: profilesOf(EIGHT_MEMORY_SLICES, [
    ["1g.12gb", 19, 16, 1, 1, 0, 1, 0],
    ["1g.12gb+me", 20, 16, 1, 1, 0, 1, 1],
    ["1g.24gb", 15, 26, 1, 1, 0, 1, 0],
    ["2g.24gb", 14, 32, 2, 2, 0, 2, 0],
    ["3g.47gb", 9, 60, 3, 3, 0, 3, 0],
    ["4g.47gb", 5, 64, 4, 4, 0, 4, 0],
    ["7g.94gb", 0, 132, 8, 7, 0, 7, 1],
  ]),
  memoryCaptures: [
    {
      driverVersion: undefined,
      mebibytes: { 1: 11008, 2: 22144, 4: 47488, 8: 95360 },
      source: "`nvidia-smi mig -lgip` of an H100 NVL in NVIDIA/mig-parted pull request 101 and others (read 2026-11-23)",
    },
  ],
  source: "published `nvidia-smi mig -lgip` and `-lgipp` of an H100 NVL (read 2026-11-23)",
  assumptions: ["MiB vary with the driver: 1g.12gb is 11008 here, 10880 in other published listings"],
  profileFigures: "listed",
};

const H100_96: GpuModel = {
  ...HOPPER,
  name: "H100 96GB",
  productName: "NVIDIA GH200 480GB",
  pciDeviceIds: ["2342"],
  memoryMiB: 97871,
  profiles: profilesOf(EIGHT_MEMORY_SLICES, [
    ["1g.12gb", 19, 16, 1, 1, 0, 1, 0],
    ["1g.12gb+me", 20, 16, 1, 1, 0, 1, 1],
    ["1g.24gb", 15, 26, 1, 1, 0, 1, 0],
    ["2g.24gb", 14, 32, 2, 2, 0, 2, 0],
    ["3g.48gb", 9, 60, 3, 3, 0, 3, 0],
    ["4g.48gb", 5, 64, 4, 4, 0, 4, 0],
    ["7g.96gb", 0, 132, 8, 7, 0, 7, 1],
  ]),
  memoryCaptures: [
    {
      driverVersion: undefined,
      mebibytes: { 1: 11264, 2: 23552, 4: 47616, 8: 95232 },
      source: "published `nvidia-smi mig -lgip` of a GH200 (read 2026-11-23)",
    },
  ],
  source: "published `nvidia-smi mig -lgip` of a GH200, the H100 with 96 GB (read 2026-11-23)",
  assumptions: ["placements are those of the other H100", "the product name and framebuffer are the GH200's"],
  profileFigures: "listed",
};

const H200: GpuModel = {
  ...HOPPER,
  name: "H200 141GB",
  productName: "NVIDIA H200",
  pciDeviceIds: ["2335"],
  memoryMiB: 143771,
  profiles: profilesOf(EIGHT_MEMORY_SLICES, [
    ["1g.18gb", 19, 16, 1, 1, 0, 1, 0],
    ["1g.18gb+me", 20, 16, 1, 1, 0, 1, 1],
    ["1g.35gb", 15, 26, 1, 1, 0, 1, 0],
    ["2g.35gb", 14, 32, 2, 2, 0, 2, 0],
    ["3g.71gb", 9, 60, 3, 3, 0, 3, 0],
    ["4g.71gb", 5, 64, 4, 4, 0, 4, 0],
    ["7g.141gb", 0, 132, 8, 7, 0, 7, 1],
  ]),
  memoryCaptures: [
    {
      driverVersion: undefined,
      mebibytes: { 1: 16384, 2: 33024, 4: 71168, 8: 143104 },
      source: "`nvidia-smi mig -lgip` of an HGX H200 in NVIDIA/mig-parted issue 120 (read 2026-11-23)",
    },
  ],
  source: "`nvidia-smi mig -lgip` of an HGX H200 in NVIDIA/mig-parted issue 120 (read 2026-11-23)",
  assumptions: ["placements are the H100's", "MiB vary with the driver: 2g.35gb is 33024 here, 33280 in another listing"],
  profileFigures: "listed",
};

/** AWS rents out the H100 80GB and the H200; the others are here because MIG Manager's layouts know them. */
export const HOPPER_MODELS: readonly GpuModel[] = [H100_80, H100_NVL, H100_96, H200];
