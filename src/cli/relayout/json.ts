/** The plan of a relayout as `--json` prints it. Fields may be added; one that changes its meaning or goes raises `format`. */
import { podTitle } from "../../cluster/objects";
import type { Counts } from "../../cluster/readiness";
import type { WhatIf } from "../../planner/what-if/what-if";
import type { Planning } from "../../relayout/plan";

export interface PlanReport {
  readonly format: 1;
  /** `done`: every node has the layout. The others are those of the planner. */
  readonly verdict: "done" | WhatIf["verdict"];
  readonly pool: string;
  readonly layout: string;
  /** In the order in which they are changed. */
  readonly nodes: readonly NodeStep[];
  /** Nodes that have the layout already. */
  readonly done: readonly string[];
  /** What each node publishes afterwards, by profile. Null where nothing is to do. */
  readonly devices: Counts | null;
  /** Pods that are evicted, `namespace/name`, and so is what their controllers make instead. */
  readonly evicts: readonly string[];
  /** What the planner says of the change. Null where nothing is to do. */
  readonly effect: Omit<WhatIf, "verdict" | "steps"> | null;
}

interface NodeStep {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** Pods that stop, of those that the plan knows. */
  readonly stops: number;
  /** Whether an earlier run has cordoned it. */
  readonly isBegun: boolean;
  /** Whether MIG Manager has failed on it, and tries again. */
  readonly isTriedAgain: boolean;
}

export function planJson(planning: Exclude<Planning, { readonly type: "invalid" }>): PlanReport {
  if (planning.type === "done") {
    const { pool, layout, nodes: done } = planning;
    return { format: 1, verdict: "done", pool, layout, nodes: [], done, devices: null, evicts: [], effect: null };
  }
  const { pool, layout, nodes, done, devices, evicts, begun, retries, from, effect } = planning.plan;
  const { verdict, steps, ...rest } = effect;
  return {
    ...{ format: 1, verdict, pool, layout },
    nodes: nodes.map((name) => ({
      ...{ name, from: from.get(name) ?? "", to: layout },
      stops: steps.find((step) => step.nodes.includes(name))?.stops ?? 0,
      isBegun: begun.includes(name),
      isTriedAgain: retries.includes(name),
    })),
    ...{ done, devices, evicts: evicts.map(podTitle), effect: rest },
  };
}
