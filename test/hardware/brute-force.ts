import type { GpuModel, MigProfile } from "../../src/hardware/types";

/**
 * Whether a GPU can hold these instances, found by trying every start for every instance, slice by slice. Written without the solver's masks,
 * order and short cuts, so that the two can be held against each other.
 */
export function fitsByBruteForce(model: GpuModel, counts: Readonly<Record<string, number>>): boolean {
  const instances: MigProfile[] = [];
  for (const profile of model.profiles) {
    const count = counts[profile.name] ?? 0;
    if (count > profile.maxInstances) return false;
    for (let i = 0; i < count; i++) instances.push(profile);
  }
  if (sum(instances, (profile) => profile.computeSlices) > model.computeSlices) return false;
  if (sum(instances, (profile) => profile.memorySlices) > model.memorySlices) return false;
  // The profile over all memory slices has every engine of the GPU.
  const whole = model.profiles.filter((profile) => profile.memorySlices === model.memorySlices).map((profile) => profile.engines);
  for (const engine of ["copyEngines", "decoders", "encoders", "jpegEngines", "ofaEngines"] as const) {
    if (sum(instances, (profile) => profile.engines[engine]) > Math.max(...whole.map((engines) => engines[engine]))) return false;
  }
  return tryEveryStart(instances, new Array<boolean>(model.memorySlices).fill(false));
}

function tryEveryStart(instances: readonly MigProfile[], taken: readonly boolean[]): boolean {
  const [profile, ...others] = instances;
  if (profile === undefined) return true;
  return profile.starts.some((start) => {
    const end = start + profile.memorySlices;
    if (end > taken.length || taken.slice(start, end).includes(true)) return false;
    return tryEveryStart(
      others,
      taken.map((isTaken, slice) => isTaken || (slice >= start && slice < end)),
    );
  });
}

function sum(profiles: readonly MigProfile[], of: (profile: MigProfile) => number): number {
  return profiles.reduce((total, profile) => total + of(profile), 0);
}
