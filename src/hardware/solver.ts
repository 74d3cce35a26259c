/**
 * The search below the placement solver: GPU instances as bit masks over the memory slices of one GPU.
 */
import type { GpuModel, MigProfile, Placement } from "./types";

/** Where one profile may lie: for each start the memory slices it would cover, one bit per slice. */
interface Candidate {
  readonly start: number;
  readonly mask: number;
}

interface Geometry {
  readonly candidates: ReadonlyMap<MigProfile, readonly Candidate[]>;
  /** How many placements, of any profile, still fit into each set of free slices. */
  readonly flexibility: (freeSlices: number) => number;
}

const geometries = new WeakMap<GpuModel, Geometry>();

function geometryOf(model: GpuModel): Geometry {
  const known = geometries.get(model);
  if (known !== undefined) return known;

  const candidates = new Map(
    model.profiles.map((profile) => {
      const slices = (1 << profile.memorySlices) - 1;
      return [profile, profile.starts.map((start) => ({ start, mask: slices << start }))] as const;
    }),
  );
  const masks = [...candidates.values()].flatMap((ofProfile) => ofProfile.map((candidate) => candidate.mask));
  const memo = new Map<number, number>();
  const flexibility = (freeSlices: number): number => {
    let count = memo.get(freeSlices);
    if (count === undefined) {
      count = masks.filter((mask) => (mask & ~freeSlices) === 0).length;
      memo.set(freeSlices, count);
    }
    return count;
  };
  const geometry = { candidates, flexibility };
  geometries.set(model, geometry);
  return geometry;
}

/**
 * Orders instances as mig-parted creates them: most compute slices first (`MigConfig.Flatten` of NVIDIA/mig-parted v0.13.1 and v0.15.0), so that the small ones
 * fill what the large ones leave. Those with equal compute slices mig-parted creates in random order (`unorderedProfiles`); here, most memory comes first.
 */
export function inCreationOrder(profiles: readonly MigProfile[]): MigProfile[] {
  return [...profiles].sort((a, b) => b.computeSlices - a.computeSlices || b.memorySlices - a.memorySlices);
}

/**
 * Profiles that mig-parted creates in either order, since it compares compute slices only: on every run they can lie at each other's places. One group for each
 * number of compute slices of which there are several profiles, by name.
 */
export function unorderedProfiles(profiles: readonly MigProfile[]): readonly (readonly string[])[] {
  const sizes = [...new Set(profiles.map(({ computeSlices }) => computeSlices))];
  const groups = sizes.map((size) => {
    const names = profiles.filter(({ computeSlices }) => computeSlices === size).map(({ name }) => name);
    return [...new Set(names)].sort();
  });
  return groups.filter(({ length }) => length > 1);
}

/**
 * Places every instance on disjoint memory slices, or returns undefined when no arrangement exists.
 *
 * Among several arrangements it takes the one of NVIDIA's driver: each instance goes where it leaves the most placements for later ones,
 * at the lowest start on a tie. NVIDIA does not document the rule; this one agrees with every capture in the tests (a single 3g is at 4,
 * a single 1g of an 8-slice GPU at 6). At a dead end the search goes back, as mig-parted does when it permutes the order.
 *
 * @param instances one entry per instance, in creation order
 */
export function arrange(model: GpuModel, instances: readonly MigProfile[]): Placement[] | undefined {
  const { candidates, flexibility } = geometryOf(model);
  const allSlices = (1 << model.memorySlices) - 1;
  const placements: Placement[] = [];
  const deadEnds = new Set<number>();

  const placeFrom = (index: number, free: number): boolean => {
    const profile = instances[index];
    if (profile === undefined) return true;
    const state = (index << model.memorySlices) | free;
    if (deadEnds.has(state)) return false;

    const fitting = (candidates.get(profile) ?? []).filter(({ mask }) => (mask & ~free) === 0);
    fitting.sort((a, b) => flexibility(free & ~b.mask) - flexibility(free & ~a.mask) || a.start - b.start);
    for (const { start, mask } of fitting) {
      placements.push({ profile, start });
      if (placeFrom(index + 1, free & ~mask)) return true;
      placements.pop();
    }
    deadEnds.add(state);
    return false;
  };

  return placeFrom(0, allSlices) ? placements.sort((a, b) => a.start - b.start) : undefined;
}
