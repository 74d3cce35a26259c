/** The plan of a relayout as `--json` prints it. Fields may be added; one that changes its meaning or goes raises `format`. */
import { podTitle } from "../../cluster/objects";
import type { Counts } from "../../cluster/readiness";
import type { WhatIf } from "../../planner/what-if/what-if";
import type { Planning } from "../../relayout/plan";
import type { Work } from "../../relayout/work";

export interface PlanReport {
  readonly format: 1;
  /** `done`: nothing is left to do. The others are those of the planner. */
  readonly verdict: "done" | WhatIf["verdict"];
  readonly pool: string;
  /** What is done to each node. */
  readonly work: Work["type"];
  /** The layout that nodes get. Null for a restart, which keeps that of each node. */
  readonly layout: string | null;
  /** In the order in which they are changed. */
  readonly nodes: readonly NodeStep[];
  /** Nodes on which nothing is left to do. */
  readonly done: readonly string[];
  /** Nodes that have joined since a run of reboots began, and are left alone. */
  readonly joined: readonly string[];
  /** What each node publishes afterwards, by profile. Null where nothing is to do, and for a restart. */
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
  /** What it publishes afterwards, by profile. */
  readonly devices: Counts;
  /** Pods that stop, of those that the plan knows. */
  readonly stops: number;
  /** Whether an earlier run has cordoned it. */
  readonly isBegun: boolean;
  /** Whether MIG Manager has failed on it, and tries again. */
  readonly isTriedAgain: boolean;
}

export function planJson(planning: Exclude<Planning, { readonly type: "invalid" }>): PlanReport {
  if (planning.type === "done") {
    const { pool, work, nodes: done, joined } = planning;
    const layout = work.type === "layout" ? work.layout : null;
    return { format: 1, verdict: "done", pool, work: work.type, layout, nodes: [], done, joined, devices: null, evicts: [], effect: null };
  }
  const { pool, work, nodes, done, joined, devices, evicts, begun, retries, effect } = planning.plan;
  const { verdict, steps, ...rest } = effect;
  return {
    ...{ format: 1, verdict, pool, work: work.type },
    layout: work.type === "layout" ? work.layout : null,
    nodes: nodes.map((name) => ({
      ...{ name, ...layoutsOf(work, name) },
      devices: devices.get(name) ?? {},
      stops: steps.find((step) => step.nodes.includes(name))?.stops ?? 0,
      isBegun: begun.includes(name),
      isTriedAgain: retries.includes(name),
    })),
    devices: work.type === "layout" ? (devices.get(nodes[0] ?? "") ?? null) : null,
    ...{ done, joined, evicts: evicts.map(podTitle), effect: rest },
  };
}

/** The layout of a node before and afterwards. */
export function layoutsOf(work: Work, node: string): { readonly from: string; readonly to: string } {
  switch (work.type) {
    case "layout":
      return { from: work.from.get(node) ?? "", to: work.layout };
    case "reboot": {
      const layout = work.layouts.get(node) ?? "";
      return { from: layout, to: layout };
    }
  }
}
