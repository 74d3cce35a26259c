/** Nodes are restarted by whoever may: by a command that the operator has named, or by the operator, who reads on the terminal which one. */
import { spawn } from "node:child_process";
import { Socket } from "node:net";
import type { LiveCluster } from "../../live/relayout";
import type { RelayoutCluster } from "../../relayout/carry-out";
import type { PoolNode } from "../../relayout/pool";
import type { Step } from "../../relayout/step";

/** The operator's command has not restarted a node. */
export class CommandFailed extends Error {}

/** So much of what a command has printed last is shown. */
const SHOWN = 2000;

/** What a command has said of a node that it was to restart. */
interface Failure {
  readonly error: CommandFailed;
  readonly step: RebootStep;
}

type RebootStep = Extract<Step, { type: "reboot" }>;

/**
 * @param command for `sh`. Undefined: the operator restarts the nodes.
 * @returns the same cluster, which also has nodes restarted. A look at it ends in `CommandFailed` once a command has failed, unless its node has restarted
 * all the same: the connection over which a node is restarted can end before the command does.
 */
export function withRestarts(live: LiveCluster, command: string | undefined): RelayoutCluster {
  let failure: Failure | undefined;
  const restart = (step: RebootStep) => {
    if (command !== undefined) {
      // Nobody waits for it: the lock of the pool is renewed meanwhile, and another boot ID is the proof.
      void restartBy(command, step).catch((error: unknown) => (failure = { error: error as CommandFailed, step }));
    }
    return Promise.resolve({ blockers: [] });
  };
  return {
    observe: async () => {
      const nodes = await live.observe();
      if (failure !== undefined && nodes.some((node) => isAsBefore(node, failure?.step.node))) {
        throw failure.error;
      }
      failure = undefined;
      return nodes;
    },
    perform: (step) => (step.type === "reboot" ? restart(step) : live.perform(step)),
  };
}

/** Whether nothing shows that a node restarts: it answers, as it has booted before. */
function isAsBefore({ name, bootId, isReady }: PoolNode, before: PoolNode | undefined): boolean {
  return name === before?.name && bootId === before.bootId && isReady;
}

/** @throws CommandFailed */
function restartBy(command: string, { node, instance }: RebootStep): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (how: string) => {
      reject(new CommandFailed(`node ${node.name} stays cordoned: ${command} ${how}`));
    };
    const child = spawn("sh", ["-c", command], {
      env: { ...process.env, NODE: node.name, INSTANCE: instance.id, REGION: instance.region },
      stdio: ["ignore", "pipe", "pipe"],
    });
    // A command that goes on when its node has restarted keeps nobody waiting.
    child.unref();
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      if (stream instanceof Socket) {
        stream.unref();
      }
      stream.on("data", (chunk: Buffer) => (output = `${output}${chunk.toString()}`.slice(-SHOWN)));
    }
    child.on("error", (error) => {
      fail(`cannot be started: ${error.message}`);
    });
    child.on("close", (code, signal) => {
      if (code === 0) {
        resolve();
      } else {
        fail(`ended with ${code === null ? String(signal) : `code ${String(code)}`}: ${output.trim()}`);
      }
    });
  });
}
