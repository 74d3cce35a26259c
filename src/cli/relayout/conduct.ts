/** A relayout from its first plan to its end: plans, asks, carries the plan out, and plans again, until nothing is left to do. */
import { podTitle } from "../../cluster/objects";
import { isOfCluster } from "../../live/api/api-server";
import type { CarryOutOptions } from "../../relayout/carry-out";
import type { StackPools } from "../../relayout/lasting";
import type { Plan, Planning } from "../../relayout/plan";
import type { PoolNode } from "../../relayout/pool";
import type { Stop } from "../../relayout/step";
import { UserError } from "../../rehearsal/files";
import type { TextOptions } from "../../rehearsal/report/style";
import { INTERRUPTED } from "../exit-codes";
import { DONE, STOPPED } from "./codes";
import { CommandFailed } from "./restart";
import { formatDeclined, formatLasting, formatLost, formatPlan, formatRestarted, formatStop, stepText } from "./text";
import type { CommandNames } from "./ways";

type Done = Extract<Planning, { readonly type: "done" }>;

export interface Conduct {
  readonly names: CommandNames;
  /** What the stack's file says of its pools. */
  readonly pools: () => StackPools;
  readonly plan: () => Promise<Planning>;
  /** Asks whether to carry the plan out that was printed. */
  readonly confirm: () => Promise<boolean>;
  readonly perform: (plan: Plan, onStep: CarryOutOptions["onStep"]) => Promise<Stop | undefined>;
  /** Has the cluster forget a run of reboots that has ended. */
  readonly forget: (done: Done) => Promise<void>;
  readonly print: (text: string) => void;
  readonly options: TextOptions;
}

/** What is being carried out. */
interface Begun {
  readonly plan: Plan;
  /** The node that it is at. Undefined: it has done no step. */
  readonly at: PoolNode | undefined;
}

/** @returns the exit code. @throws UserError where nothing was changed. */
export async function conduct({ names, pools, plan: makePlan, confirm, perform, forget, print, options }: Conduct): Promise<number> {
  let begun: Begun | undefined;
  try {
    for (;;) {
      const planning = await makePlan();
      if (planning.type === "invalid") {
        throw new UserError(planning.problems.join("\n"));
      }
      if (planning.type === "done") {
        if (planning.work.type === "reboot" && planning.isRunOver) {
          await forget(planning);
        }
        print(endText(planning, pools, names, options));
        return DONE;
      }
      const { plan } = planning;
      print(formatPlan(plan, options));
      if (names.asks && !(await confirm())) {
        print(formatDeclined(plan, begun === undefined, names, options));
        return STOPPED;
      }
      begun = { plan, at: undefined };
      const stop = await perform(plan, (step) => {
        begun = { plan, at: step.node };
        print(`${stepText(step, names)}\n`);
      });
      // Where it has come to its end, the next plan says so.
      if (stop?.type === "unplanned") {
        begun = { plan, at: stop.node.record.type === "record" ? stop.node : undefined };
        print(`\n${stop.node.name}: ${stop.pods.map(podTitle).join(", ")} came after the plan, which is made again with them.\n\n`);
      } else if (stop !== undefined) {
        print(formatStop(stop, plan, names, options));
        return STOPPED;
      } else {
        begun = { plan, at: undefined };
      }
    }
  } catch (error) {
    const end = endOf(error);
    if (begun === undefined || end === undefined) {
      throw error;
    }
    print(formatLost(end.reason, begun.plan, begun.at, names, options));
    return end.code;
  }
}

/** How an error ends a relayout that has begun. Undefined: it is a fault of this project. */
function endOf(error: unknown): { readonly reason: string; readonly code: number } | undefined {
  if (error instanceof Error && error.name === "AbortError") {
    return { reason: "it was interrupted", code: INTERRUPTED };
  }
  return isOfCluster(error) || error instanceof CommandFailed || error instanceof UserError
    ? { reason: error.message, code: STOPPED }
    : undefined;
}

function endText({ pool, work, joined, isWhole }: Done, pools: Conduct["pools"], names: CommandNames, options: TextOptions): string {
  return work.type === "layout"
    ? formatLasting({ pool, layout: work.layout, isWhole }, pools(), options)
    : formatRestarted({ pool, isWhole, joined }, names, options);
}
