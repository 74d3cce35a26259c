/**
 * What a preview costs before the engine does anything: the program in Pulumi's own host and the policy pack in Pulumi's
 * own policy host, with types stripped as this project has it, and type-checked at run time as is usual.
 */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runInHost, servePackInHost } from "../support/host";
import { ROOT, toRunOptions } from "../support/program";
import { REPORT_USAGE, format, medianOf, usageIn, verdict } from "./support/measurement";
import type { Measurement } from "./support/measurement";

const RUNS = 5;
const CHECKED_RUNS = 3;

export async function bench(): Promise<{ name: string; lines: string[] }> {
  const program = await compare(
    "program in Pulumi's host",
    () => measureProgram({}),
    () => measureProgram(CHECKED),
    { wallMs: 1500, peakMiB: 300 },
  );
  const empty = await medianOf(RUNS, measureEmptyProgram);
  const pack = await compare("policy pack in Pulumi's policy host", () => measurePack(join(ROOT, "policy-pack"), "."), measureCheckedPack);
  return {
    name: "program",
    lines: [...program, `an empty program in Pulumi's host, which nothing of ours can undercut: ${format(empty)}`, ...pack],
  };
}

/** Turns off both switches that keep Pulumi's host from checking types: its own, and `noCheck` in tsconfig.json. */
const CHECKED = { PULUMI_NODEJS_TRANSPILE_ONLY: "false", PULUMI_NODEJS_TSCONFIG_PATH: "tsconfig.check.json" };

async function compare(
  title: string,
  stripped: () => Promise<Measurement>,
  checked: () => Promise<Measurement>,
  target?: Pick<Measurement, "wallMs" | "peakMiB">,
): Promise<string[]> {
  const fast = await medianOf(RUNS, stripped);
  const slow = await medianOf(CHECKED_RUNS, checked);
  const ratio = (of: (measurement: Measurement) => number) => `${(of(slow) / of(fast)).toFixed(1)}x`;
  return [
    `${title}, types stripped:          ${format(fast)}${target === undefined ? "" : `; target at most ${target.wallMs} ms and ${target.peakMiB} MiB: ${verdict(fast, target)}`}`,
    `${title}, type-checked at run time: ${format(slow)} (${ratio(({ wallMs }) => wallMs)} the time, ${ratio(({ cpuMs }) => cpuMs)} the CPU, ${ratio(({ peakMiB }) => peakMiB)} the memory)`,
  ];
}

async function measureProgram(env: Readonly<Record<string, string>>): Promise<Measurement> {
  const options = { ...toRunOptions({ mode: "preview" }), program: join(ROOT, "index.ts") };
  const { host, recording } = await runInHost(options, { nodeArgs: REPORT_USAGE, env });
  if (host.code !== 0) {
    throw new Error(`the program failed: ${[...recording.errors, host.stderr].join("\n")}`);
  }
  return { wallMs: host.wallMs, ...usageIn(host.stderr) };
}

/** A program that only loads Pulumi's SDK, in the same host with the same settings. */
async function measureEmptyProgram(): Promise<Measurement> {
  const folder = join(ROOT, ".rehearsal/empty-program");
  mkdirSync(folder, { recursive: true });
  try {
    for (const file of ["Pulumi.yaml", "tsconfig.json", "tsconfig.check.json"]) {
      copyFileSync(join(ROOT, file), join(folder, file));
    }
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "empty", version: "0.0.0", main: "index.ts" }));
    writeFileSync(join(folder, "index.ts"), 'import { getStack } from "@pulumi/pulumi";\nexport const stack = getStack();\n');
    const options = { ...toRunOptions({ mode: "preview" }), program: join(folder, "index.ts") };
    const { host } = await runInHost(options, { nodeArgs: REPORT_USAGE });
    if (host.code !== 0) {
      throw new Error(`the empty program failed: ${host.stderr}`);
    }
    return { wallMs: host.wallMs, ...usageIn(host.stderr) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measurePack(folder: string, main: string): Promise<Measurement> {
  const served = await servePackInHost(folder, main, { nodeArgs: REPORT_USAGE });
  return { wallMs: served.wallMs, ...usageIn(await served.stop()) };
}

/** The pack as it would be without its JavaScript entry point. The policy host takes the tsconfig.json of its working directory. */
async function measureCheckedPack(): Promise<Measurement> {
  const folder = join(ROOT, ".rehearsal/bench");
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "pack", version: "0.0.0" }));
    // ts-node reads the files that nothing imports only when told to: the types of the SDK's proxy are in one.
    const settings = { files: ["../../policy-pack/policy-proxy.d.ts"], include: [], "ts-node": { files: true } };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ extends: "../../tsconfig.check.json", ...settings }));
    return await measurePack(folder, join(ROOT, "policy-pack/index.ts"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
