/**
 * EC2 instance types, in full sizes per family.
 * Sources: sizes and what Kubernetes can allocate: the instance type reference of Karpenter's AWS provider v1.14.1 (2026-08-21), which subtracts
 * kubelet's reservations from what EC2 reports; prices: the us-east-1 on-demand price list as generated 2026-07-20.
 */

/** One instance type. MiB and EFA interfaces are integers, NVMe is in GB, the price in USD per hour. */
export type InstanceRow = readonly [
  name: string,
  gpuCount: number,
  vcpus: number,
  memoryMiB: number,
  nvmeGB: number,
  efaInterfaces: number,
  usdPerHour: number | undefined,
  allocatableCpuMillis: number,
  allocatableMemoryMiB: number,
  pods: number,
];

/** Instance types with MIG GPUs, by the name of their GPU model. */
export const MIG_INSTANCE_ROWS: Readonly<Record<string, readonly InstanceRow[]>> = {
  "A100-SXM4-40GB": [["p4d.24xlarge", 8, 96, 1179648, 8000, 4, 21.957642, 95690, 1082712, 737]],
  "A100-SXM4-80GB": [["p4de.24xlarge", 8, 96, 1179648, 8000, 4, 27.44705, 95690, 1082712, 737]],
  "H100 80GB": [
    ["p5.4xlarge", 1, 16, 262144, 3800, 1, 6.88, 15890, 240830, 118],
    ["p5.48xlarge", 8, 192, 2097152, 30400, 32, 55.04, 191450, 1938410, 100],
  ],
  // The p5e is not sold on demand in us-east-1.
  "H200 141GB": [
    ["p5e.48xlarge", 8, 192, 2097152, 30400, 32, undefined, 191450, 1938410, 100],
    ["p5en.48xlarge", 8, 192, 2097152, 30400, 16, 63.296, 191450, 1937332, 198],
  ],
  "B200 180GB": [["p6-b200.48xlarge", 8, 192, 2097152, 30400, 8, 113.9328, 191450, 1937332, 198]],
  "B300 269GB": [["p6-b300.48xlarge", 8, 192, 4194304, 30400, 16, 142.416, 191450, 3877198, 198]],
  "RTX PRO 6000 96GB": [
    ["g7e.2xlarge", 1, 8, 65536, 1900, 0, 3.36312, 7910, 57471, 254],
    ["g7e.4xlarge", 1, 16, 131072, 1900, 0, 3.99816, 15890, 115320, 506],
    ["g7e.8xlarge", 1, 32, 262144, 1900, 1, 5.26824, 31850, 236562, 506],
    ["g7e.12xlarge", 2, 48, 524288, 3800, 1, 8.28608, 47810, 477659, 632],
    ["g7e.24xlarge", 4, 96, 1048576, 7600, 2, 16.57216, 95690, 962625, 632],
    ["g7e.48xlarge", 8, 192, 2097152, 15200, 4, 33.14432, 191450, 1932558, 632],
  ],
};

/** A family of instance types whose GPUs this platform cannot partition. */
export interface NoMigFamily {
  readonly gpuName: string;
  readonly cpuArchitecture: "x86_64" | "arm64";
  readonly reason: string;
  readonly rows: readonly InstanceRow[];
}

