/** Blackwell GPUs with MIG. */
import { EIGHT_MEMORY_SLICES, TWELVE_MEMORY_SLICES, profilesOf } from "../placement-tables";
import type { GpuModel } from "../types";

const B200: GpuModel = {
  name: "B200 180GB",
  productName: "NVIDIA B200",
  architecture: "Blackwell",
  cudaComputeCapability: "10.0.0",
  pciDeviceIds: ["2901"],
  computeSlices: 7,
  memorySlices: 8,
  memoryMiB: 183359,
  multiprocessors: 148,
  profiles: profilesOf(EIGHT_MEMORY_SLICES, [
    // name         id  SM  CE DEC ENC JPG OFA
    ["1g.23gb", 19, 18, 2, 1, 0, 1, 0],
    ["1g.23gb+me", 20, 18, 2, 1, 0, 1, 1],
    ["1g.45gb", 15, 30, 2, 1, 0, 1, 0],
    ["2g.45gb", 14, 36, 4, 2, 0, 2, 0],
    ["3g.90gb", 9, 70, 6, 3, 0, 3, 0],
    ["4g.90gb", 5, 72, 8, 4, 0, 4, 0],
    ["7g.180gb", 0, 148, 16, 7, 0, 7, 1],
  ]),
  memoryCaptures: [
    {
      driverVersion: undefined,
      mebibytes: { 1: 22528, 2: 45312, 4: 91136, 8: 182784 },
      source:
        "1g and 2g: `nvidia-smi mig -lgip` of a B200 in NVIDIA/mig-parted pull request 166; the others follow the H100 (read 2026-11-23)",
    },
  ],
  source:
    "1g and 2g: `nvidia-smi mig -lgip` of a B200 in NVIDIA/mig-parted pull request 166; copy engines: MIG user guide, B200 MIG Profiles (read 2026-11-23)",
  assumptions: [
    "placements are the H100's",
    "MiB, multiprocessors, decoders and JPEG engines of 3g, 4g and 7g follow the pattern of the H100",
    "MiB vary with the driver: 1g.23gb is 22528 here, 20992 in another listing",
  ],
  profileFigures: "assumed",
};

const B300: GpuModel = {
  name: "B300 269GB",
  productName: "NVIDIA B300 SXM6 AC",
  architecture: "Blackwell",
  cudaComputeCapability: "10.3.0",
  pciDeviceIds: ["3182"],
  computeSlices: 7,
  memorySlices: 8,
  memoryMiB: 275040,
  multiprocessors: 148,
  profiles: profilesOf(EIGHT_MEMORY_SLICES, [
    ["1g.34gb", 19, 18, 2, 1, 0, 1, 0],
    ["1g.34gb+me", 20, 18, 2, 1, 0, 1, 1],
    ["1g.67gb", 15, 30, 2, 1, 0, 1, 0],
    ["2g.67gb", 14, 36, 4, 2, 0, 2, 0],
    ["3g.135gb", 9, 70, 6, 3, 0, 3, 0],
    ["4g.135gb", 5, 72, 8, 4, 0, 4, 0],
    ["7g.269gb", 0, 148, 16, 7, 0, 7, 1],
  ]),
  memoryCaptures: [
    {
      driverVersion: undefined,
      mebibytes: { 1: 33984, 2: 68224, 4: 136960, 8: 274432 },
      source: "the B200's, scaled to the framebuffer (2026-11-23)",
    },
  ],
  source:
    "profile names: release notes of NVIDIA GPU Operator 25.10.0 and its MIG Manager configuration; framebuffer: EC2 (read 2026-11-23)",
  assumptions: [
    "placements are the H100's",
    "MiB, multiprocessors and engines of every profile are the B200's, MiB scaled to the framebuffer",
  ],
  profileFigures: "assumed",
};

