/** The layout of a node, read from the devices that it published. */
import { countProfiles, formatProfileCounts, placeProfiles } from "../../hardware/placement";
import { unorderedProfiles } from "../../hardware/solver";
import type { GpuLayout, GpuModel, NodeLayout, Placement } from "../../hardware/types";
import type { DeviceNameParts } from "./device-names";

/** Where a GPU's instances lie otherwise than the catalogue or the solver says. */
export interface PlacementProblem {
  readonly published: string;
  readonly model: string;
}

export type CapturedLayout =
  | { readonly type: "static"; readonly layout: NodeLayout; readonly problems: readonly PlacementProblem[] }
  /** Devices of one GPU that no layout has at the same time. */
  | { readonly type: "overlapping"; readonly gpus: number };

/** Names say GPUs by minor number. A number without devices is a GPU that publishes nothing, or none at all. */
export function capturedLayout(model: GpuModel, devices: readonly DeviceNameParts[]): CapturedLayout {
  const count = Math.max(-1, ...devices.map(({ minor }) => minor)) + 1;
  const gpus = Array.from({ length: count }, (_, minor) =>
    capturedGpu(
      model,
      devices.filter((device) => device.minor === minor),
    ),
  );
  const overlapping = gpus.filter(({ gpu, placements }) => (gpu.type === "whole" ? placements.length > 0 : overlap(placements)));
  return overlapping.length > 0
    ? { type: "overlapping", gpus: overlapping.length }
    : {
        type: "static",
        layout: { name: "captured", model, gpus: gpus.map(({ gpu }) => gpu) },
        problems: gpus.flatMap(({ unknown, placements }) => [...unknown, ...placementProblems(model, placements)]),
      };
}

interface CapturedGpu {
  readonly gpu: GpuLayout;
  readonly placements: readonly Placement[];
  readonly unknown: readonly PlacementProblem[];
}

function capturedGpu(model: GpuModel, devices: readonly DeviceNameParts[]): CapturedGpu {
  const placements: Placement[] = [];
  const unknown: PlacementProblem[] = [];
  for (const device of devices.filter((each) => each.type === "mig")) {
    const { gpuInstanceProfileId: id, start } = device;
    const profile = model.profiles.find(({ gpuInstanceProfileId }) => gpuInstanceProfileId === id);
    if (profile === undefined) {
      unknown.push({ published: `a profile with ID ${String(id)}`, model: `no such profile of ${model.name}` });
    } else {
      placements.push({ profile, start });
      if (!profile.starts.includes(start)) {
        unknown.push({ published: `${profile.name} at ${String(start)}`, model: `${profile.name} at one of ${profile.starts.join(", ")}` });
      }
    }
  }
  const isWhole = devices.some(({ type }) => type === "whole");
  return { gpu: isWhole ? { type: "whole" } : { type: "mig", placements }, placements, unknown };
}

function overlap(placements: readonly Placement[]): boolean {
  const taken = placements.flatMap(({ profile, start }) => Array.from({ length: profile.memorySlices }, (_, offset) => start + offset));
  return new Set(taken).size < taken.length;
}

function placementProblems(model: GpuModel, placements: readonly Placement[]): readonly PlacementProblem[] {
  const counts = countProfiles(placements);
  const placed = placeProfiles(model, counts);
  if (placed.type === "impossible") {
    return [{ published: formatProfileCounts(counts), model: `impossible: ${placed.reason}` }];
  }
  const [published, solved] = [describe(placements), describe(placed.placements)];
  const hasOneOrder = unorderedProfiles(placements.map(({ profile }) => profile)).length === 0;
  return hasOneOrder && published !== solved ? [{ published, model: solved }] : [];
}

/** `1g.5gb at 2, 3g.20gb at 4`. */
function describe(placements: readonly Placement[]): string {
  return [...placements]
    .sort((a, b) => a.start - b.start)
    .map(({ profile, start }) => `${profile.name} at ${String(start)}`)
    .join(", ");
}
