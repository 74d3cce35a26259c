import { GPU_MODELS } from "../hardware/gpu-models";
import { instanceMemoryMiB } from "../hardware/instance-memory";
import type { Engines, GpuModel, MigProfile, NodeLayout, Placement } from "../hardware/types";
import { PCIE_ROOT, draDriverPublication } from "../releases/dra-driver-lines";
import type { DraDriverLine } from "../releases/dra-driver-lines";
import type { GpuSoftware, Release } from "../releases/types";
import { DRIVER } from "../well-known/attributes";
import type { Device, DeviceAttribute, DeviceCapacity, ResourceSlice, SelectorInput } from "./types";

/** A device shape of the catalogue: a whole GPU, or one profile of it at its first legal start. */
export interface CatalogueDevice {
  readonly type: "catalogue";
  readonly model: GpuModel;
  /** Undefined: the whole GPU. */
  readonly profile: MigProfile | undefined;
  readonly input: SelectorInput;
  /** Capacities of a MIG device at each place where it can start; just the one set for a whole GPU. */
  readonly placements: readonly SelectorInput["capacity"][];
}

/** The software that decides what a node publishes. */
export interface PublishingSoftware {
  readonly draDriver: GpuSoftware["draDriver"];
  readonly gpuAmi: Pick<GpuSoftware["gpuAmi"], "driverVersion" | "cudaDriverVersion">;
}

/**
 * The devices that NVIDIA's DRA driver publishes for a node, in the order of GPU index and start.
 * The driver itself lists them in random order: over the whole node up to 25.12, GPU by GPU from 0.4 on. A GPU in MIG mode is not published, only its instances are.
 *
 * Attributes and capacities are those of `deviceinfo.go` of kubernetes-sigs/dra-driver-nvidia-gpu at v25.8.1, v25.12.0 and v0.4.1, and of what these versions
 * published over a simulated NVML. Of the attributes that depend on the machine, those of a p4d.24xlarge are here: `pcieRoot`, and no `addressingMode`.
 * UUIDs and PCI addresses are unknown before the node exists. Here the UUIDs are derived from node name, GPU index and start, so they are the same every
 * time, and the PCI addresses are those of a p4d.24xlarge.
 * Device names have the GPU's minor number, which is assumed to be its index. Where it is not, names follow the minor number and PCI addresses the index.
 */
export function publishDevices(layout: NodeLayout, software: PublishingSoftware, nodeName: string = layout.name): readonly Device[] {
  return layout.gpus.flatMap((gpu, index) => {
    const parent: ParentGpu = { model: layout.model, index, uuid: uuid("GPU", `${nodeName}/${String(index)}`) };
    if (gpu.type === "whole") {
      return [wholeGpu(parent, software)];
    }
    return [...gpu.placements]
      .sort((a, b) => a.start - b.start)
      .map((placement) => migDevice(parent, placement, uuid("MIG", `${nodeName}/${String(index)}/${String(placement.start)}`), software));
  });
}

/**
 * A node's ResourceSlices: one, whose pool is named after the node, or none. The driver never splits a node's devices, so the API server refuses the slice of a
 * node with more devices than a slice can have. Without devices, the driver's version decides.
 *
 * The pool's generation is that of a first installation. A driver that is upgraded publishes the next one.
 */
export function publishSlices(nodeName: string, layout: NodeLayout, release: Release): readonly ResourceSlice[] {
  const devices = publishDevices(layout, release, nodeName);
  const { withoutDevices } = draDriverPublication(release.draDriver.line);
  if (devices.length > release.kubernetes.claimApi.deviceLimits.devicesPerSlice || (devices.length === 0 && withoutDevices === "nothing")) {
    return [];
  }
  return [
    {
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceSlice",
      metadata: { name: sliceName(nodeName, release) },
      spec: { driver: DRIVER, nodeName, pool: { name: nodeName, generation: 1, resourceSliceCount: 1 }, devices },
    },
  ];
}

