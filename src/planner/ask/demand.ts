/** What somebody asks for: `3x1g.5gb,1xlarge`. */
import { TIERS } from "../../dra/tiers";
import type { TierName } from "../../dra/tiers";
import { GPU_MODELS } from "../../hardware/gpu-models";
import { nearestNames } from "../../hardware/nearest";

export type Wanted =
  | { readonly type: "profile"; readonly profile: string }
  | { readonly type: "tier"; readonly tier: TierName }
  /** A GPU that is not divided. */
  | { readonly type: "gpu" };

export interface DemandItem {
  readonly count: number;
  readonly wanted: Wanted;
}

export type DemandReading =
  | { readonly type: "demand"; readonly items: readonly DemandItem[] }
  | { readonly type: "invalid"; readonly reason: string; readonly nearest: readonly string[] };

/** More than any cluster has, and few enough to be simulated. */
const MAX_COUNT = 10_000;

const WHOLE = "gpu";

/** Reads a demand. Things that are named twice are added up. */
export function parseDemand(text: string): DemandReading {
  const items: DemandItem[] = [];
  for (const part of text.split(",").map((each) => each.trim())) {
    const match = /^(?:([1-9]\d*)\s*x\s*)?([a-z0-9].*)$/i.exec(part);
    const name = match?.[2] ?? "";
    const count = Number(match?.[1] ?? 1);
    if (match === null) {
      return invalid(`"${part}" is no number and name`, ["3x1g.5gb", "1xlarge"]);
    }
    if (count > MAX_COUNT) {
      return invalid(`"${part}" asks for more than ${String(MAX_COUNT)}`, []);
    }
    const wanted = wantedOf(name);
    if (wanted === undefined) {
      return invalid(`"${name}" is neither a MIG profile nor a tier`, nearestNames(name, NAMES));
    }
    const same = items.findIndex((item) => nameOf(item.wanted) === nameOf(wanted));
    if (same >= 0) {
      items[same] = { wanted, count: (items[same]?.count ?? 0) + count };
    } else {
      items.push({ wanted, count });
    }
  }
  const total = items.reduce((sum, { count }) => sum + count, 0);
  return total > MAX_COUNT
    ? invalid(`it asks for ${String(total)} slices together: ask for ${String(MAX_COUNT)} at most`, [])
    : { type: "demand", items };
}

const PROFILES: readonly string[] = [...new Set(GPU_MODELS.flatMap(({ profiles }) => profiles.map(({ name }) => name)))];
const NAMES: readonly string[] = [...TIERS.map(({ name }) => name), WHOLE, ...PROFILES];

function wantedOf(name: string): Wanted | undefined {
  const tier = TIERS.find((each) => each.name === name);
  if (tier !== undefined) {
    return { type: "tier", tier: tier.name };
  }
  return name === WHOLE ? { type: "gpu" } : PROFILES.includes(name) ? { type: "profile", profile: name } : undefined;
}

/** `1g.5gb`, `large`, `gpu`. */
export function nameOf(wanted: Wanted): string {
  switch (wanted.type) {
    case "profile":
      return wanted.profile;
    case "tier":
      return wanted.tier;
    case "gpu":
      return WHOLE;
  }
}

function invalid(reason: string, nearest: readonly string[]): DemandReading {
  return { type: "invalid", reason, nearest };
}
