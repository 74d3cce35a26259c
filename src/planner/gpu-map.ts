/** Which stretch of which GPU is what, and who holds it: what a picture of GPUs is drawn from. */
import { WHOLE_GPU } from "../hardware/node-devices";
import { groupBy } from "./group-by";
import type { PlannedCluster } from "./state/cluster";
import { gpuDevices, gpuIndexOf } from "./state/devices";
import type { GpuDevice } from "./state/devices";

/** A stretch of memory slices of one GPU. */
export interface GpuPart {
  /** First memory slice. */
  readonly start: number;
  readonly memorySlices: number;
  /** `slice`: a GPU instance. `whole`: a GPU without MIG. `unused`: no instance covers it. */
  readonly type: "slice" | "whole" | "unused";
  /** `3g.20gb`; `whole GPU`; empty where unused. */
  readonly profile: string;
  /** 0 where unused: compute slices that no instance has are counted at the GPU. */
  readonly computeSlices: number;
  /** Name of the device in its ResourceSlice; empty where unused. */
  readonly device: string;
  /** Pods that may use it, `namespace/name`; empty: free. */
  readonly holders: readonly string[];
  /** `namespace/name` of the claim that it is allocated to; empty: free. */
  readonly claim: string;
}

/** A GPU of a cluster. */
export interface MappedGpu {
  /** `GPU 0`. */
  readonly name: string;
  /** `A100-SXM4-40GB`; of a product that the catalogue does not have, what the driver calls it. */
  readonly model: string;
  /** How wide it is: of a GPU that is not to scale, the number of its devices. */
  readonly memorySlices: number;
  /** Whether its devices say which memory slices they are, and no two are the same. */
  readonly isToScale: boolean;
  readonly parts: readonly GpuPart[];
}

/** The GPUs of a cluster by node. @param given pods that get devices which nobody holds, by `node/device`. */
export function gpusByNode(
  cluster: PlannedCluster,
  given: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, readonly MappedGpu[]> {
  return new Map(
    [...groupBy(gpuDevices(cluster), ({ node }) => node)].map(([node, devices]) => [
      node,
      [...groupBy(devices, ({ gpu }) => gpu).values()]
        .sort((a, b) => (gpuIndexOf(a[0]?.name ?? "") ?? Infinity) - (gpuIndexOf(b[0]?.name ?? "") ?? Infinity))
        .map((own, position) => mapGpu(own, position, given)),
    ]),
  );
}

function mapGpu(devices: readonly GpuDevice[], position: number, given: ReadonlyMap<string, string>): MappedGpu {
  const [first] = devices;
  const index = gpuIndexOf(first?.name ?? "") ?? position;
  const common = { name: `GPU ${String(index)}`, model: first?.model?.name ?? first?.productName ?? "" };
  const placed = devices.map((device) => partOf(device, placeOf(device), given));
  const parts = withUnused(placed, first?.model?.memorySlices ?? 0);
  return parts !== undefined
    ? { ...common, memorySlices: endOf(parts), isToScale: true, parts }
    : {
        ...common,
        ...{ memorySlices: devices.length, isToScale: false },
        parts: devices.map((device, start) => partOf(device, { start, memorySlices: 1 }, given)),
      };
}

interface Stretch {
  readonly start: number;
  readonly memorySlices: number;
}

const NOWHERE: Stretch = { start: 0, memorySlices: 0 };

/** The driver publishes the memory slices of an instance as capacities, `memorySlice4` (kubernetes-sigs/dra-driver-nvidia-gpu v25.8.1, `deviceinfo.go`). */
function placeOf({ profile, model, capacity }: GpuDevice): Stretch {
  if (profile === WHOLE_GPU) {
    return { start: 0, memorySlices: model?.memorySlices ?? 1 };
  }
  const slices = Object.keys(capacity).flatMap((name) => {
    const [, index] = /^memorySlice(\d+)$/.exec(name) ?? [];
    return index === undefined ? [] : [Number(index)];
  });
  return slices.length === 0 ? NOWHERE : { start: Math.min(...slices), memorySlices: slices.length };
}

function partOf(
  { node, name, profile, model, holder }: GpuDevice,
  { start, memorySlices }: Stretch,
  given: ReadonlyMap<string, string>,
): GpuPart {
  const { namespace = "", name: claim = "" } = holder?.claim ?? {};
  const pod = given.get(`${node}/${name}`);
  return {
    ...{ start, memorySlices, profile, device: name },
    type: profile === WHOLE_GPU ? "whole" : "slice",
    computeSlices: (profile === WHOLE_GPU ? model : model?.profiles.find((each) => each.name === profile))?.computeSlices ?? 0,
    holders: pod === undefined ? (holder?.users ?? []).map((user) => `${namespace}/${user}`) : [pod],
    claim: holder === undefined ? "" : `${namespace}/${claim}`,
  };
}

/** The parts of a GPU in their order, with the stretches that none covers. Undefined where two cover the same memory slice, or one covers none. */
export function withUnused(parts: readonly GpuPart[], memorySlices: number): readonly GpuPart[] | undefined {
  const all: GpuPart[] = [];
  for (const part of [...parts].sort((a, b) => a.start - b.start)) {
    const position = endOf(all);
    if (part.start < position || part.memorySlices === 0) {
      return undefined;
    }
    all.push(...unused(position, part.start), part);
  }
  return [...all, ...unused(endOf(all), memorySlices)];
}

function endOf(parts: readonly GpuPart[]): number {
  const last = parts.at(-1);
  return last === undefined ? 0 : last.start + last.memorySlices;
}

function unused(start: number, end: number): readonly GpuPart[] {
  return end <= start
    ? []
    : [{ ...{ start, memorySlices: end - start, type: "unused", profile: "", computeSlices: 0 }, device: "", holders: [], claim: "" }];
}

/** Whether a part is allocated. A claim without a pod holds its device, too. */
export function isHeld(part: GpuPart): boolean {
  return part.claim !== "" || part.holders.length > 0;
}
