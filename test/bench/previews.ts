/**
 * A first preview by the real engine, program and policy pack together: this project's, and beside it the usual way to write such a stack (previews/usual-stack).
 * Both as inline programs, with the same stand-ins for AWS, in turn. Memory is that of all processes of the preview together: the program's, the CLI's, the pack's, the provider's.
 */
import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { ENGINE_BINARIES, ensureBinaries } from "../support/go-binaries";
import { ROOT } from "../support/program";

const RUNS = 3;
const SAMPLE_MS = 200;

/** What previews/child.ts prints. */
export interface Preview {
  readonly wallMs: number;
  readonly resources: number;
}

interface Measurement extends Preview {
  readonly peakMiB: number;
}

export async function bench(): Promise<{ name: string; lines: string[] }> {
  await ensureBinaries(ENGINE_BINARIES);
  const ours: Measurement[] = [];
  const usual: Measurement[] = [];
  const commandLine: Measurement[] = [];
  for (let run = 0; run < RUNS; run++) {
    ours.push(await measure("this-stack"));
    usual.push(await measure("usual-stack"));
    commandLine.push(await measure("command-line"));
  }
  const [a, b] = [median(ours), median(usual)];
  return {
    name: "previews by the Pulumi engine, median of 3",
    lines: [
      `this stack with its pack:                           ${format(a)}`,
      `the usual way, type-checked each run:               ${format(b)}`,
      `the usual way takes ${(b.wallMs / a.wallMs).toFixed(1)} times as long and ${(b.peakMiB / a.peakMiB).toFixed(1)} times the memory, for ${(b.resources / a.resources).toFixed(1)} times the resources`,
      `this stack by plain \`pulumi preview\`, with one process more: ${format(median(commandLine))}`,
    ],
  };
}

function measure(program: "this-stack" | "usual-stack" | "command-line"): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--require", "./transpile.js", join(__dirname, "previews/child.ts"), program], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let stdout = "";
    let peakMiB = 0;
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    const sampling = setInterval(() => {
      peakMiB = Math.max(peakMiB, memoryOf(child.pid ?? 0));
    }, SAMPLE_MS);
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(sampling);
      if (code === 0) {
        resolve({ ...(JSON.parse(stdout) as Preview), peakMiB });
      } else {
        reject(new Error(`the preview of ${program} failed`));
      }
    });
  });
}

/** Resident memory of a process and all below it. What processes share counts for each. */
function memoryOf(root: number): number {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid=,rss="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const family = new Set([root]);
  // `ps` lists by process id, and children mostly have higher ones; a second pass finds the others.
  for (let pass = 0; pass < 2; pass++) {
    for (const [pid = 0, parent = 0] of rows) {
      if (family.has(parent)) {
        family.add(pid);
      }
    }
  }
  return rows.reduce((sum, [pid = 0, , rss = 0]) => sum + (family.has(pid) ? rss / 1024 : 0), 0);
}

function median(measurements: Measurement[]): Measurement {
  const middle = measurements.sort((a, b) => a.wallMs - b.wallMs)[Math.floor(measurements.length / 2)];
  if (middle === undefined) {
    throw new RangeError("no run");
  }
  return middle;
}

function format({ wallMs, peakMiB, resources }: Measurement): string {
  return `${(wallMs / 1000).toFixed(1)} s, ${peakMiB.toFixed(0)} MiB, ${resources} resources`;
}
