/** A relayout as text: its plan, its steps, and how it ends. */
import { podTitle } from "../../cluster/objects";
import { kubectlFor } from "../../cluster/shell-line";
import type { Kubectl } from "../../cluster/shell-line";
import { commandsFor } from "../../doctor/commands";
import type { CarryOutOptions } from "../../relayout/carry-out";
import { lastingCommands, layoutKey } from "../../relayout/lasting";
import type { Plan } from "../../relayout/plan";
import type { Phase, Stop } from "../../relayout/step";
import { printable } from "../../rehearsal/report/printable";
import { hang, table } from "../../rehearsal/report/style";
import type { TextOptions } from "../../rehearsal/report/style";
import { DAEMON_LABELS } from "../../well-known/gpu-daemons";
import { MIG_CONFIG_LABEL } from "../../well-known/labels";
import { DRA_DRIVER_NAMESPACE, GPU_OPERATOR_NAMESPACE } from "../../well-known/namespaces";
import { formatWhatIf } from "../plan/text/what-if";
import { indented } from "../plan/text/status";

export function formatPlan(plan: Plan, options: TextOptions): string {
  const { nodes, done, layout, from, retries, evicts, effect } = plan;
  const { style } = options;
  const section = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : [style.bold(title), ...indented(lines), ""]);
  const rows = nodes.map((name, index) => {
    const now = effect.steps.find((step) => step.nodes.includes(name));
    return [
      String(index + 1),
      name,
      from.get(name) ?? "",
      layout,
      String(now?.stops ?? 0),
      retries.includes(name) ? "MIG Manager tries again" : "",
    ];
  });
  return [
    ...section("Node by node", table([["step", "node", "from", "to", "pods that stop", ""], ...rows])),
    ...section("Have the layout already", done),
    ...section("Pods that are evicted, and those that their controllers make instead", evicts.map(podTitle)),
    // The steps are above, in the order in which they are done.
    formatWhatIf({ ...effect, steps: [] }, options),
  ].join("\n");
}

const PHASES: Readonly<Record<Phase, string>> = {
  drain: "its pods end",
  partition: "MIG Manager has divided its GPUs",
  publication: "exactly the slices of its layout are published",
};

/** One line for each step, said before it is done. */
export function stepText(step: Parameters<CarryOutOptions["onStep"]>[0]): string {
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

/** What the commands of a text are about. */
export interface CommandNames {
  readonly context: string;
  readonly stack: string;
}

export type Halted = Exclude<Stop, { readonly type: "unplanned" }>;

/** Why a relayout has stopped, how to go on, and how to go back. */
export function formatStop(stop: Halted, plan: Plan, names: CommandNames, { style, width }: TextOptions): string {
  const { node } = stop;
  const { reasons, look } = explain(stop, kubectlFor(names.context));
  const isBegun = node.record.type === "record";
  return [
    "",
    `${style.bad("Stopped")} at ${node.name}${isBegun ? ", which stays cordoned" : ", which is as it was"}.`,
    ...printable(reasons).flatMap((reason) => hang("- ", reason, width)),
    ...look,
    "",
    style.bold("To go on, once that is mended"),
    relayoutLine(plan, names, "--layout", plan.layout),
    ...(isBegun
      ? [
          style.bold(`To take ${node.name} back to ${plan.from.get(node.name) ?? ""}, and leave the other nodes as they are`),
          relayoutLine(plan, names, "--layout", plan.from.get(node.name) ?? "", "--node", node.name),
        ]
      : []),
    "",
  ].join("\n");
}

/** The cluster has refused something, or cannot be reached. */
export function formatLost(reason: string, plan: Plan, names: CommandNames, { style, width }: TextOptions): string {
  return [
    "",
    ...hang(`${style.bad("Stopped")}: `, reason, width),
    "",
    style.bold("To go on, once that is mended"),
    relayoutLine(plan, names, "--layout", plan.layout),
    "",
  ].join("\n");
}

/** Somebody has not agreed to the plan. */
export function formatDeclined(plan: Plan, names: CommandNames, { style }: TextOptions): string {
  return [
    "Nothing was changed.",
    ...plan.begun.flatMap((name) => [
      "",
      `${name} stays cordoned. ${style.bold(`To take it back to ${plan.from.get(name) ?? ""}`)}`,
      relayoutLine(plan, names, "--layout", plan.from.get(name) ?? "", "--node", name),
    ]),
    "",
  ].join("\n");
}

function relayoutLine({ pool }: Plan, names: CommandNames, ...args: readonly string[]): string {
  return commandsFor({ ...names, region: "" }).relayout("--pool", pool, ...args);
}

interface Explanation {
  readonly reasons: readonly string[];
  /** Commands. */
  readonly look: readonly string[];
}

function explain(stop: Halted, kubectl: Kubectl): Explanation {
  const { name } = stop.node;
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
        case "partition":
          return {
            reasons: [
              `MIG Manager has not divided the GPUs in time (nvidia.com/mig.config.state=${stop.node.migState ?? ""}). Where it has given up, a restart has it try again:`,
            ],
            look: [kubectl("-n", GPU_OPERATOR_NAMESPACE, "delete", "pod", ...migManager, ...onNode)],
          };
        case "publication":
          return {
            reasons: ["the DRA plugin has not published exactly the slices of the layout in time. It lists devices once, when it starts:"],
            look: [kubectl("-n", DRA_DRIVER_NAMESPACE, "delete", "pod", ...onNode)],
          };
      }
  }
}

/** What is left to do when every node has the layout. @param poolIndex its place in `gpuPools`; undefined: the stack file does not say. */
export function formatLasting(
  { pool, layout, isWhole }: { readonly pool: string; readonly layout: string; readonly isWhole: boolean },
  { stack }: CommandNames,
  poolIndex: number | undefined,
  { style, width }: TextOptions,
): string {
  if (!isWhole) {
    const reason = `The other nodes of pool ${pool} have what they had. A pool has one layout in the stack, so run this without --node, or take these nodes back, before the next pulumi up.`;
    return ["", `${style.good("Done")}: these nodes have ${layout}.`, ...hang("", reason, width), ""].join("\n");
  }
  return [
    "",
    `${style.good("Done")}: every node of pool ${pool} has ${layout}.`,
    ...hang(
      "",
      `The stack still says otherwise, and nodes that join the pool get what it says. To make it last, set ${layoutKey(poolIndex)}:`,
      width,
    ),
    ...lastingCommands(layout, stack, poolIndex),
    ...hang(
      "",
      "pulumi up gives the node group the label that its nodes have already, so that MIG Manager does nothing and no pod stops. The rehearsal before says whether quotas fit.",
      width,
    ),
    "",
  ].join("\n");
}
