/** The media and copy engines of a GPU: GPU instances own theirs, so what one has another cannot have. */
import type { Engines, GpuModel, MigProfile } from "./types";

const ENGINE_NAMES: Readonly<Record<keyof Engines, string>> = {
  copyEngines: "copy engines",
  decoders: "NVDEC",
  encoders: "NVENC",
  jpegEngines: "NVJPG",
  ofaEngines: "OFA",
};

const ENGINES = Object.keys(ENGINE_NAMES) as readonly (keyof Engines)[];

/** One kind of engine of which a set of GPU instances needs more than its GPU has. */
export interface EngineShortage {
  readonly engine: keyof Engines;
  /** As NVIDIA calls it: `NVDEC`, `OFA`. */
  readonly engineName: string;
  readonly needed: number;
  readonly available: number;
}

/** The engines a GPU in MIG mode can give: the largest number any one of its profiles has. */
export function engineBudget(model: GpuModel): Engines {
  const most = (engine: keyof Engines): number => Math.max(...model.profiles.map((profile) => profile.engines[engine]));
  return {
    copyEngines: most("copyEngines"),
    decoders: most("decoders"),
    encoders: most("encoders"),
    jpegEngines: most("jpegEngines"),
    ofaEngines: most("ofaEngines"),
  };
}

const budgets = new WeakMap<GpuModel, Engines>();

/**
 * The first kind of engine that these instances exceed together; undefined if there is none. This is what makes `+me` a thing one instance of a
 * GPU can have, and what keeps a plain `1g.24gb` from standing beside a `1g.24gb+me.all`.
 */
export function engineShortage(model: GpuModel, instances: readonly MigProfile[]): EngineShortage | undefined {
  let budget = budgets.get(model);
  if (budget === undefined) {
    budget = engineBudget(model);
    budgets.set(model, budget);
  }
  for (const engine of ENGINES) {
    const available = budget[engine];
    const needed = instances.reduce((sum, profile) => sum + profile.engines[engine], 0);
    if (needed > available) return { engine, engineName: ENGINE_NAMES[engine], needed, available };
  }
  return undefined;
}
