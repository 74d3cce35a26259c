/** `npm run relayout`: gives the GPUs of a pool another layout, or restarts its nodes, node by node. */
import { resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { resolveLayout } from "../hardware/layouts";
import type { ResolveLayout } from "../planner/what-if/change";
import type { CarryOutOptions } from "../relayout/carry-out";
import type { StackPools } from "../relayout/lasting";
import { planRelayout, poolOf } from "../relayout/plan";
import type { Plan, Planning } from "../relayout/plan";
import type { Stop } from "../relayout/step";
import { UserError } from "../rehearsal/files";
import { clusterNameOf, gpuPoolNames, readStack } from "../rehearsal/stack-files";
import { printable } from "../rehearsal/report/printable";
import { runCommand } from "./command";
import { confirm } from "./confirm";
import { endInOrder } from "./interruption";
import { showProgress } from "./progress";
import { HELP, readRelayoutArguments } from "./relayout/arguments";
import type { RelayoutCommand } from "./relayout/arguments";
import { planJson } from "./relayout/json";
import { DONE, REFUSED, STOPPED } from "./relayout/codes";
import { conduct } from "./relayout/conduct";
import { withRestarts } from "./relayout/restart";
import { formatPlan, waitingText } from "./relayout/text";
import type { CommandNames } from "./relayout/ways";
import { fileSnapshot, readContext, stackSnapshot } from "./sources";
import { textOptions } from "./terminal";

const ROOT = resolve(__dirname, "../..");

const MINUTE_MS = 60_000;
/** What a node may take beside its drain. Restart: as the doctor waits for one of eight GPUs. MIG Manager waits 5 minutes for each kind of the operator's pods, and an instance with eight GPUs restarts in between. */
const LIMITS = { restart: 20 * MINUTE_MS, partition: 30 * MINUTE_MS, publication: 10 * MINUTE_MS } as const;
/** Between two looks at the cluster. */
const PAUSE_MS = 2000;

async function main(): Promise<number> {
  const args = readRelayoutArguments(process.argv.slice(2));
  if (args.type === "help") {
    process.stdout.write(HELP);
    return DONE;
  }
  const { what, json } = args;
  switch (what.type) {
    case "run":
      if (what.asks && !process.stdin.isTTY) {
        throw new UserError("there is no terminal to ask on. Read the plan of --dry-run, and write --yes");
      }
      return run(args, what);
    case "planLive":
      return show(await planLive(args, what.context), json);
    case "planFile":
      return show(planRelayout(printable(await fileSnapshot(what.path)), args, resolveLayout), json);
    case "planStack":
      return show(planRelayout(await stackSnapshot(args.stack), args, resolveLayout), json);
  }
}

async function run(args: RelayoutCommand, { context, asks }: Extract<RelayoutCommand["what"], { type: "run" }>): Promise<number> {
  const names = { context, asks, stack: args.stack, restart: args.restart, drainMinutes: args.drainMinutes };
  return conduct({
    names,
    pools: () => poolsOf(args.stack),
    plan: () => planLive(args, context),
    confirm: () => confirm("Do you want to go on? [y/N] ", process.stdin, process.stdout),
    perform: (plan, onStep) => perform(plan, names, onStep),
    forget: async (done) => {
      const { forgetRun } = await import("../live/relayout");
      await readContext(context, (api) => forgetRun(api, done.pool, done.noted, sayWho(done)));
    },
    print: (text) => process.stdout.write(text),
    options: textOptions(),
  });
}

async function perform(plan: Plan, names: CommandNames, onStep: CarryOutOptions["onStep"]): Promise<Stop | undefined> {
  const { ApiServer } = await import("../live/api/api-server");
  const { accessOf } = await import("../live/api/context");
  const { openCluster } = await import("../live/relayout");
  const { carryOut } = await import("../relayout/carry-out");
  const cluster = await openCluster(() => new ApiServer(accessOf(names.context)), plan, sayWho(plan));
  const signal = endInOrder();
  try {
    return await carryOut(plan, withRestarts(cluster, names.restart), {
      limits: { ...LIMITS, drain: names.drainMinutes * MINUTE_MS },
      pause: () => sleep(PAUSE_MS, undefined, { signal }),
      now: () => performance.now(),
      onStep,
    });
  } finally {
    await cluster.close();
  }
}

/** Who was at work on the pool, while it is found out whether they still are. */
function sayWho(of: Pick<Plan, "pool">): (holder: string) => void {
  return (holder) => process.stdout.write(`${waitingText(of, holder)}\n`);
}

async function planLive(args: RelayoutCommand, context: string): Promise<Planning> {
  const { readCluster } = await import("../live/snapshot");
  const { migLayoutsText, runOf } = await import("../live/relayout");
  const { layoutOf, migConfigsIn } = await import("../rehearsal/recorded/mig-manager");
  const progress = showProgress("reading ...");
  try {
    return await readContext(context, async (api) => {
      // First of all, it says so if the cluster does not answer.
      const snapshot = await readCluster(api, context, progress.say);
      const text = await migLayoutsText(api);
      const configs = text === undefined ? ({ type: "stock" } as const) : migConfigsIn(text);
      const resolveKnown: ResolveLayout = (name, model, count) => layoutOf(name, model, count, configs);
      const pool = args.work.type === "reboot" ? poolOf(snapshot, args.pool) : undefined;
      return planRelayout(snapshot, args, resolveKnown, pool === undefined ? undefined : await runOf(api, pool));
    });
  } finally {
    progress.end();
  }
}

/** Prints a plan that is not carried out. */
function show(planning: Planning, json: boolean): number {
  if (planning.type === "invalid") {
    throw new UserError(planning.problems.join("\n"));
  }
  if (json) {
    process.stdout.write(`${JSON.stringify(planJson(planning), undefined, 2)}\n`);
  } else if (planning.type === "done") {
    const { pool, work } = planning;
    process.stdout.write(
      work.type === "layout"
        ? `Every node of pool ${pool} has ${work.layout} already.\n`
        : `The nodes of pool ${pool} have restarted in a run that has not been ended: run the command without --dry-run.\n`,
    );
  } else {
    process.stdout.write(formatPlan(planning.plan, textOptions()));
  }
  return planning.type === "done" || planning.plan.effect.verdict === "keeps" ? DONE : STOPPED;
}

/** What the stack's file says of its pools. The cluster can be of a stack whose file is elsewhere. */
function poolsOf(stack: string): StackPools {
  try {
    const settings = readStack(ROOT, stack);
    return { stack, clusterName: clusterNameOf(settings) ?? "", gpuPools: gpuPoolNames(settings) };
  } catch (error) {
    if (error instanceof UserError) {
      return { stack, clusterName: "", gpuPools: [] };
    }
    throw error;
  }
}

runCommand(main, { exitCode: REFUSED, json: { verdict: "refused" } });
