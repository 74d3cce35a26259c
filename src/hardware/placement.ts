/**
 * The placement solver: can one GPU hold these GPU instances, where, and if not, why not.
 *
 * It is exact. Instances lie at starts from the model's table, their memory slices do not overlap, and together they have no more compute slices,
 * no more engines and no more instances of one profile than the GPU has.
 */
import { engineShortage } from "./engines";
import { arrange, inCreationOrder } from "./solver";
import type { GpuModel, MigProfile, Placement } from "./types";

/** Wanted GPU instances per profile name: integers from 0. A profile with 0 counts as not mentioned. */
export type ProfileCounts = ReadonlyMap<string, number> | Readonly<Record<string, number>>;

export type PlacementResult =
  /** By ascending start; empty for a GPU in MIG mode without instances. */
  | { readonly type: "placed"; readonly placements: readonly Placement[] }
  /** A clause that names what was asked for: `3g.20gb x2 fills memory slices 0-7; no room for 1g.5gb`. */
  | { readonly type: "impossible"; readonly reason: string };

/** A set of GPU instances to which the GPU can add none, of any profile, however they are placed. */
export interface MaximalLayout {
  /** Instances per profile name, large profiles first. */
  readonly profiles: Readonly<Record<string, number>>;
  readonly placements: readonly Placement[];
}

/** `3g.20gb x1, 1g.5gb x4`. */
export function formatProfileCounts(counts: ProfileCounts): string {
  return entries(counts)
    .map(([name, count]) => `${name} x${String(count)}`)
    .join(", ");
}

/**
 * Places GPU instances on one GPU of this model. Of several arrangements it takes the one NVIDIA's driver would (see `arrange`), always the same.
 */
export function placeProfiles(model: GpuModel, counts: ProfileCounts): PlacementResult {
  const wanted = new Map(entries(counts));
  for (const [name, count] of wanted) {
    if (!model.profiles.some((profile) => profile.name === name)) return impossible(`"${name}" is not a profile of ${model.name}`);
    if (!Number.isInteger(count) || count < 0) return impossible(`${name} x${String(count)}: a count is an integer from 0`);
  }
  const instances: MigProfile[] = [];
  for (const profile of inCreationOrder(model.profiles)) {
    const count = wanted.get(profile.name) ?? 0;
    if (count > profile.maxInstances) {
      return impossible(`${profile.name} x${String(count)} is more than the ${String(profile.maxInstances)} that ${model.name} can hold`);
    }
    for (let i = 0; i < count; i++) instances.push(profile);
  }

  const shortage = shortageOf(model, instances);
  if (shortage !== undefined) return impossible(shortage);
  const placements = arrange(model, instances);
  return placements === undefined ? impossible(crowding(model, instances)) : { type: "placed", placements };
}

const maximal = new WeakMap<GpuModel, readonly MaximalLayout[]>();

/**
 * Every maximal layout of this model: each set of instances (how many of which profile) that fits and to which nothing can be added.
 * Large profiles first. Computed once per model, in a few milliseconds.
 */
export function maximalLayouts(model: GpuModel): readonly MaximalLayout[] {
  let layouts = maximal.get(model);
  if (layouts === undefined) {
    layouts = findMaximalLayouts(model);
    maximal.set(model, layouts);
  }
  return layouts;
}

/**
 * The maximal layouts nearest to a wish, nearest first: what keeps most of the wish (counted in compute slices), then what adds fewest instances,
 * then fewest kinds of profile nobody asked for. Profiles the model does not have are passed over.
 */
