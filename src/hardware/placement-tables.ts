/**
 * Where GPU instances may lie, by GPU-instance profile ID. NVIDIA uses the same IDs and places on every GPU of one shape; only names, memory,
 * multiprocessors and engines differ between them.
 */
import type { MigProfile } from "./types";

/** The part of a profile that its ID decides. */
export type ProfilePlacements = Pick<MigProfile, "computeSlices" | "memorySlices" | "starts" | "maxInstances">;

/** Placements by GPU-instance profile ID. */
export type PlacementTable = Readonly<Record<number, ProfilePlacements>>;

/**
 * 7 compute slices, 8 memory slices: A100, H100, H200, B200, B300, GB200.
 * Source: `nvidia-smi mig -lgipp` as published for A100-SXM4-40GB, A100-SXM4-80GB, H100 80GB and H100 NVL, all four the same (read 2026-11-23).
 */
export const EIGHT_MEMORY_SLICES = {
  /** 1g */
  19: { computeSlices: 1, memorySlices: 1, starts: [0, 1, 2, 3, 4, 5, 6], maxInstances: 7 },
  /** 1g+me */
  20: { computeSlices: 1, memorySlices: 1, starts: [0, 1, 2, 3, 4, 5, 6], maxInstances: 1 },
  /** 1g with the memory of a 2g */
  15: { computeSlices: 1, memorySlices: 2, starts: [0, 2, 4, 6], maxInstances: 4 },
  /** 2g */
  14: { computeSlices: 2, memorySlices: 2, starts: [0, 2, 4], maxInstances: 3 },
  /** 3g */
  9: { computeSlices: 3, memorySlices: 4, starts: [0, 4], maxInstances: 2 },
  /** 4g */
  5: { computeSlices: 4, memorySlices: 4, starts: [0], maxInstances: 1 },
  /** 7g */
  0: { computeSlices: 7, memorySlices: 8, starts: [0], maxInstances: 1 },
} satisfies PlacementTable;

/**
 * 4 compute slices, 4 memory slices: A30.
 * Source: `nvidia-smi mig -lgipp` on an A30, driver 535.183.01 of 2024-11-21 (read 2026-11-23).
 */
export const FOUR_MEMORY_SLICES = {
  /** 1g */
  14: { computeSlices: 1, memorySlices: 1, starts: [0, 1, 2, 3], maxInstances: 4 },
  /** 1g+me */
  21: { computeSlices: 1, memorySlices: 1, starts: [0, 1, 2, 3], maxInstances: 1 },
  /** 2g */
  5: { computeSlices: 2, memorySlices: 2, starts: [0, 2], maxInstances: 2 },
  /** 2g+me */
  6: { computeSlices: 2, memorySlices: 2, starts: [0, 2], maxInstances: 1 },
  /** 4g */
  0: { computeSlices: 4, memorySlices: 4, starts: [0], maxInstances: 1 },
} satisfies PlacementTable;

/**
 * 4 compute slices, 12 memory slices: RTX PRO 6000 Blackwell.
 * Source: `nvidia-smi mig -lgip` and `-lgipp` as published for an RTX PRO 6000 Blackwell Server Edition (read 2026-11-23).
 */
export const TWELVE_MEMORY_SLICES = {
  /** 1g */
  14: { computeSlices: 1, memorySlices: 3, starts: [0, 3, 6, 9], maxInstances: 4 },
  /** 1g+me */
  21: { computeSlices: 1, memorySlices: 3, starts: [0, 3, 6, 9], maxInstances: 1 },
  /** 1g+gfx */
  47: { computeSlices: 1, memorySlices: 3, starts: [0, 3, 6, 9], maxInstances: 4 },
  /** 1g+me.all */
  65: { computeSlices: 1, memorySlices: 3, starts: [0, 3, 6, 9], maxInstances: 1 },
  /** 1g-me */
  67: { computeSlices: 1, memorySlices: 3, starts: [0, 3, 6, 9], maxInstances: 4 },
  /** 2g */
  5: { computeSlices: 2, memorySlices: 6, starts: [0, 6], maxInstances: 2 },
  /** 2g+gfx */
  35: { computeSlices: 2, memorySlices: 6, starts: [0, 6], maxInstances: 2 },
  /** 2g+me.all */
  64: { computeSlices: 2, memorySlices: 6, starts: [0, 6], maxInstances: 1 },
  /** 2g-me */
  66: { computeSlices: 2, memorySlices: 6, starts: [0, 6], maxInstances: 2 },
  /** 4g */
  0: { computeSlices: 4, memorySlices: 12, starts: [0], maxInstances: 1 },
  /** 4g+gfx */
  32: { computeSlices: 4, memorySlices: 12, starts: [0], maxInstances: 1 },
} satisfies PlacementTable;

/** One row of `nvidia-smi mig -lgip`: name, GPU-instance profile ID, multiprocessors, engines. */
export type ProfileRow<Id> = readonly [
  name: string,
  id: Id,
  multiprocessors: number,
  copyEngines: number,
  decoders: number,
  encoders: number,
  jpegEngines: number,
  ofaEngines: number,
];

/** Joins a GPU's profile rows with the placements of its shape. */
export function profilesOf<Table extends PlacementTable>(
  table: Table,
  rows: readonly ProfileRow<keyof Table & number>[],
): readonly MigProfile[] {
  return rows.map(([name, id, multiprocessors, copyEngines, decoders, encoders, jpegEngines, ofaEngines]) => ({
    name,
    gpuInstanceProfileId: id,
    ...(table[id] as ProfilePlacements),
    multiprocessors,
    engines: { copyEngines, decoders, encoders, jpegEngines, ofaEngines },
  }));
}
