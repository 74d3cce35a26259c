/** The figures of the simulated GPUs as C, from the catalogue: nothing of a GPU is typed twice. */
import { publishDevices } from "../../../../src/dra/devices";
import { instanceMemoryMiB } from "../../../../src/hardware/instance-memory";
import { parseProfileName } from "../../../../src/hardware/profile-name";
import type { GpuModel, MigProfile } from "../../../../src/hardware/types";
import { draDriverPublication } from "../../../../src/releases/dra-driver-lines";
import type { Release } from "../../../../src/releases/types";

export interface SimulatedNode {
  readonly model: GpuModel;
  /** Of each GPU, such as `0000:10:1c.0`. */
  readonly pciAddresses: readonly string[];
  readonly driverVersion: string;
  /** `13.0`. */
  readonly cudaDriverVersion: string;
  /** What NVML says of memory addressing: that it does not support the question, or a mode. */
  readonly addressingMode: keyof typeof ADDRESSING_MODES;
}

const ADDRESSING_MODES = { notSupported: -1, None: 0, HMM: 1, ATS: 2 } as const;

/** NVML's numbers of architectures. */
const ARCHITECTURES: Readonly<Record<GpuModel["architecture"], number>> = { Ampere: 7, Hopper: 9, Blackwell: 10 };

/** NVML's numbers of GPU instance profiles, by compute slices and suffix. */
const PROFILE_INDICES: Readonly<Record<string, number>> = {
  "1g": 0,
  "2g": 1,
  "3g": 2,
  "4g": 3,
  "7g": 4,
  "1g+me": 7,
  "2g+me": 8,
  "1g+gfx": 10,
  "2g+gfx": 11,
  "4g+gfx": 12,
  "1g-me": 13,
  "2g-me": 14,
  "1g+me.all": 15,
  "2g+me.all": 16,
};

/** Of one compute slice with the memory of two. */
const DOUBLE_MEMORY_INDEX = 9;

/** A node of some GPUs with a release's versions of NVIDIA's driver, and with the addresses that the model gives its GPUs. */
export function simulatedNode(
  model: GpuModel,
  gpus: number,
  release: Release,
  addressingMode: SimulatedNode["addressingMode"] = "notSupported",
): SimulatedNode {
  const { pciAddress } = draDriverPublication(release.draDriver.line);
  const whole = { name: "whole", model, gpus: Array.from({ length: gpus }, () => ({ type: "whole" }) as const) };
  const pciAddresses = publishDevices(whole, release).map(({ attributes }) => attributes[pciAddress]?.string ?? "");
  const { driverVersion, cudaDriverVersion } = release.gpuAmi;
  return { model, pciAddresses, driverVersion, cudaDriverVersion, addressingMode };
}

/** Whether the simulated NVML has made up a UUID (`devices.c`). */
export function isSimulatedUuid(uuid: string): boolean {
  return /^(GPU|MIG)-[0-9a-f]{8}-0000-4000-8000-[0-9a-f]{12}$/.test(uuid);
}

/** A C file that defines `node` of `simulation.h`. */
export function figuresOf(node: SimulatedNode): string {
  const { model, pciAddresses, driverVersion, cudaDriverVersion, addressingMode } = node;
  const [major = "0", minor = "0"] = model.cudaComputeCapability.split(".");
  const [cudaMajor = 0, cudaMinor = 0] = cudaDriverVersion.split(".").map(Number);
  const fields = {
    product_name: text(model.productName),
    driver_version: text(driverVersion),
    cuda_version: cudaMajor * 1000 + cudaMinor * 10,
    architecture: ARCHITECTURES[model.architecture],
    capability_major: major,
    capability_minor: minor,
    pci_device_id: `0x${model.pciDeviceIds[0] ?? ""}10DE`,
    compute_slices: model.computeSlices,
    memory_slices: model.memorySlices,
    memory_mib: model.memoryMiB,
    gpu_count: pciAddresses.length,
    pci_addresses: list(pciAddresses.map(text)),
    profile_count: model.profiles.length,
    profiles: list(model.profiles.map((profile) => profileOf(profile, node))),
    addressing_mode: ADDRESSING_MODES[addressingMode],
  };
  return `#include "simulation.h"\n\nconst struct node node = ${struct(fields)};\n`;
}

function profileOf(profile: MigProfile, { model, driverVersion }: SimulatedNode): string {
  const { copyEngines, decoders, encoders, jpegEngines, ofaEngines } = profile.engines;
  return struct({
    name: text(profile.name),
    index: indexOf(profile, model),
    id: profile.gpuInstanceProfileId,
    compute_slices: profile.computeSlices,
    memory_slices: profile.memorySlices,
    max_instances: profile.maxInstances,
    multiprocessors: profile.multiprocessors,
    copy_engines: copyEngines,
    decoders,
    encoders,
    jpeg_engines: jpegEngines,
    ofa_engines: ofaEngines,
    memory_mib: instanceMemoryMiB(model, profile, driverVersion),
    start_count: profile.starts.length,
    starts: list(profile.starts),
  });
}

function indexOf(profile: MigProfile, { profiles }: GpuModel): number {
  const smallest = Math.min(...profiles.map(({ memorySlices }) => memorySlices));
  if (profile.computeSlices === 1 && profile.memorySlices > smallest) {
    return DOUBLE_MEMORY_INDEX;
  }
  const parsed = parseProfileName(profile.name);
  const index = parsed.type === "profile" ? PROFILE_INDICES[`${String(parsed.gpuSlices)}g${parsed.attributes}`] : undefined;
  if (index === undefined) {
    throw new Error(`NVML has no profile ${profile.name}`);
  }
  return index;
}

function struct(fields: Readonly<Record<string, string | number>>): string {
  return `{ ${Object.entries(fields)
    .map(([name, value]) => `.${name} = ${String(value)}`)
    .join(", ")} }`;
}

function list(values: readonly (string | number)[]): string {
  return `{ ${values.join(", ")} }`;
}

function text(value: string): string {
  return JSON.stringify(value);
}