const GB200: GpuModel = {
  name: "GB200 186GB",
  productName: "NVIDIA GB200",
  architecture: "Blackwell",
  cudaComputeCapability: "10.0.0",
  pciDeviceIds: ["2941"],
  computeSlices: 7,
  memorySlices: 8,
  memoryMiB: 189471,
  multiprocessors: 152,
  profiles: profilesOf(EIGHT_MEMORY_SLICES, [
    ["1g.23gb", 19, 18, 2, 1, 0, 1, 0],
    ["1g.23gb+me", 20, 18, 2, 1, 0, 1, 1],
    ["1g.47gb", 15, 32, 2, 1, 0, 1, 0],
    ["2g.47gb", 14, 38, 4, 2, 0, 2, 0],
    ["3g.93gb", 9, 74, 6, 3, 0, 3, 0],
    ["4g.93gb", 5, 76, 8, 4, 0, 4, 0],
    ["7g.186gb", 0, 152, 16, 7, 0, 7, 1],
  ]),
  memoryCaptures: [
    {
      driverVersion: undefined,
      mebibytes: { 1: 22528, 2: 46592, 4: 93696, 8: 188928 },
      source: "1g and 2g: `nvidia-smi mig -lgip` of a GB200 in NVIDIA/mig-parted issue 227; the others follow the H100 (read 2026-11-23)",
    },
  ],
  source: "1g and 2g: `nvidia-smi mig -lgip` of a GB200 in NVIDIA/mig-parted issue 227 (read 2026-11-23)",
  assumptions: [
    "placements are the H100's",
    "framebuffer, and MiB, multiprocessors and engines of 3g, 4g and 7g, follow the pattern of B200 and H100",
    "GB200 boards with more memory report 3g.95gb, 4g.95gb and 7g.189gb instead",
  ],
  profileFigures: "assumed",
};

const RTX_PRO_6000: GpuModel = {
  name: "RTX PRO 6000 96GB",
  productName: "NVIDIA RTX PRO 6000 Blackwell Server Edition",
  architecture: "Blackwell",
  cudaComputeCapability: "12.0.0",
  pciDeviceIds: ["2BB5"],
  computeSlices: 4,
  memorySlices: 12,
  memoryMiB: 97887,
  multiprocessors: 188,
  profiles: profilesOf(TWELVE_MEMORY_SLICES, [
    ["1g.24gb", 14, 46, 1, 1, 1, 1, 0],
    ["1g.24gb+me", 21, 46, 1, 1, 1, 1, 1],
    ["1g.24gb+gfx", 47, 46, 1, 1, 1, 1, 0],
    ["1g.24gb+me.all", 65, 46, 1, 4, 4, 4, 1],
    ["1g.24gb-me", 67, 46, 1, 0, 0, 0, 0],
    ["2g.48gb", 5, 94, 2, 2, 2, 2, 0],
    ["2g.48gb+gfx", 35, 94, 2, 2, 2, 2, 0],
    ["2g.48gb+me.all", 64, 94, 2, 4, 4, 4, 1],
    ["2g.48gb-me", 66, 94, 2, 0, 0, 0, 0],
    ["4g.96gb", 0, 188, 4, 4, 4, 4, 1],
    ["4g.96gb+gfx", 32, 188, 4, 4, 4, 4, 1],
  ]),
  memoryCaptures: [
    {
      driverVersion: undefined,
      mebibytes: { 3: 24192, 6: 48512, 12: 97408 },
      source: "published `nvidia-smi mig -lgip` of an RTX PRO 6000 Blackwell Server Edition (read 2026-11-23)",
    },
  ],
  source:
    "published `nvidia-smi mig -lgip` and `-lgipp` of an RTX PRO 6000 Blackwell Server Edition; MIG user guide, RTX PRO 6000 Blackwell MIG Profiles (read 2026-11-23)",
  assumptions: [
    "which mixes of suffixes go together is derived from the engine counts; only unmixed ones are published",
    "MiB vary with the driver: 1g.24gb is 24192 here, 23680 in another listing",
  ],
  profileFigures: "listed",
};

/** AWS rents out all four: p6-b200, p6-b300, p6e-gb200, g7e. */
export const BLACKWELL_MODELS: readonly GpuModel[] = [B200, B300, GB200, RTX_PRO_6000];