/** The name of a node's slice. Its end is the API server's, at random; here it is derived from the node's name, so it is the same every time. */
function sliceName(nodeName: string, { draDriver }: PublishingSoftware): string {
  return sliceNamePrefix(nodeName, draDriver.line).slice(0, LONGEST_GENERATED_PREFIX) + generatedSuffix(nodeName);
}

/** What the driver asks the API server to begin the name of a node's slice with (`generateName`). */
function sliceNamePrefix(nodeName: string, line: DraDriverLine): string {
  switch (draDriverPublication(line).sliceNames) {
    case "nodeFirst":
      return `${nodeName}-${DRIVER}-`;
    case "indexFirst":
      return `00000-${DRIVER}-${nodeName}-`;
  }
}

/**
 * The API server takes so many characters of a `generateName`, and puts five behind them (k8s.io/apiserver 1.34 to 1.36, `pkg/storage/names/generate.go`).
 * Names of EC2 nodes outside us-east-1 are so long that it cuts those of their slices.
 */
export const LONGEST_GENERATED_PREFIX = 58;

/** Characters of the names that the API server makes (k8s.io/apimachinery, `pkg/util/rand`). */
const GENERATED = "bcdfghjklmnpqrstvwxz2456789";

function generatedSuffix(text: string): string {
  const hash = fnv1a(0x811c9dc5, text);
  return Array.from({ length: 5 }, (_, place) => GENERATED[Math.floor(hash / GENERATED.length ** place) % GENERATED.length]).join("");
}

/** Every distinct device shape of the catalogue: every GPU whole and every profile of every model, as a release publishes it. */
export function catalogueDevices(release: PublishingSoftware): readonly CatalogueDevice[] {
  return GPU_MODELS.flatMap((model) => {
    const parent: ParentGpu = { model, index: 0, uuid: uuid("GPU", model.name) };
    return [
      catalogueDevice(model, undefined, [wholeGpu(parent, release)]),
      ...model.profiles.map((profile) =>
        catalogueDevice(
          model,
          profile,
          profile.starts.map((start) => migDevice(parent, { profile, start }, uuid("MIG", `${model.name}/${profile.name}`), release)),
        ),
      ),
    ];
  });
}

function catalogueDevice(model: GpuModel, profile: MigProfile | undefined, placed: readonly Device[]): CatalogueDevice {
  const [first] = placed;
  if (first === undefined) {
    throw new Error(`profile ${profile?.name ?? ""} of ${model.name} can start nowhere`);
  }
  return {
    type: "catalogue",
    model,
    profile,
    input: { driver: DRIVER, attributes: first.attributes, capacity: first.capacity },
    placements: placed.map(({ capacity }) => capacity),
  };
}

/** One physical GPU of a node. */
interface ParentGpu {
  readonly model: GpuModel;
  /** Index on the node, taken as the device's minor number. */
  readonly index: number;
  readonly uuid: string;
}

function wholeGpu(gpu: ParentGpu, software: PublishingSoftware): Device {
  return {
    name: `gpu-${String(gpu.index)}`,
    attributes: { type: { string: "gpu" }, uuid: { string: gpu.uuid }, ...sharedAttributes(gpu, software) },
    capacity: { memory: mebibytes(gpu.model.memoryMiB) },
  };
}

function migDevice(parent: ParentGpu, placement: Placement, instanceUuid: string, software: PublishingSoftware): Device {
  const { profile } = placement;
  return {
    name: migDeviceName(parent.index, placement, software),
    attributes: {
      type: { string: "mig" },
      uuid: { string: instanceUuid },
      parentUUID: { string: parent.uuid },
      profile: { string: profile.name },
      ...sharedAttributes(parent, software),
    },
    capacity: {
      multiprocessors: count(profile.multiprocessors),
      ...engineCapacities(profile.engines),
      memory: mebibytes(instanceMemoryMiB(parent.model, profile, software.gpuAmi.driverVersion)),
      ...Object.fromEntries(
        Array.from({ length: profile.memorySlices }, (_, offset) => [`memorySlice${String(placement.start + offset)}`, count(1)]),
      ),
    },
  };
}

