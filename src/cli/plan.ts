/** `npm run plan`: answers a question about a cluster, or about one to buy. */
import { resolve } from "node:path";
import type { Bill } from "../monitoring/bill";
import type { Answer } from "../planner/ask/ask";
import type { Design } from "../planner/design/design";
import type { Solver } from "../planner/design/integer-program";
import type { Replay } from "../planner/replay/replay";
import type { Snapshot } from "../planner/snapshot/snapshot";
import type { PlannedCluster } from "../planner/state/cluster";
import type { Status } from "../planner/status/status";
import type { WhatIf } from "../planner/what-if/what-if";
import { UserError, readText, writeText } from "../rehearsal/files";
import { loadLate } from "../rehearsal/late-modules";
import { runCommand } from "./command";
import type { TextOptions } from "./plan-status";
import { HELP, readPlanArguments } from "./plan-arguments";
import type { DesignArguments, PlanQuestion, PlanSource, ReplayArguments, UsageArguments } from "./plan-arguments";
import { showProgress } from "./progress";
import type { Progress } from "./progress";
import { parseJson, readContext } from "./sources";

const ROOT = resolve(__dirname, "../..");

const ANSWERED = 0;
const DOES_NOT_FIT = 1;
const UNKNOWN = 2;

const CODES: Readonly<Record<Answer["verdict"] | Design["verdict"] | WhatIf["verdict"], number>> = {
  ...{ fits: ANSWERED, doesNotFit: DOES_NOT_FIT, keeps: ANSWERED, loses: DOES_NOT_FIT },
  ...{ found: ANSWERED, none: DOES_NOT_FIT, unknown: UNKNOWN },
};

async function main(): Promise<number> {
  const args = readPlanArguments(process.argv.slice(2));
  if (args.type === "help") {
    process.stdout.write(HELP);
    return ANSWERED;
  }
  const progress = showProgress(args.type === "design" || args.type === "replay" ? "comparing ..." : "reading ...");
  let answered: Answered;
  try {
    answered = await answerOf(args, progress);
  } finally {
    progress.end();
  }
  await print(answered, args.json ? "json" : args.type === "usage" && args.csv ? "csv" : "text");
  return codeOf(answered);
}

async function answerOf(args: DesignArguments | ReplayArguments | UsageArguments | PlanQuestion, progress: Progress): Promise<Answered> {
  switch (args.type) {
    case "design": {
      const { design } = await import("../planner/design/design");
      return { type: "design", design: await design(args, await solver()) };
    }
    case "replay": {
      const { readTrace } = await import("../planner/replay/trace");
      const { replay } = await import("../planner/replay/replay");
      const trace = readTrace(readText(args.trace));
      if (trace.type === "invalid") {
        throw new UserError(trace.problems.map((problem) => `${args.trace}: ${problem}`).join("\n"));
      }
      return { type: "replay", replay: await replay(args.fleet, trace.pods, trace.withoutGpu, await solver()) };
    }
    case "usage":
      return { type: "usage", bill: await billOf(args) };
    default:
      return asked(args, progress);
  }
}

function codeOf(answered: Answered): number {
  switch (answered.type) {
    case "status":
      return answered.status.missing.length > 0 ? UNKNOWN : ANSWERED;
    case "ask":
      return CODES[answered.answer.verdict];
    case "whatIf":
      return CODES[answered.whatIf.verdict];
    case "design":
      return CODES[answered.design.verdict];
    case "usage":
      return answered.bill.countedHours === 0 ? UNKNOWN : ANSWERED;
    case "replay":
      return ANSWERED;
  }
}

async function solver(): Promise<Solver> {
  const { default: loadHighs } = await import("highs");
  const { highsSolver } = await import("../planner/design/highs");
  const pause = () => new Promise<void>((resume) => setImmediate(resume));
  return highsSolver(await loadHighs(), pause);
}

async function billOf({ prometheus, sinceSeconds }: UsageArguments): Promise<Bill> {
  const { Prometheus } = await import("../live/prometheus");
  const { readUsage } = await import("../live/usage");
  const { UnusableError } = await import("../live/unusable");
  const { billOf: made } = await import("../monitoring/bill");
  try {
    return made(await readUsage(new Prometheus(prometheus), sinceSeconds));
  } catch (error) {
    throw error instanceof UnusableError ? new UserError(error.message) : error;
  }
}

async function asked(question: PlanQuestion, progress: Progress): Promise<Answered> {
  const { readCluster } = await import("../planner/state/read");
  const cluster = readCluster(await read(question.source, progress));
  if (question.save !== undefined) {
    await save(cluster, question.save);
  }
  progress.say("answering ...");
  return answer(cluster, question);
}