export function nearestLayouts(model: GpuModel, wish: ProfileCounts, limit = 3): readonly MaximalLayout[] {
  const wanted = new Map(entries(wish));
  const apart = ({ profiles }: MaximalLayout): { lostSlices: number; added: number; newKinds: number } => {
    let [lostSlices, added, newKinds] = [0, 0, 0];
    for (const { name, computeSlices } of model.profiles) {
      const more = (profiles[name] ?? 0) - (wanted.get(name) ?? 0);
      if (more < 0) lostSlices -= more * computeSlices;
      else added += more;
      if (more > 0 && !wanted.has(name)) newKinds++;
    }
    return { lostSlices, added, newKinds };
  };
  return maximalLayouts(model)
    .map((layout) => ({ layout, ...apart(layout) }))
    .sort((a, b) => a.lostSlices - b.lostSlices || a.added - b.added || a.newKinds - b.newKinds)
    .slice(0, limit)
    .map(({ layout }) => layout);
}

/** The same placements as counts, in creation order: what mig-parted is told. */
export function countProfiles(placements: readonly Placement[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { name } of inCreationOrder(placements.map(({ profile }) => profile))) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function entries(counts: ProfileCounts): [string, number][] {
  const all = counts instanceof Map ? [...(counts as ReadonlyMap<string, number>)] : Object.entries(counts);
  return all.filter(([, count]) => count !== 0);
}

function impossible(reason: string): PlacementResult {
  return { type: "impossible", reason };
}

function describe(instances: readonly MigProfile[]): string {
  const counts = new Map<string, number>();
  for (const { name } of instances) counts.set(name, (counts.get(name) ?? 0) + 1);
  return formatProfileCounts(counts);
}

/** What runs out wherever the instances lie; undefined if nothing does. */
function shortageOf(model: GpuModel, instances: readonly MigProfile[]): string | undefined {
  const computeSlices = instances.reduce((sum, profile) => sum + profile.computeSlices, 0);
  if (computeSlices > model.computeSlices) {
    return `${describe(instances)} needs ${String(computeSlices)} compute slices; ${model.name} has ${String(model.computeSlices)}`;
  }
  const engines = engineShortage(model, instances);
  if (engines !== undefined) {
    const { engine, engineName, needed, available } = engines;
    const users = instances.filter((profile) => profile.engines[engine] > 0);
    return `${describe(users)} needs ${String(needed)} ${engineName}; ${model.name} has ${String(available)}`;
  }
  return undefined;
}

/** Why instances that are few enough still have no arrangement: the ones that fit, and the first that then does not. */
function crowding(model: GpuModel, instances: readonly MigProfile[]): string {
  let fitting = instances.slice(0, -1);
  while (arrange(model, fitting) === undefined) fitting = fitting.slice(0, -1);
  const used = fitting.reduce((sum, { memorySlices }) => sum + memorySlices, 0);
  const crowded = used === model.memorySlices ? `fills memory slices 0-${String(model.memorySlices - 1)}; no room` : "leaves no place";
  return `${describe(fitting)} ${crowded} for ${instances[fitting.length]?.name ?? ""}`;
}

/**
 * Walks the sets of instances from the empty one upwards. What does not fit does not fit with more beside it, so a branch ends at the first
 * count that is too many.
 */
function findMaximalLayouts(model: GpuModel): readonly MaximalLayout[] {
  const profiles = inCreationOrder(model.profiles);
  const found = new Map<string, { counts: readonly number[]; placements: readonly Placement[] }>();

  const extend = (counts: readonly number[], instances: readonly MigProfile[], placements: readonly Placement[]): void => {
    const profile = profiles[counts.length];
    if (profile === undefined) {
      found.set(counts.join(), { counts, placements });
      return;
    }
    let more = instances;
    let placed: readonly Placement[] | undefined = placements;
    for (let count = 0; placed !== undefined; count++) {
      extend([...counts, count], more, placed);
      more = [...more, profile];
      const tooMany = count === profile.maxInstances || shortageOf(model, more) !== undefined;
      placed = tooMany ? undefined : arrange(model, more);
    }
  };
  extend([], [], []);

  return [...found.values()]
    .filter(({ counts }) => counts.every((_, index) => !found.has(counts.map((count, i) => (i === index ? count + 1 : count)).join())))
    .map(({ placements }) => ({ profiles: countProfiles(placements), placements }))
    .reverse();
}
