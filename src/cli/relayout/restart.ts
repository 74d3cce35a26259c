/** Nodes are restarted by whoever may: by a command that the operator has named, or by the operator, who reads on the terminal which one. */
import { spawn } from "node:child_process";
import type { LiveCluster } from "../../live/relayout";
import type { RelayoutCluster } from "../../relayout/carry-out";
import type { Step } from "../../relayout/step";

/** The operator's command has not restarted a node. */
export class CommandFailed extends Error {}

/** So much of what a command has printed last is shown. */
const SHOWN = 2000;

/**
 * @param command for `sh`. Undefined: the operator restarts the nodes.
 * @returns the same cluster, which also has nodes restarted. A look at it ends in `CommandFailed` once a command has failed.
 */
export function withRestarts(live: LiveCluster, command: string | undefined): RelayoutCluster {
  let failure: CommandFailed | undefined;
  const restart = (step: Extract<Step, { type: "reboot" }>) => {
    if (command !== undefined) {
      // Nobody waits for it: the lock of the pool is renewed meanwhile, and another boot ID is the proof.
      void restartBy(command, step).catch((error: unknown) => (failure = error as CommandFailed));
    }
    return Promise.resolve({ blockers: [] });
  };
  return {
    observe: () => (failure === undefined ? live.observe() : Promise.reject(failure)),
    perform: (step) => (step.type === "reboot" ? restart(step) : live.perform(step)),
  };
}

/** @throws CommandFailed */
function restartBy(command: string, { node, instance }: Extract<Step, { type: "reboot" }>): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (how: string) => {
      reject(new CommandFailed(`node ${node.name} stays cordoned: ${command} ${how}`));
    };
    const child = spawn("sh", ["-c", command], {
      env: { ...process.env, NODE: node.name, INSTANCE: instance.id, REGION: instance.region },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
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
