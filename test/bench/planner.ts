/**
 * `npm run bench planner`: the planner's answers about a file with 1,000 nodes, 32,000 devices and 20,000 claims. The file is what `--save` writes of
 * `large-cluster.ts`.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import packageJson from "../../package.json";
import { KIND_NAMES } from "../../src/planner/snapshot/kinds";
import { runNode } from "../support/child";
import { ROOT } from "../support/program";
import { largeCluster } from "./planner/large-cluster";
import { NODES, QUESTIONS } from "./planner/questions";
import { REPORT_USAGE, format, medianOf, usageIn, verdict } from "./support/measurement";
import type { Measurement } from "./support/measurement";

const RUNS = 3;
const TARGET = { wallMs: 2000, peakMiB: 1000 };

export async function bench(): Promise<{ name: string; lines: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), "shared-gpu-"));
  const file = join(folder, "cluster.json");
  try {
    const items = largeCluster(NODES).flat();
    writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", kubernetesVersion: "1.34", read: KIND_NAMES, gaps: [], items }));
    const lines: string[] = [];
    for (const question of QUESTIONS) {
      const measured = await medianOf(RUNS, () => plan(question, file));
      lines.push(`${question.join(" ")}: ${format(measured)}; target under 2 s and 1,000 MiB: ${verdict(measured, TARGET)}`);
    }
    return { name: "planner, from a file", lines };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** As `npm run plan` runs it. */
async function plan(question: readonly string[], file: string): Promise<Measurement> {
  const [, ...command] = packageJson.scripts.plan.split(" ");
  const { wallMs, stderr } = await runNode([...REPORT_USAGE, ...command, ...question, "--from", file], { cwd: ROOT });
  return { wallMs, ...usageIn(stderr) };
}
