/** A demand over time against a fleet: what each layout accepts, how long pods wait, what is in pieces, and what idles. */
import { balancedProfiles } from "../../hardware/balanced";
import type { Solver } from "../design/integer-program";
import type { GpuContents } from "../design/suppliers";
import { roundUsd } from "../cost";
import { groupBy } from "../group-by";
import type { FleetLayout, FleetNodes } from "./fleet";
import { contentsOf, designed, everywhere, stockLayouts } from "./layouts";
import { PATIENCE_SECONDS, run } from "./run";
import type { Run } from "./run";
import type { TracePod } from "./trace";

export interface Replay {
  readonly fleet: string;
  /** List price of all nodes. Null: no list has it. */
  readonly usdPerHour: number | null;
  readonly pods: number;
  readonly withoutGpu: number;
  /** From the first arrival to the last one. */
  readonly hours: number;
  /** The layout that accepts most GPU hours first. */
  readonly layouts: readonly LayoutResult[];
  readonly notes: readonly string[];
}

export interface LayoutResult {
  readonly name: string;
  /** The layout of MIG Manager that all GPUs have; null for one that the planner has made. */
  readonly shipped: string | null;
  /** GPUs by what they are divided into. */
  readonly gpus: readonly { readonly count: number; readonly contents: GpuContents }[];
  readonly acceptedPods: number;
  /** Of the GPU hours that pods ask for. */
  readonly acceptedPercent: number;
  /** Of those of pods that use a part of a GPU. */
  readonly shareablePercent: number;
  readonly meanWaitSeconds: number;
  readonly p95WaitSeconds: number;
  readonly usedGpus: number;
  readonly fragmentedGpus: number;
  /** What GPUs that no pod uses cost, on average. Null: no list has the price. */
  readonly idleUsdPerHour: number | null;
  readonly series: Run["series"];
}

/** So many layouts are tried for the best one in hindsight. */
const TRIES = 250;

export async function replay(fleet: FleetNodes, pods: readonly TracePod[], withoutGpu: number, solve: Solver): Promise<Replay> {
  const { model, instanceType, count, gpusPerNode } = fleet;
  const tried = stockLayouts(model).map(({ name, contents }) => ({
    ...attempt(fleet, pods, `${name} everywhere`, everywhere(fleet, contents)),
    shipped: name,
  }));
  const made = await designed(fleet, pods, solve);
  const design = made === undefined ? [] : [attempt(fleet, pods, "designed for this demand", made)];
  const best = bestInHindsight(fleet, pods, [...tried, ...design].reduce(better));
  const hours = ((pods.at(-1)?.arrivalSeconds ?? 0) - (pods[0]?.arrivalSeconds ?? 0)) / 3600;
  return {
    fleet: `${String(count)} x ${instanceType.name}, ${String(count * gpusPerNode)} x ${model.name}`,
    usdPerHour: instanceType.usdPerHour === undefined ? null : roundUsd(count * instanceType.usdPerHour),
    pods: pods.length,
    withoutGpu,
    hours: Math.round(hours),
    layouts: [...tried, ...design, best].sort((a, b) => accepted(b) - accepted(a)).map((each) => resultOf(fleet, each)),
    notes: [
      `a pod that uses a part of a GPU gets the smallest profile with as many compute slices (${balancedProfiles(model)
        .map(({ name }) => name)
        .join(", ")} in the balanced layout); the trace does not say how much GPU memory it needs`,
      `a pod that waits longer than ${String(PATIENCE_SECONDS / 60)} minutes is gone`,
      "the best layout in hindsight is the best of those that were tried: a better one can exist",
      ...(made === undefined ? ["no layout was designed in time"] : []),
    ],
  };
}

interface Attempt {
  readonly name: string;
  readonly shipped: string | null;
  readonly layout: FleetLayout;
  readonly run: Run;
}

function attempt(fleet: FleetNodes, pods: readonly TracePod[], name: string, layout: FleetLayout): Attempt {
  return { name, shipped: null, layout, run: run(fleet, layout, pods) };
}

function accepted({ run: { gpuHours } }: Attempt): number {
  return gpuHours.accepted;
}

function better(one: Attempt, other: Attempt): Attempt {
  return accepted(other) > accepted(one) ? other : one;
}

/** Divides some GPUs otherwise as long as that helps: first many that are divided alike, then few. */
function bestInHindsight(fleet: FleetNodes, pods: readonly TracePod[], start: Attempt): Attempt {
  let best: Attempt = { ...start, name: "best found in hindsight", shipped: null };
  const seen = new Set<string>();
  for (let size = Math.max(1, Math.floor(start.layout.length / 4)); size >= 1 && seen.size < TRIES; size = Math.floor(size / 2)) {
    for (let isBetter = true; isBetter && seen.size < TRIES;) {
      isBetter = false;
      for (const layout of neighbours(best.layout, contentsOf(fleet.model), size)) {
        const key = JSON.stringify(countsOf(layout));
        if (!seen.has(key) && seen.size < TRIES) {
          seen.add(key);
          const other = attempt(fleet, pods, best.name, layout);
          isBetter ||= accepted(other) > accepted(best);
          best = better(best, other);
        }
      }
    }
  }
  return best;
}

function neighbours(layout: FleetLayout, all: readonly GpuContents[], size: number): readonly FleetLayout[] {
  const kinds = [...groupBy(layout, (contents) => JSON.stringify(contents)).values()];
  return kinds.flatMap((kind) =>
    all
      .filter((contents) => JSON.stringify(contents) !== JSON.stringify(kind[0]))
      .map((contents) => {
        // The last ones, so that nodes of GPUs that are not divided stay together at the beginning.
        const changed = new Set(
          layout.flatMap((each, index) => (JSON.stringify(each) === JSON.stringify(kind[0]) ? [index] : [])).slice(-size),
        );
        return layout.map((each, index) => (changed.has(index) ? contents : each));
      }),
  );
}

function countsOf(layout: FleetLayout): LayoutResult["gpus"] {
  return [...groupBy(layout, (contents) => JSON.stringify(contents)).values()]
    .flatMap((group) => (group[0] === undefined ? [] : [{ count: group.length, contents: group[0] }]))
    .sort((a, b) => b.count - a.count);
}

function resultOf({ instanceType, count, gpusPerNode }: FleetNodes, { name, shipped, layout, run: result }: Attempt): LayoutResult {
  const { gpuHours, shareable, waitSeconds, usedGpus, fragmentedGpus, series } = result;
  const percent = ({ asked, accepted: served }: Run["gpuHours"]) => (asked === 0 ? 100 : Math.round((served / asked) * 1000) / 10);
  const { usdPerHour } = instanceType;
  return {
    ...{ name, shipped, gpus: countsOf(layout), acceptedPods: result.accepted, series },
    ...{ acceptedPercent: percent(gpuHours), shareablePercent: percent(shareable) },
    ...{ meanWaitSeconds: Math.round(waitSeconds.mean), p95WaitSeconds: Math.round(waitSeconds.p95) },
    ...{ usedGpus: Math.round(usedGpus * 10) / 10, fragmentedGpus: Math.round(fragmentedGpus * 10) / 10 },
    idleUsdPerHour: usdPerHour === undefined ? null : roundUsd((count * gpusPerNode - usedGpus) * (usdPerHour / gpusPerNode)),
  };
}
