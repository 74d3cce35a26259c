/** `npm run bench [NAME...]`: runs the benchmarks of this folder, or those named, and prints what they measured. */
import { readdirSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

interface Benchmark {
  bench(): Promise<{ readonly name: string; readonly lines: readonly string[] }>;
}

/** Run only where named: they need the real programs of the cluster and the engine tier, and minutes. */
const ON_REQUEST = ["planner-live", "previews", "scheduler"];

async function main(wanted: readonly string[]): Promise<void> {
  const known = readdirSync(__dirname)
    .filter((file) => file.endsWith(".ts") && file !== "bench.ts")
    .map((file) => file.slice(0, -".ts".length));
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    process.stderr.write(`no benchmark "${unknown}"; there are: ${known.join(", ")}\n`);
    process.exitCode = 2;
    return;
  }
  process.stdout.write(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown processor"}\n`);
  for (const name of wanted.length > 0 ? wanted : known.filter((candidate) => !ON_REQUEST.includes(candidate))) {
    const { bench } = (await import(join(__dirname, `${name}.ts`))) as Benchmark;
    const result = await bench();
    process.stdout.write(`\n${result.name}\n${result.lines.map((line) => `  ${line}\n`).join("")}`);
  }
}

void main(process.argv.slice(2));