type Answered =
  | { readonly type: "status"; readonly status: Status }
  | { readonly type: "ask"; readonly answer: Answer }
  | { readonly type: "whatIf"; readonly whatIf: WhatIf }
  | { readonly type: "design"; readonly design: Design }
  | { readonly type: "replay"; readonly replay: Replay }
  | { readonly type: "usage"; readonly bill: Bill };

/** What a source needs is loaded only for it: Pulumi's runtime takes its time. */
async function read(source: PlanSource, progress: Progress): Promise<Snapshot> {
  switch (source.type) {
    case "stack": {
      loadLate();
      const { snapshotOfStack } = await import("../rehearsal/snapshot");
      return snapshotOfStack(ROOT, source.name);
    }
    case "context": {
      const { readCluster } = await import("../live/snapshot");
      return readContext(source.name, (api) => readCluster(api, source.name, progress.say));
    }
    case "file": {
      const { readSnapshot } = await import("../planner/snapshot/file");
      const reading = readSnapshot(parseJson(readText(source.path), source.path), source.path);
      if (reading.type === "invalid") {
        throw new UserError(reading.problems.map((problem) => `${source.path}: ${problem}`).join("\n"));
      }
      return reading.snapshot;
    }
  }
}

async function save(cluster: PlannedCluster, file: string): Promise<void> {
  const { snapshotFile } = await import("../planner/snapshot/file");
  const { redacted } = await import("../planner/snapshot/redact");
  writeText(resolve(file), `${JSON.stringify(snapshotFile(redacted(cluster)))}\n`);
}

async function answer(cluster: PlannedCluster, question: PlanQuestion): Promise<Answered> {
  switch (question.type) {
    case "status": {
      const { statusOf } = await import("../planner/status/status");
      return { type: "status", status: statusOf(cluster) };
    }
    case "ask": {
      const { items, team, arrangement } = question;
      const { ask } = await import("../planner/ask/ask");
      const { namespaceOf } = await import("../planner/ask/namespace");
      const namespace = namespaceOf(cluster, team);
      if (namespace.type === "invalid") {
        throw new UserError(`--team ${team ?? ""}: ${namespace.reason}`);
      }
      return { type: "ask", answer: ask(cluster, { items, namespace: namespace.namespace, arrangement }) };
    }
    case "whatIf": {
      const { changeOf } = await import("../planner/what-if/change");
      const { whatIf } = await import("../planner/what-if/what-if");
      const reading = changeOf(cluster, question.change);
      if (reading.type === "invalid") {
        throw new UserError(`--what-if: ${reading.reason}`);
      }
      return { type: "whatIf", whatIf: whatIf(cluster, reading.change) };
    }
  }
}

async function print(answered: Answered, form: "text" | "json" | "csv"): Promise<void> {
  if (form === "csv" && answered.type === "usage") {
    const { usageCsv } = await import("./plan-usage");
    process.stdout.write(usageCsv(answered.bill));
    return;
  }
  if (form === "json") {
    process.stdout.write(`${JSON.stringify({ format: 1, ...contentOf(answered) }, undefined, 2)}\n`);
    return;
  }
  const { COLOUR, PLAIN } = await import("../rehearsal/report/style");
  const style = process.stdout.isTTY && (process.env.NO_COLOR ?? "") === "" ? COLOUR : PLAIN;
  process.stdout.write(await textOf(answered, { style, width: Math.min(process.stdout.columns ?? 110, 120) }));
}

function contentOf(answered: Answered): Status | Answer | WhatIf | Design | Replay | Bill {
  switch (answered.type) {
    case "status":
      return answered.status;
    case "ask":
      return answered.answer;
    case "whatIf":
      return answered.whatIf;
    case "design":
      return answered.design;
    case "replay":
      return answered.replay;
    case "usage":
      return answered.bill;
  }
}

async function textOf(answered: Answered, options: TextOptions): Promise<string> {
  const { printable } = await import("../rehearsal/report/printable");
  switch (answered.type) {
    case "status": {
      const { formatStatus } = await import("./plan-status");
      return formatStatus(printable(answered.status), options);
    }
    case "ask": {
      const { formatAnswer } = await import("./plan-answer");
      return formatAnswer(printable(answered.answer), options);
    }
    case "whatIf": {
      const { formatWhatIf } = await import("./plan-what-if");
      return formatWhatIf(printable(answered.whatIf), options);
    }
    case "design": {
      const { formatDesign } = await import("./plan-design");
      return formatDesign(printable(answered.design), options);
    }
    case "replay": {
      const { formatReplay } = await import("./plan-replay");
      return formatReplay(printable(answered.replay), options);
    }
    case "usage": {
      const { formatUsage } = await import("./plan-usage");
      return formatUsage(printable(answered.bill), options);
    }
  }
}

runCommand(main, { exitCode: UNKNOWN, json: { verdict: "unknown" } });
