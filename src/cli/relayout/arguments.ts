import type { RelayoutQuestion } from "../../relayout/plan";
import type { WorkQuestion } from "../../relayout/work";
import { UserError } from "../../rehearsal/files";
import { readOptions } from "../options";

export const HELP = `Gives the GPUs of a pool another layout, or restarts its nodes, node by node: cordons a node, drains it, changes it, waits for exactly its slices, and uncordons it.

  npm run relayout -- --context NAME --pool NAME --layout NAME [options]
  npm run relayout -- --context NAME --pool NAME --reboot [options]

It prints the plan and asks. What it is at is in the cluster, so that the same command goes on where another one has ended, also on another machine.

Options
  --context NAME              the cluster of this kubectl context
  --layout NAME               the layout: one that MIG Manager ships, or one of the stack's own that the cluster knows
  --reboot                    keep the layout, and restart the nodes. For each node it prints the command that restarts it, and waits for another boot ID
    --run COMMAND             let sh run this command instead, with NODE, INSTANCE and REGION in its environment
  --pool NAME                 the pool, or a part of its name (default: the only one with GPUs)
  --node NAME                 only this node of the pool; several with several --node
  --drain-minutes NUMBER      how long the pods of a node may take to end, disruption budgets included (default: 15)
  --yes                       do not ask
  --dry-run                   print the plan and change nothing
    --from FILE               plan for a file: one of npm run plan -- --save, or a List of kubectl get ... --output json
  --stack NAME                the stack that the layout is written into in the end, as in Pulumi.NAME.yaml (default: dev).
                              With --dry-run, and neither --context nor --from: plan for the cluster that it would make
  --json                      with --dry-run: print the plan as JSON (format 1) and nothing else
  --help                      print this

Exit codes
  0  every node has the layout, or has restarted; with --dry-run: every pod that stops runs again
  1  it has stopped, and says how to go on and how to go back; with --dry-run: some pods do not run again
  2  nothing was changed: the plan is not possible, or the command line or a file is wrong
  130  it was interrupted, and says how to go on and how to go back

Examples
  npm run relayout -- --dry-run --layout all-1g.5gb
  npm run relayout -- --context production --pool a100 --layout all-1g.5gb --dry-run
  npm run --silent relayout -- --context production --pool a100 --layout all-1g.5gb --dry-run --json | jq -r '.evicts[]'
  npm run relayout -- --context production --pool a100 --layout all-1g.5gb
  npm run relayout -- --context production --pool a100 --layout all-balanced --node ip-10-0-1-5.ec2.internal --yes
  npm run relayout -- --dry-run --reboot
  npm run relayout -- --context production --pool a100 --reboot --node ip-10-0-1-5.ec2.internal
  npm run relayout -- --context production --pool a100 --reboot --run 'aws ec2 reboot-instances --instance-ids "$INSTANCE" --region "$REGION"'
`;

/** How long the pods of a node may take to end where nobody says otherwise. */
export const DEFAULT_DRAIN_MINUTES = 15;

export type RelayoutArguments = { readonly type: "help" } | RelayoutCommand;

export interface RelayoutCommand extends RelayoutQuestion {
  readonly type: "relayout";
  /** `run` changes a cluster. The others only plan. */
  readonly what:
    | { readonly type: "run"; readonly context: string; readonly asks: boolean }
    | { readonly type: "planLive"; readonly context: string }
    | { readonly type: "planFile"; readonly path: string }
    | { readonly type: "planStack" };
  readonly stack: string;
  /** A command for sh that restarts a node. Undefined: the operator does it. */
  readonly restart: string | undefined;
  readonly drainMinutes: number;
  readonly json: boolean;
}

/** @throws UserError for what is not to be understood. */
export function readRelayoutArguments(argv: readonly string[]): RelayoutArguments {
  const values = parse(argv);
  if (values.help) {
    return { type: "help" };
  }
  const { pool, node = [], context, stack, json } = values;
  return {
    type: "relayout",
    work: workOf(values),
    pool,
    nodes: node,
    context,
    stack,
    restart: restartOf(values),
    what: whatOf(values),
    drainMinutes: minutesOf(values["drain-minutes"]),
    json,
  };
}

function workOf({ layout, reboot }: ReturnType<typeof parse>): WorkQuestion {
  if (layout !== undefined && reboot) {
    throw new UserError("--layout and --reboot are different work: write one of them");
  }
  if (layout !== undefined) {
    return { type: "layout", layout };
  }
  if (reboot) {
    return { type: "reboot" };
  }
  throw new UserError("name a layout: --layout NAME, such as --layout all-balanced. Or write --reboot; --help lists the options");
}

function restartOf({ run, reboot, "dry-run": isDry }: ReturnType<typeof parse>): string | undefined {
  if (run !== undefined && (!reboot || isDry)) {
    throw new UserError("--run is the command that restarts a node: write it with --reboot, and without --dry-run");
  }
  return run;
}

function whatOf({ context, from, yes, ...values }: ReturnType<typeof parse>): RelayoutCommand["what"] {
  if (context !== undefined && from !== undefined) {
    throw new UserError("--context and --from are different sources: write one of them");
  }
  if (!values["dry-run"]) {
    if (values.json) {
      throw new UserError("--json prints the plan of --dry-run: write --dry-run too, or leave --json out");
    }
    if (context === undefined) {
      throw new UserError("name a cluster: --context NAME. Or write --dry-run, and only the plan is made");
    }
    return { type: "run", context, asks: !yes };
  }
  return context !== undefined
    ? { type: "planLive", context }
    : from !== undefined
      ? { type: "planFile", path: from }
      : { type: "planStack" };
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  // More of them nobody waits for.
  if (!/^\d{1,6}$/.test(text) || minutes === 0) {
    throw new UserError(`--drain-minutes ${text}: write a number of minutes, such as 15`);
  }
  return minutes;
}

function parse(argv: readonly string[]) {
  return readOptions({
    args: [...argv],
    options: {
      context: { type: "string" },
      from: { type: "string" },
      layout: { type: "string" },
      reboot: { type: "boolean", default: false },
      run: { type: "string" },
      pool: { type: "string" },
      node: { type: "string", multiple: true },
      stack: { type: "string", default: "dev" },
      "drain-minutes": { type: "string", default: String(DEFAULT_DRAIN_MINUTES) },
      yes: { type: "boolean", default: false },
      "dry-run": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }).values;
}
