/** `npm run doctor`: compares a cluster with what its stack declares. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnosis } from "../doctor/finding";
import type { Declaration } from "../doctor/declaration";
import type { Observation } from "../doctor/observation/observation";
import { UserError, readText, requireWritable, writeText } from "../rehearsal/files";
import { loadLate } from "../rehearsal/late-modules";
import { HELP, readDoctorArguments } from "./doctor-arguments";
import type { DoctorQuestion } from "./doctor-arguments";
import { showProgress } from "./progress";
import type { Progress } from "./progress";

const ROOT = resolve(__dirname, "../..");

const HEALTHY = 0;
const UNKNOWN = 2;

const CODES: Readonly<Record<Diagnosis["verdict"], number>> = { healthy: HEALTHY, findings: 1, unknown: UNKNOWN };

// Whoever reads the answer may have read enough (`| head`). That is no fault, and nothing is left to say.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") {
    throw error;
  }
});

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
  const observation = source.type === "context" ? await readContext(source.name, progress) : await readFile(source.path);
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

async function readContext(context: string, progress: Progress): Promise<Observation> {
  const { ApiServer } = await import("../live/api/api-server");
  const { accessOf } = await import("../live/api/context");
  const { UnusableError } = await import("../live/unusable");
  const { observeCluster } = await import("../doctor/observation/live");
  try {
    const api = new ApiServer(accessOf(context));
    try {
      return await observeCluster(api, context, progress.say);
    } finally {
      api.close();
    }
  } catch (error) {
    throw error instanceof UnusableError ? new UserError(error.message) : error;
  }
}

async function readFile(path: string): Promise<Observation> {
  const { readObservation } = await import("../doctor/observation/file");
  const text = readText(path);
  const reading = readObservation(parsed(text, path), path, path === "-" ? new Date() : statSync(path).mtime);
  if (reading.type === "invalid") {
    throw new UserError(reading.problems.map((problem) => `${path}: ${problem}`).join("\n"));
  }
  return reading.observation;
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path}: is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
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

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    // What the user can mend is said in one paragraph; anything else is a fault of this project and keeps its stack.
    const message = error instanceof UserError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (process.argv.includes("--json")) {
      process.stdout.write(`${JSON.stringify({ format: 1, verdict: "unknown", errors: message.split("\n") }, undefined, 2)}\n`);
    } else {
      process.stderr.write(`${message}\n`);
    }
    process.exitCode = UNKNOWN;
  },
);
