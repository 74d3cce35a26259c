/** A relayout as text: its plan, its steps, and how it ends. */
import { podTitle } from "../../cluster/objects";
import { kubectlFor } from "../../cluster/shell-line";
import type { CarryOutOptions } from "../../relayout/carry-out";
import { relayoutLine } from "../../relayout/command-lines";
import { lastingCommands } from "../../relayout/lasting";
import type { StackPools } from "../../relayout/lasting";
import type { Plan } from "../../relayout/plan";
import { leaseNameOf } from "../../relayout/run";
import type { PoolNode } from "../../relayout/pool";
import type { Phase, Stop } from "../../relayout/step";
import { printable } from "../../rehearsal/report/printable";
import { hang, table } from "../../rehearsal/report/style";
import type { TextOptions } from "../../rehearsal/report/style";
import { DAEMON_LABELS } from "../../well-known/gpu-daemons";
import { MIG_CONFIG_LABEL, MIG_CONFIG_STATE_LABEL } from "../../well-known/labels";
import { DRA_DRIVER_NAMESPACE, GPU_OPERATOR_NAMESPACE } from "../../well-known/namespaces";
import { formatWhatIf } from "../plan/text/what-if";
import { indented } from "../plan/text/status";
import { layoutsOf } from "./json";
import { backTo, migManagerLine, replaceLine, restartLine, wayBack, wayOn } from "./ways";
import type { CommandNames, Way } from "./ways";

export function formatPlan(plan: Plan, options: TextOptions): string {
  const { pool, context, nodes, done, joined, work, retries, evicts, effect } = plan;
  const { style } = options;
  const section = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : [style.bold(title), ...indented(lines), ""]);
  const rows = nodes.map((name, index) => {
    const now = effect.steps.find((step) => step.nodes.includes(name));
    const { from, to } = layoutsOf(work, name);
    const layouts = work.type === "layout" ? [from, to] : [to];
    return [String(index + 1), name, ...layouts, String(now?.stops ?? 0), retries.includes(name) ? "MIG Manager tries again" : ""];
  });
  const where = context === undefined ? [] : [style.bold(`Pool ${pool} of the cluster of context ${context}`), ""];
  return [
    ...where,
    ...section(
      "Node by node",
      table([["step", "node", ...(work.type === "layout" ? ["from", "to"] : ["layout"]), "pods that stop", ""], ...rows]),
    ),
    ...section(work.type === "layout" ? "Have the layout already" : "Have restarted already, in a run that has begun before", done),
    ...(work.type === "reboot" && done.length > 0 ? section("To forget that run, and restart these nodes too", forgetting(plan)) : []),
    ...section("Left alone, since they have joined after that run began", joined),
    ...section("Pods that are evicted, and those that their controllers make instead", evicts.map(podTitle)),
    // The steps are above, in the order in which they are done.
    formatWhatIf({ ...effect, steps: [] }, options),
  ].join("\n");
}

const PHASES: Readonly<Record<Phase, string>> = {
  drain: "its pods end",
  restart: "it has restarted, and says so by another boot ID",
  partition: "MIG Manager has divided its GPUs",
  publication: "exactly the slices of its layout are published",
};

/** One line for each step, said before it is done. */
export function stepText(step: Parameters<CarryOutOptions["onStep"]>[0], names: CommandNames): string {
  const { name } = step.node;
  switch (step.type) {
    case "begin":
      return `${name}: cordon`;
    case "turnBack":
      return `${name}: back to ${step.record.to}`;
    case "cordon":
      return `${name}: cordon again, since somebody has uncordoned it`;
    case "evict":
      return `${name}: evict ${step.pods.map(podTitle).join(", ")}`;
    case "relabel":
      return `${name}: ${MIG_CONFIG_LABEL}=${step.record.to}`;
    case "clearState":
      return `${name}: remove ${MIG_CONFIG_STATE_LABEL}, which MIG Manager sets again after the restart`;
    case "reboot":
      return names.restart === undefined
        ? `${name}: run this, which restarts it: ${restartLine(step.instance, names)}`
        : `${name}: restart it by ${names.restart}`;
    case "retry":
      return `${name}: MIG Manager tries again`;
    case "restartPlugin":
      return `${name}: restart the DRA plugin, which was started before`;
    case "finish":
      return `${name}: uncordon`;
    case "wait":
      return `${name}: wait until ${PHASES[step.phase]}`;
  }
}

/** Somebody has the lock of the pool, and may have been killed. */
export function waitingText({ pool }: Pick<Plan, "pool">, holder: string): string {
  return `${holder} was at a relayout of pool ${pool}: wait until it is known whether it still is`;
}

export type Halted = Exclude<Stop, { readonly type: "unplanned" }>;

/** Why a relayout has stopped, how to go on, and how to go back. */
export function formatStop(stop: Halted, plan: Plan, names: CommandNames, options: TextOptions): string {
  const { style, width } = options;
  const { node } = stop;
  const { reasons, look } = explain(stop, names);
  const back = node.record.type === "record" ? wayBack(plan, node, names) : undefined;
  return [
    "",
    `${style.bad("Stopped")} at ${node.name}${node.record.type === "record" ? ", which stays cordoned" : ", which is as it was"}.`,
    ...printable(reasons).flatMap((reason) => hang("- ", reason, width)),
    ...look,
    "",
    ...wayLines(wayOn(plan, names), options),
    ...(back === undefined ? [] : wayLines(back, options)),
    "",
  ].join("\n");
}

/**
 * What ends a relayout in the middle: the cluster has refused something or cannot be reached, a command has failed, or there is no plan any more.
 * @param at the node that it was at. Undefined: it was at none.
 */
