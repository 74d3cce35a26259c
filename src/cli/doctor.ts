/** `npm run doctor`: compares a cluster with what its stack declares. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnosis } from "../doctor/finding";
import type { Declaration } from "../doctor/declaration";
import type { Observation } from "../doctor/observation/observation";
import { UserError, readText, requireWritable, writeText } from "../rehearsal/files";
import { loadLate } from "../rehearsal/late-modules";
import { runCommand } from "./command";
import { HELP, readDoctorArguments } from "./doctor-arguments";
import type { DoctorQuestion } from "./doctor-arguments";
import { showProgress } from "./progress";
import type { Progress } from "./progress";
import { parseJson, readContext } from "./sources";

const ROOT = resolve(__dirname, "../..");

const HEALTHY = 0;
const UNKNOWN = 2;

const CODES: Readonly<Record<Diagnosis["verdict"], number>> = { healthy: HEALTHY, findings: 1, unknown: UNKNOWN };

async function main(): Promise<number> {
  const args = readDoctorArguments(process.argv.slice(2));
  if (args.type === "help") {
    process.stdout.write(HELP);
    return HEALTHY;
  }
  [args.save, args.junit].forEach((file) => {
    if (file !== undefined) {
      requireWritable(resolve(file));
    }
  });
  const progress = showProgress("reading ...");
  let diagnosis: Diagnosis;
  try {
    diagnosis = await examine(args, progress);
  } finally {
    progress.end();
  }
  if (args.junit !== undefined) {
    const { junitOf } = await import("./doctor-junit");
    writeText(resolve(args.junit), junitOf(diagnosis));
  }
  await print(diagnosis, args.json);
  return CODES[diagnosis.verdict];
}

async function examine({ source, stack, save }: DoctorQuestion, progress: Progress): Promise<Diagnosis> {
  const observation = source.type === "context" ? await observe(source.name, progress) : await readFile(source.path);
  progress.say("rehearsing the stack ...");
  const declaration = await declared(stack);
  if (save !== undefined) {
    const { redactedObservation } = await import("../doctor/observation/redact");
    const { observationFile } = await import("../doctor/observation/file");
    writeText(resolve(save), `${JSON.stringify(observationFile(redactedObservation(observation, declaration)))}\n`);
  }
  progress.say("comparing ...");
  const { diagnose } = await import("../doctor/diagnose");
  return diagnose(observation, declaration, source.type === "context" ? source.name : undefined);
}

/** The stack as its program registers it. */
async function declared(stack: string): Promise<Declaration> {
  loadLate();
  const { recordingOfStack } = await import("../rehearsal/snapshot");
  const { declarationOf } = await import("../doctor/declaration");
  return declarationOf(await recordingOfStack(ROOT, stack), stack, new Date());
}

async function observe(context: string, progress: Progress): Promise<Observation> {
  const { observeCluster } = await import("../doctor/observation/live");
  return readContext(context, (api) => observeCluster(api, context, progress.say));
}

async function readFile(path: string): Promise<Observation> {
  const { readObservation } = await import("../doctor/observation/file");
  const text = readText(path);
  const reading = readObservation(parseJson(text, path), path, path === "-" ? new Date() : statSync(path).mtime);
  if (reading.type === "invalid") {
    throw new UserError(reading.problems.map((problem) => `${path}: ${problem}`).join("\n"));
  }
  return reading.observation;
}

async function print(diagnosis: Diagnosis, json: boolean): Promise<void> {
  if (json) {
    process.stdout.write(`${JSON.stringify({ format: 1, ...diagnosis }, undefined, 2)}\n`);
    return;
  }
  const { printable } = await import("../rehearsal/report/printable");
  const { COLOUR, PLAIN } = await import("../rehearsal/report/style");
  const { formatDiagnosis } = await import("./doctor-text");
  const style = process.stdout.isTTY && (process.env.NO_COLOR ?? "") === "" ? COLOUR : PLAIN;
  process.stdout.write(formatDiagnosis(printable(diagnosis), { style, width: Math.min(process.stdout.columns ?? 110, 120) }));
}

runCommand(main, { exitCode: UNKNOWN, json: { verdict: "unknown" } });