function migDeviceName(gpuIndex: number, { profile, start }: Placement, { draDriver }: PublishingSoftware): string {
  const id = profile.gpuInstanceProfileId;
  switch (draDriverPublication(draDriver.line).deviceNames) {
    case "profileId":
      return `gpu-${String(gpuIndex)}-mig-${String(id)}-${String(start)}-${String(profile.memorySlices)}`;
    case "profileName": {
      // Device names are DNS labels: the driver drops the dot and turns what else a label may not hold into dashes.
      const label = profile.name
        .replaceAll(".", "")
        .toLowerCase()
        .replaceAll(/[^a-z0-9-]/g, "-");
      return `gpu-${String(gpuIndex)}-mig-${label}-${String(id)}-${String(start)}`;
    }
  }
}

/** What a whole GPU and its instances say alike. */
function sharedAttributes({ model, index }: ParentGpu, { draDriver, gpuAmi }: PublishingSoftware): Record<string, DeviceAttribute> {
  const { driverVersion, cudaDriverVersion } = gpuAmi;
  const busId = pciBusId(index);
  return {
    productName: { string: model.productName },
    // NVML's brand of the data-centre GPUs since Ampere, as go-nvlib spells it. A driver that meets a brand which go-nvlib does not know ends with an error.
    brand: { string: "Nvidia" },
    architecture: { string: model.architecture },
    cudaComputeCapability: { version: semanticVersion(model.cudaComputeCapability) },
    driverVersion: { version: semanticVersion(driverVersion) },
    cudaDriverVersion: { version: semanticVersion(cudaDriverVersion) },
    [draDriverPublication(draDriver.line).pciAddress]: { string: busId },
    [PCIE_ROOT]: { string: `pci${busId.slice(0, "0000:00".length)}` },
  };
}

function engineCapacities(engines: Engines): Record<string, DeviceCapacity> {
  return {
    copyEngines: count(engines.copyEngines),
    decoders: count(engines.decoders),
    encoders: count(engines.encoders),
    jpegEngines: count(engines.jpegEngines),
    ofaEngines: count(engines.ofaEngines),
  };
}

function count(value: number): DeviceCapacity {
  return { value: String(value) };
}

/** A byte count in the canonical form of a Kubernetes binary quantity: the largest unit that divides it (40960 MiB is `40Gi`, 4864 MiB `4864Mi`). */
function mebibytes(value: number): DeviceCapacity {
  return { value: value > 0 && value % 1024 === 0 ? `${String(value / 1024)}Gi` : `${String(value)}Mi` };
}

/** A dotted version as the driver normalizes it: three numbers, none with leading zeros (`580.126.09` is `580.126.9`, `13.0` is `13.0.0`). */
function semanticVersion(version: string): string {
  const [major, minor, patch] = version.split(".").map(Number);
  return [major ?? 0, minor ?? 0, patch ?? 0].join(".");
}

/** PCI addresses of a p4d.24xlarge, two GPUs to a root complex; a stand-in on other instance types. */
function pciBusId(gpuIndex: number): string {
  const buses = ["10", "20", "90", "a0"];
  const bus = buses[Math.floor(gpuIndex / 2) % buses.length] ?? "10";
  return `0000:${bus}:1${gpuIndex % 2 === 0 ? "c" : "d"}.0`;
}

/** A UUID in NVIDIA's form, a function of the text alone. */
function uuid(kind: "GPU" | "MIG", text: string): string {
  const hex = [0x811c9dc5, 0x01000193, 0x9e3779b9, 0x85ebca6b]
    .map((seed) => fnv1a(seed, `${kind}/${text}`).toString(16).padStart(8, "0"))
    .join("");
  return `${kind}-${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** 32-bit FNV-1a from a given offset basis. */
function fnv1a(basis: number, text: string): number {
  let hash = basis;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
