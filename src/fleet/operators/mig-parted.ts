/**
 * Plays nvidia-mig-parted: it divides the GPUs of a machine one after the other, and leaves off where it fails.
 * Source: NVIDIA/mig-parted v0.13.1 and v0.14.2, `cmd/nvidia-mig-parted/apply/config.go` (GPUs that are as they should be are skipped) and
 * `pkg/mig/config/config.go` (`SetMigConfig` first destroys every instance of a GPU; `ClearMigConfig` ends at the first that it cannot destroy).
 */
import { publishDevices } from "../../dra/devices";
import type { GpuLayout, GpuModel, NodeLayout, Placement } from "../../hardware/types";
import type { Release } from "../../releases/types";
import type { Machine } from "../machine";

/** Divides the GPUs of a machine. @returns whether all are as they should be: an instance that a process uses cannot be destroyed. */
export type MigParted = (machine: Machine, layout: NodeLayout, release: Release) => boolean;

export const migParted: MigParted = (machine, { model, gpus: wanted }, release) => {
  const gpus = [...machine.gpus];
  for (const [index, next] of wanted.entries()) {
    const current = gpus[index];
    if (current === undefined || describeGpu(current) === describeGpu(next)) {
      continue;
    }
    const used = usedInstances(machine, model, index, release);
    // The driver lists instances in an order of its own, so all that are free may be gone by then.
    gpus[index] = used.length > 0 ? { type: "mig", placements: used } : next;
    machine.gpus = [...gpus];
    if (used.length > 0) {
      return false;
    }
  }
  return true;
};

/** Which GPUs are in MIG mode. */
export function modesOf(gpus: readonly GpuLayout[]): string {
  return gpus.map(({ type }) => type).join();
}

/** The same text for GPUs that are divided alike. */
export function describe(gpus: readonly GpuLayout[]): string {
  return gpus.map(describeGpu).join();
}

function describeGpu(gpu: GpuLayout): string {
  const placed = gpu.type === "whole" ? [] : gpu.placements.map(({ profile, start }) => `${profile.name}@${start}`);
  return `${gpu.type} ${placed.sort().join("+")}`;
}

/** The instances of a GPU that processes have open, in the order of starts. */
export function usedInstances(machine: Machine, model: GpuModel, index: number, release: Release): readonly Placement[] {
  const gpu = machine.gpus[index];
  const used = new Set([...machine.users.values()].flat());
  if (gpu?.type !== "mig") {
    return [];
  }
  const placements = [...gpu.placements].sort((a, b) => a.start - b.start);
  // The devices of this GPU alone, in the order of their starts.
  const alone = machine.gpus.map((other, position) => (position === index ? other : ({ type: "mig", placements: [] } as const)));
  const devices = publishDevices({ name: "", model, gpus: alone }, release, machine.name);
  return placements.filter((_, position) => used.has(devices[position]?.name ?? ""));
}