/** NVIDIA instance types without MIG. Source of the reasons: MIG user guide, Supported GPUs (read 2026-11-23). */
export const NO_MIG_FAMILIES: readonly NoMigFamily[] = [
  {
    gpuName: "T4",
    cpuArchitecture: "x86_64",
    reason: "the T4 is a Turing GPU; MIG begins with Ampere",
    rows: [
      ["g4dn.xlarge", 1, 4, 16384, 125, 0, 0.526, 3920, 14481, 29],
      ["g4dn.2xlarge", 1, 8, 32768, 225, 0, 0.752, 7910, 29636, 29],
      ["g4dn.4xlarge", 1, 16, 65536, 225, 0, 1.204, 15890, 59946, 29],
      ["g4dn.8xlarge", 1, 32, 131072, 900, 1, 2.176, 31850, 120248, 58],
      ["g4dn.12xlarge", 4, 48, 196608, 900, 1, 3.912, 47810, 178933, 234],
      ["g4dn.16xlarge", 1, 64, 262144, 900, 1, 4.352, 63770, 241490, 58],
      ["g4dn.metal", 8, 96, 393216, 1800, 1, 7.824, 95690, 355262, 737],
    ],
  },
  {
    gpuName: "T4G",
    cpuArchitecture: "arm64",
    reason: "the T4G is a Turing GPU; MIG begins with Ampere",
    rows: [
      ["g5g.xlarge", 1, 4, 8192, 0, 0, 0.42, 3920, 6525, 58],
      ["g5g.2xlarge", 1, 8, 16384, 0, 0, 0.556, 7910, 14103, 58],
      ["g5g.4xlarge", 1, 16, 32768, 0, 0, 0.828, 15890, 27322, 234],
      ["g5g.8xlarge", 1, 32, 65536, 0, 0, 1.372, 31850, 57632, 234],
      ["g5g.16xlarge", 2, 64, 131072, 0, 0, 2.744, 63770, 112720, 737],
      ["g5g.metal", 2, 64, 131072, 0, 0, 2.744, 63770, 112720, 737],
    ],
  },
  {
    gpuName: "A10G",
    cpuArchitecture: "x86_64",
    reason: "the A10G is an Ampere GPU, but of Ampere only A100 and A30 (the GA100 chip) have MIG",
    rows: [
      ["g5.xlarge", 1, 4, 16384, 250, 0, 1.006, 3920, 14162, 58],
      ["g5.2xlarge", 1, 8, 32768, 450, 0, 1.212, 7910, 29317, 58],
      ["g5.4xlarge", 1, 16, 65536, 600, 0, 1.624, 15890, 57691, 234],
      ["g5.8xlarge", 1, 32, 131072, 900, 1, 2.448, 31850, 118312, 234],
      ["g5.12xlarge", 4, 48, 196608, 3800, 1, 5.672, 47810, 173400, 737],
      ["g5.16xlarge", 1, 64, 262144, 1900, 1, 4.096, 63770, 239554, 234],
      ["g5.24xlarge", 4, 96, 393216, 3800, 1, 8.144, 95690, 355262, 737],
      ["g5.48xlarge", 8, 192, 786432, 7600, 1, 16.288, 191450, 723299, 345],
    ],
  },
  {
    gpuName: "L4",
    cpuArchitecture: "x86_64",
    reason: "the L4 is an Ada Lovelace GPU; that architecture has no MIG",
    rows: [
      ["g6.xlarge", 1, 4, 16384, 250, 0, 0.8048, 3920, 14162, 58],
      ["g6.2xlarge", 1, 8, 32768, 450, 0, 0.9776, 7910, 29317, 58],
      ["g6.4xlarge", 1, 16, 65536, 600, 0, 1.3232, 15890, 57691, 234],
      ["g6.8xlarge", 1, 32, 131072, 900, 1, 2.0144, 31850, 118312, 234],
      ["g6.12xlarge", 4, 48, 196608, 3760, 1, 4.6016, 47810, 178933, 234],
      ["g6.16xlarge", 1, 64, 262144, 1880, 1, 3.3968, 63770, 234021, 737],
      ["g6.24xlarge", 4, 96, 393216, 3760, 1, 6.6752, 95690, 355262, 737],
      ["g6.48xlarge", 8, 192, 786432, 7520, 1, 13.3504, 191450, 718987, 737],
      ["gr6.4xlarge", 1, 16, 131072, 600, 0, 1.5392, 15890, 118312, 234],
      ["gr6.8xlarge", 1, 32, 262144, 900, 1, 2.4464, 31850, 239554, 234],
    ],
  },
  {
    gpuName: "L40S",
    cpuArchitecture: "x86_64",
    reason: "the L40S is an Ada Lovelace GPU; that architecture has no MIG",
    rows: [
      ["g6e.xlarge", 1, 4, 32768, 250, 0, 1.861, 3920, 29317, 58],
      ["g6e.2xlarge", 1, 8, 65536, 450, 0, 2.24208, 7910, 59627, 58],
      ["g6e.4xlarge", 1, 16, 131072, 600, 0, 3.00424, 15890, 118312, 234],
      ["g6e.8xlarge", 1, 32, 262144, 900, 1, 4.52856, 31850, 239554, 234],
      ["g6e.12xlarge", 4, 48, 393216, 3800, 1, 10.49264, 47810, 360157, 292],
      ["g6e.16xlarge", 1, 64, 524288, 1900, 1, 7.57719, 63770, 476504, 737],
      ["g6e.24xlarge", 4, 96, 786432, 3800, 2, 15.06559, 95690, 721682, 492],
      ["g6e.48xlarge", 8, 192, 1572864, 7600, 4, 30.13118, 191450, 1449132, 492],
    ],
  },
  {
    gpuName: "RTX PRO 4500",
    cpuArchitecture: "x86_64",
    reason: "the RTX PRO 4500 Blackwell has MIG, but neither MIG Manager's layouts nor NVIDIA's published placements cover it",
    rows: [
      ["g7.2xlarge", 1, 8, 32768, 440, 0, 2.52, 7910, 27161, 254],
      ["g7.4xlarge", 1, 16, 65536, 875, 0, 3.04208, 15890, 54699, 506],
      ["g7.8xlarge", 1, 32, 131072, 930, 1, 4.08624, 31850, 113934, 632],
      ["g7.12xlarge", 2, 48, 196608, 1900, 1, 7.12832, 47810, 173169, 758],
      ["g7.24xlarge", 4, 96, 393216, 3800, 1, 14.25664, 95690, 346715, 1514],
      ["g7.48xlarge", 8, 192, 786432, 7600, 2, 28.51328, 191450, 718756, 758],
    ],
  },
];

