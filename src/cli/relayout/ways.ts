/** The commands with which a relayout goes on, and with which a node of it is left. */
import { kubectlFor } from "../../cluster/shell-line";
import { commandsFor } from "../../doctor/commands";
import { hasRestarted } from "../../relayout/done";
import type { Plan } from "../../relayout/plan";
import type { Instance, PoolNode } from "../../relayout/pool";
import { relayoutLine } from "../../relayout/command-lines";
import { RELAYOUT_ANNOTATION } from "../../relayout/record";
import { DAEMON_LABELS } from "../../well-known/gpu-daemons";
import { GPU_OPERATOR_NAMESPACE } from "../../well-known/namespaces";
import { DEFAULT_DRAIN_MINUTES } from "./arguments";

/** What the commands of a text are about. */
export interface CommandNames {
  readonly context: string;
  readonly stack: string;
  /** The command of `--run`. */
  readonly restart: string | undefined;
  readonly drainMinutes: number;
  /** Whether it asks before it changes anything: `--yes` says no. */
  readonly asks: boolean;
}

export interface Way {
  readonly title: string;
  readonly commands: readonly string[];
}

/** The same command again, for the same nodes. */
export function wayOn({ pool, work, asked }: Plan, names: CommandNames): Way {
  const run = names.restart === undefined ? [] : ["--run", names.restart];
  const what = work.type === "layout" ? ["--layout", work.layout] : ["--reboot", ...run];
  return {
    title: "To go on, once that is mended",
    commands: [
      relayoutLine(
        names,
        ...["--pool", pool, ...what, ...asked.flatMap((name) => ["--node", name]), ...drainOf(names)],
        ...(names.asks ? [] : ["--yes"]),
      ),
    ],
  };
}

/** How a node that may be begun is left as it was before, and the other nodes as they are. Undefined: it has restarted, and only goes on. */
export function wayBack(plan: Plan, { name, record, bootId, migState }: PoolNode, names: CommandNames): Way | undefined {
  const { work } = plan;
  switch (work.type) {
    case "layout":
      return backTo(plan, name, work.from.get(name) ?? "", names);
    case "reboot": {
      if (record.type === "record" && record.record.type === "reboot" && hasRestarted(bootId, record.record.bootId)) {
        return undefined;
      }
      const kubectl = kubectlFor(names.context);
      return {
        title: `To leave ${name} without a restart, and the other nodes as they are`,
        commands: [
          // MIG Manager says again what the relayout has taken away.
          ...(migState === undefined ? [migManagerLine(name, names)] : []),
          kubectl("annotate", "node", name, `${RELAYOUT_ANNOTATION}-`),
          kubectl("uncordon", name),
        ],
      };
    }
  }
}

/** Takes a node back to a layout. It asks: it is other work than what somebody has said yes to. */
export function backTo({ pool }: Plan, node: string, layout: string, names: CommandNames): Way {
  return {
    title: `To take ${node} back to ${layout}, and leave the other nodes as they are`,
    commands: [relayoutLine(names, "--pool", pool, "--layout", layout, "--node", node, ...drainOf(names))],
  };
}

function drainOf({ drainMinutes }: CommandNames): readonly string[] {
  return drainMinutes === DEFAULT_DRAIN_MINUTES ? [] : ["--drain-minutes", String(drainMinutes)];
}

/** Restarts an instance. */
export function restartLine({ id, region }: Instance, names: Pick<CommandNames, "context" | "stack">): string {
  return commandsFor({ ...names, region }).aws("ec2", "reboot-instances", "--instance-ids", id);
}

/** Ends an instance: its node group starts another one. */
export function replaceLine({ id, region }: Instance, names: CommandNames): string {
  return commandsFor({ ...names, region }).aws("ec2", "terminate-instances", "--instance-ids", id);
}

/** Has MIG Manager of a node begin again. */
export function migManagerLine(node: string, { context }: Pick<CommandNames, "context">): string {
  const pod = ["-l", `app=${DAEMON_LABELS.migManager.app}`, "--field-selector", `spec.nodeName=${node}`];
  return kubectlFor(context)("-n", GPU_OPERATOR_NAMESPACE, "delete", "pod", ...pod);
}
