/** What Kubernetes' own packages say of selectors. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { SelectorInput } from "../../../src/dra/types";
import { ensureBinaries } from "../../support/go-binaries";

/** `refused`, or for each device `m` (match), `n` (no match) or `e` (error). */
export type KubernetesVerdict = string;

/** Calls back with every expression and its verdict, in order. */
export async function askKubernetes(
  expressions: Iterable<string>,
  devices: readonly SelectorInput[],
  onVerdict: (expression: string, verdict: KubernetesVerdict) => void,
): Promise<void> {
  const { "selector-verdicts": program = "" } = await ensureBinaries(["selector-verdicts"]);
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  const asked: string[] = [];
  const answered = (async () => {
    for await (const verdict of createInterface({ input: child.stdout })) {
      const expression = asked.shift();
      if (expression === undefined) {
        throw new Error("there are more verdicts than expressions");
      }
      onVerdict(expression, verdict);
    }
  })();
  const closed = once(child, "close");
  child.stdin.write(`${JSON.stringify(devices)}\n`);
  for (const expression of expressions) {
    asked.push(expression);
    if (!child.stdin.write(`${JSON.stringify(expression)}\n`)) {
      await once(child.stdin, "drain");
    }
  }
  child.stdin.end();
  await Promise.all([answered, closed]);
  if (asked.length > 0 || child.exitCode !== 0) {
    throw new Error(`${program} ended with ${String(child.exitCode)}, ${String(asked.length)} expressions before it was done`);
  }
}
