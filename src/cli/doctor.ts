/** `npm run doctor`: compares a cluster with what its stack declares, and tries what a tenant can do. */
import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Account } from "../doctor/account/account";
import type { ActiveRun } from "../doctor/active/attempt";
import type { Examined } from "../doctor/check";
import type { Diagnosis } from "../doctor/finding";
import type { Declaration } from "../doctor/declaration";
import type { Observation } from "../doctor/observation/observation";
import { UserError, readText, writeText } from "../rehearsal/files";
import { loadLate } from "../rehearsal/late-modules";
import { runCommand } from "./command";
import { confirmAction } from "./confirm";
import { HELP, readDoctorArguments } from "./doctor-arguments";
import type { DoctorQuestion } from "./doctor-arguments";
import { LeftBehind, endInOrder, interruptible } from "./interruption";
import { requireOutputs } from "./outputs";
import { showProgress } from "./progress";
import type { Progress } from "./progress";
import { parseJson, readContext } from "./sources";
import { textOptions } from "./terminal";

const ROOT = resolve(__dirname, "../..");

const HEALTHY = 0;
const UNKNOWN = 2;

const CODES: Readonly<Record<Diagnosis["verdict"], number>> = { healthy: HEALTHY, findings: 1, unknown: UNKNOWN };

/** Names of the files in the folder of `--evidence`. */
const EVIDENCE = { json: "evidence.json", page: "evidence.md" };

async function main(): Promise<number> {
  const args = readDoctorArguments(process.argv.slice(2));
  if (args.type === "help") {
    process.stdout.write(HELP);
    return HEALTHY;
  }
  const { source, save, junit, evidence } = args;
  const ofEvidence =
    evidence === undefined ? [] : Object.values(EVIDENCE).map((name) => ({ option: "--evidence", path: join(evidence, name) }));
  requireOutputs(
    [{ option: "--save", path: save }, { option: "--junit", path: junit }, ...ofEvidence],
    [{ option: "--from", path: source.type === "file" ? source.path : undefined }],
  );
  const examined = await read(args);
  const { diagnosisOf } = await import("../doctor/diagnose");
  const run = args.active === "no" || isWithoutDra(diagnosisOf(examined)) ? undefined : await tryActively(args, examined);
  const diagnosis = diagnosisOf(examined, run);
  if (args.junit !== undefined) {
    const { junitOf } = await import("./doctor-junit");
    writeText(resolve(args.junit), junitOf(diagnosis));
  }
  if (args.evidence !== undefined) {
    await writeEvidence(args.evidence, examined, run);
  }
  await print(diagnosis, args.json);
  return CODES[diagnosis.verdict];
}

/** Without the API there is nothing to try. */
function isWithoutDra({ findings }: Diagnosis): boolean {
  return findings.some(({ id }) => id === "dra-api-absent");
}

async function read({ source, stack, save, asksAws }: DoctorQuestion): Promise<Examined> {
  const progress = showProgress("reading ...");
  try {
    const observation = source.type === "context" ? await observe(source.name, progress) : await readFile(source.path);
    progress.say("rehearsing the stack ...");
    const declaration = await declared(stack);
    if (save !== undefined) {
      const { redactedObservation } = await import("../doctor/observation/redact");
      const { observationFile } = await import("../doctor/observation/file");
      writeText(resolve(save), `${JSON.stringify(observationFile(redactedObservation(observation, declaration)))}\n`);
    }
    const account = asksAws ? await askAws(declaration, progress) : undefined;
    progress.say("comparing ...");
    const { examine } = await import("../doctor/diagnose");
    return examine(observation, declaration, source.type === "context" ? source.name : undefined, account);
  } finally {
    progress.end();
  }
}

async function askAws(declaration: Declaration, progress: Progress): Promise<Account> {
  progress.say("asking AWS ...");
  const { awsCli } = await import("../doctor/account/aws-cli");
  const { observeAccount } = await import("../doctor/account/observe");
  return observeAccount(awsCli(declaration.region), declaration);
}

async function tryActively({ source, active }: DoctorQuestion, examined: Examined): Promise<ActiveRun> {
  if (source.type === "file") {
    throw new Error("a file cannot be tried");
  }
  const { describeCost, planActive } = await import("../doctor/active/plan");
  const { activeNames } = await import("../doctor/active/places");
  const { runActive } = await import("../doctor/active/run");
  const situation = { examined, names: activeNames(randomBytes(3).toString("hex")) };
  const plan = planActive(situation);
  if (plan.attempts.length === 0) {
    return { tried: [], untried: plan.unchecked, unchecked: [] };
  }
  if (active === "ask" && !(await confirmAction(describeCost(plan, situation)))) {
    return { tried: [], untried: [], unchecked: [{ what: "what a tenant can do", reason: "you said no" }] };
  }
  const progress = showProgress("trying ...");
  const signal = endInOrder();
  try {
    return await readContext(source.name, (api) => runActive(api, plan, { names: situation.names, signal, onProgress: progress.say }));
  } catch (error) {
    throw signal.aborted && error instanceof UserError ? new LeftBehind(error.message) : error;
  } finally {
    progress.end();
  }
}

async function writeEvidence(folder: string, examined: Examined, run: ActiveRun | undefined): Promise<void> {
  const { evidenceOf } = await import("../doctor/evidence/evidence");
  const { evidencePage } = await import("../doctor/evidence/page");
  const evidence = evidenceOf(examined, run);
  writeText(resolve(folder, EVIDENCE.json), `${JSON.stringify(evidence, undefined, 2)}\n`);
  writeText(resolve(folder, EVIDENCE.page), evidencePage(evidence));
}

/** The stack as its program registers it. */
async function declared(stack: string): Promise<Declaration> {
  loadLate();
  const { recordingOfStack } = await import("../rehearsal/snapshot");
  const { declarationOf } = await import("../doctor/declaration");
  const { gpuPoolNames, readStack, reservationEnds } = await import("../rehearsal/stack-files");
  const settings = readStack(ROOT, stack);
  const declared = { stack, gpuPools: gpuPoolNames(settings), endDates: reservationEnds(settings) };
  return declarationOf(await recordingOfStack(ROOT, stack), declared, new Date());
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
  const { formatDiagnosis } = await import("./doctor-text");
  process.stdout.write(formatDiagnosis(printable(diagnosis), textOptions()));
}

runCommand(interruptible(main), { exitCode: UNKNOWN, json: { verdict: "unknown" } });
