/** Which devices of which GPU model serve what is asked for, and into what such a GPU is divided for it. */
import { tierProfile } from "../../dra/tiers";
import { WHOLE_GPU } from "../../hardware/node-devices";
import { maximalLayouts } from "../../hardware/placement";
import { parseProfileName } from "../../hardware/profile-name";
import type { GpuModel } from "../../hardware/types";
import type { DemandItem, Wanted } from "../ask/demand";

/** Whether a profile is served by its name only, or also by one of another name that has as many compute slices and as much memory. */
export type Match = "exact" | "asLarge";

/** What one GPU is divided into, as devices by profile. A GPU that is not divided is one device. */
export type GpuContents = Readonly<Record<string, number>>;

/** The devices of a model that serve it, by profile. */
export function served(wanted: Wanted, model: GpuModel, match: Match): readonly string[] {
  switch (wanted.type) {
    case "gpu":
      return [WHOLE_GPU];
    case "tier": {
      const profile = tierProfile(wanted.tier, model)?.name;
      return profile === undefined ? [] : [profile];
    }
    case "profile":
      return model.profiles
        .map(({ name }) => name)
        .filter((name) => name === wanted.profile || (match === "asLarge" && isAsLarge(name, wanted.profile)));
  }
}

function isAsLarge(name: string, than: string): boolean {
  const [profile, least] = [parseProfileName(name), parseProfileName(than)];
  return (
    profile.type === "profile" &&
    least.type === "profile" &&
    profile.gpuSlices >= least.gpuSlices &&
    profile.memoryGB >= least.memoryGB &&
    profile.attributes === least.attributes
  );
}

/**
 * The layouts of one GPU that are worth a decision: maximal, and of two that give the same of what serves the demand, or of which one gives less of everything, only one.
 * Among equal ones the first without media extensions and the like wins: what is left over is then plain slices.
 */
export function usefulContents(model: GpuModel, items: readonly DemandItem[], match: Match): readonly GpuContents[] {
  const devices = [...new Set(items.flatMap(({ wanted }) => served(wanted, model, match)))];
  const plainFirst = [...maximalLayouts(model)].sort((a, b) => special(a.profiles) - special(b.profiles));
  const all = [...plainFirst.map(({ profiles }) => profiles), { [WHOLE_GPU]: 1 }];
  const useful = all.filter((contents) => devices.some((device) => (contents[device] ?? 0) > 0));
  const covers = (a: GpuContents, b: GpuContents): boolean => devices.every((device) => (a[device] ?? 0) >= (b[device] ?? 0));
  return useful.filter((contents, index) =>
    useful.every((other, at) => at === index || !covers(other, contents) || (covers(contents, other) && index < at)),
  );
}

function special(contents: GpuContents): number {
  return Object.entries(contents).reduce((sum, [name, count]) => sum + (/[+-]/.test(name) ? count : 0), 0);
}
