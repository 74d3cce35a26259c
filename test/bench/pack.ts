/**
 * What the policies cost on each resource of the dev stack, as milliseconds of CPU, however busy the machine is: in a process that has evaluated
 * nothing before, as at every preview, and once everything is warm. The policies share the properties of a resource, as where the pack is served. What the
 * SDK adds to it is not in it. And how long Pulumi's policy host takes until the pack answers: the checkout, and the published bundle.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { shareProperties } from "../../policy-pack/evaluation/shared-properties";
import { policies } from "../../policy-pack/policies";
import type { RecordedResource } from "../../src/rehearsal/monitor/recording";
import { servePackInHost } from "../support/host";
import { ROOT, runProgram } from "../support/program";
import { REPORT_USAGE } from "./support/measurement";

const WARM_ROUNDS = 20;
const LOADS = 5;
const TARGET_MS = 0.5;
const TARGET_LOAD_MS = 1000;

interface Measurement {
  readonly resources: number;
  readonly policies: number;
  /** Average of one resource and all policies, first time and later. */
  readonly coldMs: number;
  readonly warmMs: number;
}

export async function bench(): Promise<{ name: string; lines: string[] }> {
  const output = execFileSync(process.execPath, ["--require", "./transpile.js", __filename], { cwd: ROOT, encoding: "utf8" });
  const { resources, policies: count, coldMs, warmMs } = JSON.parse(output) as Measurement;
  return {
    name: "policy pack",
    lines: [
      `${String(count)} policies on ${String(resources)} resources of the dev stack: ${coldMs.toFixed(3)} ms of CPU a resource in the first pass; target under ${String(TARGET_MS)} ms: ${met(coldMs < TARGET_MS)}`,
      `the same once warm: ${warmMs.toFixed(3)} ms a resource; target under ${String(TARGET_MS)} ms: ${met(warmMs < TARGET_MS)}`,
      ...(await loadLines()),
    ],
  };
}

/** A pack without policies: what Pulumi's host itself takes, for comparison. It loads the TypeScript compiler whether a pack needs it or not. */
const EMPTY_PACK = {
  "package.json": JSON.stringify({ name: "empty", version: "0.0.0", main: "index.js" }),
  "index.js": 'new (require("@pulumi/policy").PolicyPack)("empty", { policies: [] });',
};

async function loadLines(): Promise<string[]> {
  const folder = join(ROOT, ".rehearsal/bench-pack");
  try {
    execFileSync(process.execPath, ["--require", "./transpile.js", "policy-pack/build.ts", join(folder, "bundle")], { cwd: ROOT });
    mkdirSync(join(folder, "empty"));
    for (const [file, content] of Object.entries(EMPTY_PACK)) writeFileSync(join(folder, "empty", file), content);
    // For both packs, as `npm install` would have it: nothing of this project but the two packages that the bundle declares.
    for (const name of ["@pulumi/policy", "@pulumi/pulumi"]) {
      const link = join(folder, "node_modules", name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(ROOT, "node_modules", name), link);
    }
    const empty = await medianLoad(join(folder, "empty"));
    const bundle = await medianLoad(join(folder, "bundle"));
    const checkout = await medianLoad(join(ROOT, "policy-pack"));
    return [
      `Pulumi's policy host answers with an empty pack after ${format(empty)}`,
      `with the published bundle after ${format(bundle)}; target under ${String(TARGET_LOAD_MS)} ms: ${met(bundle.wallMs < TARGET_LOAD_MS)}; more than the empty pack: ${(bundle.cpuMs - empty.cpuMs).toFixed(0)} ms of CPU`,
      `with the checkout after ${format(checkout)}; target under ${String(TARGET_LOAD_MS)} ms: ${met(checkout.wallMs < TARGET_LOAD_MS)}; more than the empty pack: ${(checkout.cpuMs - empty.cpuMs).toFixed(0)} ms of CPU`,
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Load {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** The load with the median time on the clock. */
async function medianLoad(folder: string): Promise<Load> {
  const loads: Load[] = [];
  for (let run = 0; run < LOADS; run++) {
    const served = await servePackInHost(folder, ".", { nodeArgs: REPORT_USAGE });
    const [, usage] = /^usage (\{.*\})$/m.exec(await served.stop()) ?? [];
    loads.push({ wallMs: served.wallMs, cpuMs: (JSON.parse(usage ?? "{}") as Load).cpuMs });
  }
  const median = loads.sort((a, b) => a.wallMs - b.wallMs)[Math.floor(LOADS / 2)];
  if (median === undefined) throw new RangeError("no load");
  return median;
}

function format({ wallMs, cpuMs }: Load): string {
  return `${wallMs.toFixed(0)} ms (${cpuMs.toFixed(0)} ms of CPU)`;
}

function met(reached: boolean): string {
  return reached ? "met" : "MISSED";
}

const isResourcePolicy = (policy: (typeof policies)[number]): policy is ResourceValidationPolicy => "validateResource" in policy;

/** Milliseconds of CPU for all policies on all resources, once. */
function measureRound(resources: readonly RecordedResource[]): number {
  const checks = policies.filter(isResourcePolicy).flatMap(({ validateResource = [] }) => validateResource);
  const start = process.cpuUsage();
  for (const { type, urn, name, inputs, parent } of resources) {
    const { ticket, end } = shareProperties(() => inputs);
    for (const check of checks) {
      const args = { type, urn, name, props: ticket, opts: { parent }, getConfig: () => ({}) };
      void check(args as never, () => undefined);
    }
    end();
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

async function measure(): Promise<Measurement> {
  const { resources } = await runProgram({});
  const coldMs = measureRound(resources);
  const rounds = Array.from({ length: WARM_ROUNDS }, () => measureRound(resources));
  const warmMs = rounds.reduce((sum, ms) => sum + ms, 0) / WARM_ROUNDS;
  return { resources: resources.length, policies: policies.length, coldMs: coldMs / resources.length, warmMs: warmMs / resources.length };
}

if (require.main === module) {
  void measure().then((measurement) => {
    process.stdout.write(JSON.stringify(measurement));
  });
}