/** Instance types without GPUs, for system pools. */
export const SYSTEM_INSTANCE_ROWS: readonly InstanceRow[] = [
  ["m5.large", 0, 2, 8192, 0, 0, 0.096, 1930, 6903, 29],
  ["m5.xlarge", 0, 4, 16384, 0, 0, 0.192, 3920, 14162, 58],
  ["m5.2xlarge", 0, 8, 32768, 0, 0, 0.384, 7910, 29317, 58],
  ["m5.4xlarge", 0, 16, 65536, 0, 0, 0.768, 15890, 57691, 234],
  ["m6a.large", 0, 2, 8192, 0, 0, 0.0864, 1930, 6903, 29],
  ["m6a.xlarge", 0, 4, 16384, 0, 0, 0.1728, 3920, 14162, 58],
  ["m6a.2xlarge", 0, 8, 32768, 0, 0, 0.3456, 7910, 29317, 58],
  ["m6a.4xlarge", 0, 16, 65536, 0, 0, 0.6912, 15890, 57691, 234],
  ["m6i.large", 0, 2, 8192, 0, 0, 0.096, 1930, 6903, 29],
  ["m6i.xlarge", 0, 4, 16384, 0, 0, 0.192, 3920, 14162, 58],
  ["m6i.2xlarge", 0, 8, 32768, 0, 0, 0.384, 7910, 29317, 58],
  ["m6i.4xlarge", 0, 16, 65536, 0, 0, 0.768, 15890, 57691, 234],
  ["m7a.large", 0, 2, 8192, 0, 0, 0.11592, 1930, 6903, 29],
  ["m7a.xlarge", 0, 4, 16384, 0, 0, 0.23184, 3920, 14162, 58],
  ["m7a.2xlarge", 0, 8, 32768, 0, 0, 0.46368, 7910, 29317, 58],
  ["m7a.4xlarge", 0, 16, 65536, 0, 0, 0.92736, 15890, 57691, 234],
  ["m7i.large", 0, 2, 8192, 0, 0, 0.1008, 1930, 6903, 29],
  ["m7i.xlarge", 0, 4, 16384, 0, 0, 0.2016, 3920, 14162, 58],
  ["m7i.2xlarge", 0, 8, 32768, 0, 0, 0.4032, 7910, 29317, 58],
  ["m7i.4xlarge", 0, 16, 65536, 0, 0, 0.8064, 15890, 57691, 234],
  ["t3.large", 0, 2, 8192, 0, 0, 0.0832, 1930, 6837, 35],
  ["t3.xlarge", 0, 4, 16384, 0, 0, 0.1664, 3920, 14162, 58],
  ["t3.2xlarge", 0, 8, 32768, 0, 0, 0.3328, 7910, 29317, 58],
];
