/** The catalogue of EC2 instance types. */
import { findGpuModel } from "./gpu-models";
import { MIG_INSTANCE_ROWS, NO_MIG_FAMILIES, SYSTEM_INSTANCE_ROWS } from "./instance-table";
import type { InstanceRow } from "./instance-table";
import type { GpuModel, InstanceType } from "./types";

/** Where every `usdPerHour` comes from; goes wherever a price is printed. */
export const PRICE_SOURCE = "us-east-1 list price of 2026-07-20";

/**
 * Grace Blackwell: sold in capacity blocks of whole UltraServers only.
 * Source: AWS's P6e-GB200 product page (4 GPUs, 144 vCPUs, 960 GiB, Arm; read 2026-11-23).
 */
const P6E_GB200: InstanceType = {
  name: "p6e-gb200.36xlarge",
  cpuArchitecture: "arm64",
  vcpus: 144,
  memoryMiB: 983040,
  gpus: { type: "mig", model: modelNamed("GB200 186GB"), count: 4 },
  nvmeGB: 22500,
  efaInterfaces: 8,
  usdPerHour: undefined,
  allocatable: { cpuMillis: 143570, memoryMiB: 906779, pods: 198 },
  assumptions: [
    "local NVMe and EFA interfaces",
    "allocatable CPU, memory and pods are computed as Karpenter does, with the pods of the other P6",
  ],
};

/** Every instance type of the catalogue. */
export const INSTANCE_TYPES: readonly InstanceType[] = [
  ...Object.entries(MIG_INSTANCE_ROWS).flatMap(([modelName, rows]) =>
    rows.map((row) => instanceType(row, "x86_64", { type: "mig", model: modelNamed(modelName), count: row[1] })),
  ),
  P6E_GB200,
  ...NO_MIG_FAMILIES.flatMap(({ gpuName, cpuArchitecture, reason, rows }) =>
    rows.map((row) => instanceType(row, cpuArchitecture, { type: "noMig", gpuName, count: row[1], reason })),
  ),
  ...SYSTEM_INSTANCE_ROWS.map((row) => instanceType(row, "x86_64", { type: "none" })),
];

const byName = new Map(INSTANCE_TYPES.map((type) => [type.name, type]));

export function findInstanceType(name: string): InstanceType | undefined {
  return byName.get(name);
}

function instanceType(row: InstanceRow, cpuArchitecture: InstanceType["cpuArchitecture"], gpus: InstanceType["gpus"]): InstanceType {
  const [name, , vcpus, memoryMiB, nvmeGB, efaInterfaces, usdPerHour, cpuMillis, allocatableMemoryMiB, pods] = row;
  const allocatable = { cpuMillis, memoryMiB: allocatableMemoryMiB, pods };
  return { name, cpuArchitecture, vcpus, memoryMiB, gpus, nvmeGB, efaInterfaces, usdPerHour, allocatable, assumptions: [] };
}

function modelNamed(name: string): GpuModel {
  const model = findGpuModel(name);
  if (model === undefined) throw new Error(`no GPU model "${name}" in the catalogue`);
  return model;
}