export function formatLost(reason: string, plan: Plan, at: PoolNode | undefined, names: CommandNames, options: TextOptions): string {
  const { style, width } = options;
  const back = at && wayBack(plan, at, names);
  return [
    "",
    `${style.bad("Stopped")}${at === undefined ? "" : ` at ${at.name}, which may be cordoned`}.`,
    ...printable(reason)
      .split("\n")
      .flatMap((line) => hang("- ", line, width)),
    "",
    ...wayLines(wayOn(plan, names), options),
    ...(back === undefined ? [] : wayLines(back, options)),
    "",
  ].join("\n");
}

/** Somebody has not agreed to the plan. @param isFirst whether this process has changed nothing before. */
export function formatDeclined(plan: Plan, isFirst: boolean, names: CommandNames, options: TextOptions): string {
  const { work, begun } = plan;
  return [
    isFirst ? "Nothing was changed." : "Nothing more is changed.",
    ...begun.flatMap((name) => {
      const way = work.type === "layout" ? backTo(plan, name, work.from.get(name) ?? "", names) : wayOn(plan, names);
      return ["", `${name} stays cordoned.`, ...wayLines(way, options)];
    }),
    "",
  ].join("\n");
}

function wayLines({ title, commands }: Way, { style }: TextOptions): readonly string[] {
  return [style.bold(title), ...commands];
}

/** What removes the memory of a run of reboots. */
function forgetting({ context, pool }: Plan): readonly string[] {
  return [kubectlFor(context)("-n", GPU_OPERATOR_NAMESPACE, "delete", "lease", leaseNameOf(pool))];
}

interface Explanation {
  readonly reasons: readonly string[];
  /** Commands. */
  readonly look: readonly string[];
}

function explain(stop: Halted, names: CommandNames): Explanation {
  const { name, instance, isReady, migState } = stop.node;
  const kubectl = kubectlFor(names.context);
  const onNode = ["--field-selector", `spec.nodeName=${name}`];
  const migManager = ["-l", `app=${DAEMON_LABELS.migManager.app}`];
  switch (stop.type) {
    case "obstacle":
      return { reasons: stop.problems, look: [] };
    case "failed":
      return {
        reasons: ["MIG Manager could not divide the GPUs (nvidia.com/mig.config.state=failed). It says why:"],
        look: [kubectl("-n", GPU_OPERATOR_NAMESPACE, "logs", ...migManager, "--prefix", "--tail=50")],
      };
    case "late":
      switch (stop.phase) {
        case "drain":
          return {
            reasons: [`these pods have not ended in time: ${stop.node.pods.map(podTitle).join(", ")}`, ...stop.blockers],
            look: [kubectl("get", "pods", "--all-namespaces", ...onNode)],
          };
        case "restart":
          return {
            reasons: [
              "it has not come back with another boot ID in time. The first command restarts it. If it does not come back, the second ends it, and its node group starts another one:",
            ],
            look: instance === undefined ? [] : [restartLine(instance, names), replaceLine(instance, names)],
          };
        case "partition":
          return isReady
            ? {
                reasons: [
                  `MIG Manager has not divided the GPUs in time (nvidia.com/mig.config.state=${migState ?? ""}). Where it has given up, a restart has it try again:`,
                ],
                look: [migManagerLine(name, names)],
              }
            : {
                reasons: ["it is not Ready. If it does not come back, this ends it, and its node group starts another one:"],
                look: instance === undefined ? [] : [replaceLine(instance, names)],
              };
        case "publication":
          return {
            reasons: ["the DRA plugin has not published exactly the slices of the layout in time. It lists devices once, when it starts:"],
            look: [kubectl("-n", DRA_DRIVER_NAMESPACE, "delete", "pod", ...onNode)],
          };
      }
  }
}

export interface Ended {
  readonly pool: string;
  /** Whether it was about the whole pool. */
  readonly isWhole: boolean;
}

/** A run of reboots has ended. @param joined nodes that it has left alone. */
export function formatRestarted(
  { pool, isWhole, joined }: Ended & { readonly joined: readonly string[] },
  names: Pick<CommandNames, "context" | "stack">,
  { style, width }: TextOptions,
): string {
  const nodes = isWhole && joined.length === 0 ? `every node of pool ${pool}` : "these nodes";
  return [
    "",
    `${style.good("Done")}: ${nodes} restarted, and published the slices that their layout has.`,
    ...(joined.length === 0
      ? []
      : [
          ...hang("", `Left alone, since they have joined after the run began: ${joined.join(", ")}. To restart them too:`, width),
          relayoutLine(names, "--pool", pool, "--reboot", ...joined.flatMap((name) => ["--node", name])),
        ]),
    "",
  ].join("\n");
}

/** What is left to do when every node has the layout. */
export function formatLasting(
  { pool, layout, isWhole }: Ended & { readonly layout: string },
  pools: StackPools,
  { style, width }: TextOptions,
): string {
  if (!isWhole) {
    const reason = `The other nodes of pool ${pool} have what they had. A pool has one layout in the stack, so run this without --node, or take these nodes back, before the next pulumi up.`;
    return ["", `${style.good("Done")}: these nodes have ${layout}.`, ...hang("", reason, width), ""].join("\n");
  }
  return [
    "",
    `${style.good("Done")}: every node of pool ${pool} has ${layout}.`,
    ...hang("", "The stack can still say otherwise, and nodes that join the pool get what it says. To make it last:", width),
    ...lastingCommands(layout, pool, pools),
    ...hang(
      "",
      "pulumi up gives the node group the label that its nodes have already, so that MIG Manager does nothing and no pod stops. The rehearsal before says whether quotas fit.",
      width,
    ),
    "",
  ].join("\n");
}
