/** `npm start`, without manifests and with up to 20,000 documents: the time of a document must not grow with their number. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runNode } from "../support/child";
import { ROOT } from "../support/program";
import packageJson from "../../package.json";
import { manyDocuments } from "./rehearsal/documents";
import { REPORT_USAGE, format, medianOf, usageIn, verdict } from "./support/measurement";
import type { Measurement } from "./support/measurement";

const RUNS = 5;
const TARGET = { wallMs: 2000, peakMiB: 260 };
const DOCUMENTS = [1_000, 10_000, 20_000];
const TARGET_OF_10_000 = { wallMs: 15_000, peakMiB: 500 };

export async function bench(): Promise<{ name: string; lines: string[] }> {
  const alone = await medianOf(RUNS, () => rehearse());
  const lines = [`without manifests: ${format(alone)}; target under 2000 ms and 260 MiB: ${verdict(alone, TARGET)}`];
  for (const count of DOCUMENTS) {
    const folder = mkdtempSync(join(tmpdir(), "shared-gpu-"));
    const manifest = join(folder, "many.yaml");
    writeFileSync(manifest, manyDocuments(count));
    const measured = await rehearse("--manifest", manifest);
    rmSync(folder, { recursive: true });
    const perDocument = (measured.cpuMs - alone.cpuMs) / count;
    const target = count === 10_000 ? `; target under 15 s and 500 MiB: ${verdict(measured, TARGET_OF_10_000)}` : "";
    lines.push(`${String(count)} documents: ${format(measured)}, ${perDocument.toFixed(2)} ms of CPU for each${target}`);
  }
  return { name: "rehearsal", lines };
}

/** As `npm start` runs it. */
async function rehearse(...args: readonly string[]): Promise<Measurement> {
  const [, ...command] = packageJson.scripts.start.split(" ");
  const page = join(ROOT, ".rehearsal/bench.html");
  const { wallMs, stderr } = await runNode([...REPORT_USAGE, ...command, "--html", page, ...args], { cwd: ROOT });
  return { wallMs, ...usageIn(stderr) };
}
