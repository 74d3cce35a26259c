/** Carries a plan out: looks, does the next step, and looks again. It keeps nothing that the cluster does not show, but for how long it waits. */
import { nextStep } from "./step";
import type { Phase, Step, Stop } from "./step";
import type { Plan } from "./plan";
import type { PoolNode } from "./pool";

/** A step that changes the cluster. */
export type Write = Exclude<Step, { readonly type: "wait" | "stop" | "done" }>;

/** The cluster, as a relayout needs it. */
export interface RelayoutCluster {
  /** The members of the pool that there are, as they are now: of the API server, and not of a cache. */
  observe(): Promise<readonly PoolNode[]>;
  /** Does a step. What has changed since the node was observed stays as it is, and is seen at the next look. */
  perform(step: Write): Promise<Performed>;
}

export interface Performed {
  /** Why the API server did not evict pods, in its words. */
  readonly blockers: readonly string[];
}

export interface CarryOutOptions {
  /** How long a node may take for each phase, in milliseconds. */
  readonly limits: Readonly<Record<Phase, number>>;
  /** Waits until it is worth to look again. */
  readonly pause: () => Promise<void>;
  /** Milliseconds of a clock that nobody sets. */
  readonly now: () => number;
  /** Told of every step before it is done, and of what is waited for, once. */
  readonly onStep: (step: Exclude<Step, { readonly type: "stop" | "done" }>) => void;
}

/** Undefined: nothing is left to do on the nodes of the plan. */
export async function carryOut(plan: Plan, cluster: RelayoutCluster, options: CarryOutOptions): Promise<Stop | undefined> {
  const { limits, pause, now, onStep } = options;
  const asked = { retry: new Set<string>(), reboot: new Set<string>() };
  let said = "";
  let current = { key: "", since: now(), blockers: [] as readonly string[] };
  for (;;) {
    const step = nextStep(plan, await cluster.observe(), asked);
    if (step.type === "done") {
      return undefined;
    }
    if (step.type === "stop") {
      return step.stop;
    }
    const phase = phaseOf(step);
    const key = `${step.node.name} ${phase ?? ""}`;
    if (key !== current.key) {
      current = { key, since: now(), blockers: [] };
    }
    if (phase !== undefined && now() - current.since > limits[phase]) {
      return { type: "late", node: step.node, phase, blockers: current.blockers };
    }
    const saying = `${step.node.name} ${step.type} ${phase ?? ""}`;
    if (saying !== said) {
      said = saying;
      onStep(step);
    }
    if (step.type !== "wait") {
      current = { ...current, ...(await cluster.perform(step)) };
    }
    if (step.type === "retry" || step.type === "reboot") {
      asked[step.type].add(step.node.name);
    }
    await pause();
  }
}

/** What a step is a part of that takes its time. */
function phaseOf(step: Exclude<Step, { readonly type: "stop" | "done" }>): Phase | undefined {
  switch (step.type) {
    case "evict":
      return "drain";
    case "reboot":
      return "restart";
    case "restartPlugin":
      return "publication";
    case "wait":
      return step.phase;
    default:
      return undefined;
  }
}
