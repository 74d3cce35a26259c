/**
 * The vocabulary of MIG hardware: models, profiles, placements, layouts, instance types.
 * Terms are NVIDIA's (MIG user guide) and AWS's.
 */

/** The engines of a GPU or of one of its GPU instances, as NVML counts them. */
export interface Engines {
  readonly copyEngines: number;
  readonly decoders: number;
  readonly encoders: number;
  readonly jpegEngines: number;
  readonly ofaEngines: number;
}

/** One GPU-instance profile of one GPU model. */
export interface MigProfile {
  /** NVIDIA's name, as the driver reports it: `3g.20gb`, `1g.5gb+me`. */
  readonly name: string;
  /** `nvidia-smi mig -lgip` ID (19, 14, 9, ...), part of the device names the DRA driver publishes. */
  readonly gpuInstanceProfileId: number;
  readonly computeSlices: number;
  /** Contiguous memory slices that an instance occupies from its start. */
  readonly memorySlices: number;
  /** Memory slices at which an instance may start. */
  readonly starts: readonly number[];
  /** How many instances of this profile one GPU can hold. */
  readonly maxInstances: number;
  readonly multiprocessors: number;
  readonly engines: Engines;
}

/**
 * How much memory the GPU instances of a model have, as one capture of it shows. The branch of NVIDIA's driver decides: it keeps a part for itself.
 * On every model that was captured, instances with the same number of memory slices have the same memory.
 */
export interface MemoryCapture {
  /** Version of NVIDIA's driver; undefined where the capture does not show it. */
  readonly driverVersion: string | undefined;
  /** MiB by number of memory slices, of the sizes that the capture shows. */
  readonly mebibytes: Readonly<Record<number, number>>;
  /** Where the capture is published, or what the figures follow, and the day on which it was read. */
  readonly source: string;
}

/** A GPU model that supports MIG. */
export interface GpuModel {
  /** Short name, unique in the catalogue: `A100-SXM4-40GB`. */
  readonly name: string;
  /** As NVML and the DRA driver's `productName` attribute report it: `NVIDIA A100-SXM4-40GB`. */
  readonly productName: string;
  readonly architecture: "Ampere" | "Hopper" | "Blackwell";
  /** CUDA compute capability as a semantic version, `8.0.0`. */
  readonly cudaComputeCapability: string;
  /** PCI device ids without the vendor, upper case: `20B0`. */
  readonly pciDeviceIds: readonly string[];
  readonly computeSlices: number;
  readonly memorySlices: number;
  /** Framebuffer of the whole GPU. */
  readonly memoryMiB: number;
  readonly multiprocessors: number;
  readonly profiles: readonly MigProfile[];
  /** Memory of the GPU instances: captures from the oldest driver to the newest, those without a driver's version first. Each size of instance is in one of them. */
  readonly memoryCaptures: readonly MemoryCapture[];
  /** Where the other figures come from, with a date. */
  readonly source: string;
  /** What in this entry is assumed rather than sourced; printed with every answer built on it. */
  readonly assumptions: readonly string[];
  /** Whether the multiprocessors and engines of every profile are from a listing. Where some are assumed, a real GPU can have others. */
  readonly profileFigures: "listed" | "assumed";
}

/** One GPU instance at its place on a GPU. It covers memory slices `start` to `start + profile.memorySlices - 1`. */
export interface Placement {
  readonly profile: MigProfile;
  readonly start: number;
}

/** What one physical GPU is divided into. */
export type GpuLayout = { readonly type: "whole" } | { readonly type: "mig"; readonly placements: readonly Placement[] };

/** What every GPU of a node is divided into, in the order of their indices. */
export interface NodeLayout {
  /** The value of the node label `nvidia.com/mig.config`. */
  readonly name: string;
  readonly model: GpuModel;
  readonly gpus: readonly GpuLayout[];
}

/** An EC2 instance type. */
export interface InstanceType {
  readonly name: string;
  /** Decides the AMI. */
  readonly cpuArchitecture: "x86_64" | "arm64";
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly gpus:
    | { readonly type: "none" }
    | { readonly type: "mig"; readonly model: GpuModel; readonly count: number }
    /** NVIDIA GPUs that cannot be partitioned, with the reason. */
    | { readonly type: "noMig"; readonly gpuName: string; readonly count: number; readonly reason: string };
  /** Local NVMe, 0 without. */
  readonly nvmeGB: number;
  readonly efaInterfaces: number;
  /** us-east-1 on-demand list price; undefined where it is not sold on demand. */
  readonly usdPerHour: number | undefined;
  /** What Kubernetes can give to pods on such a node. */
  readonly allocatable: { readonly cpuMillis: number; readonly memoryMiB: number; readonly pods: number };
  /** What in this entry is assumed rather than sourced. */
  readonly assumptions: readonly string[];
}
