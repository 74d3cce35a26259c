/** `npm run plan`: answers a question about a cluster, or about one to buy. */
import { relative, resolve } from "node:path";
import type { Bill } from "../monitoring/bill";
import type { Solver } from "../planner/design/integer-program";
import type { Snapshot } from "../planner/snapshot/snapshot";
import type { PlannedCluster } from "../planner/state/cluster";
import { UserError, readText, writeText } from "../rehearsal/files";
import type { TextOptions } from "../rehearsal/report/style";
import { runCommand } from "./command";
import { requireOutputs } from "./outputs";
import type { NamedFile } from "./outputs";
import { ANSWERED, UNKNOWN, codeOf, contentOf } from "./plan/answered";
import type { Answered } from "./plan/answered";
import { HELP, readPlanArguments } from "./plan/arguments";
import type { DesignArguments, PlanQuestion, PlanSource, ReplayArguments, UsageArguments } from "./plan/arguments";
import { showProgress } from "./progress";
import type { Progress } from "./progress";
import { fileSnapshot, readContext, stackSnapshot } from "./sources";
import { textOptions } from "./terminal";

async function main(): Promise<number> {
  const args = readPlanArguments(process.argv.slice(2));
  if (args.type === "help") {
    process.stdout.write(HELP);
    return ANSWERED;
  }
  requireOutputs(
    [
      { option: "--save", path: "save" in args ? args.save : undefined },
      { option: "--html", path: args.html },
    ],
    [inputOf(args)],
  );
  const progress = showProgress(args.type === "design" || args.type === "replay" ? "comparing ..." : "reading ...");
  let answered: Answered;
  try {
    answered = await answerOf(args, progress);
    if (args.html !== undefined && answered.type !== "usage") {
      progress.say("drawing ...");
      await writePage(answered, resolve(args.html));
    }
  } finally {
    progress.end();
  }
  await print(answered, args.json ? "json" : args.type === "usage" && args.csv ? "csv" : "text");
  if (args.html !== undefined && !args.json) {
    process.stdout.write(`\nThe same as a page: ${relative(process.cwd(), resolve(args.html))}\n`);
  }
  return codeOf(answered);
}

function inputOf(args: DesignArguments | ReplayArguments | UsageArguments | PlanQuestion): NamedFile {
  return args.type === "replay"
    ? { option: "--replay", path: args.trace }
    : { option: "--from", path: "source" in args && args.source.type === "file" ? args.source.path : undefined };
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

/** What a source needs is loaded only for it: Pulumi's runtime takes its time. */
async function read(source: PlanSource, progress: Progress): Promise<Snapshot> {
  switch (source.type) {
    case "stack":
      return stackSnapshot(source.name);
    case "context": {
      const { readCluster } = await import("../live/snapshot");
      return readContext(source.name, (api) => readCluster(api, source.name, progress.say));
    }
    case "file":
      return fileSnapshot(source.path);
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
      return { type: "status", status: statusOf(cluster), cluster };
    }
    case "ask": {
      const { items, team, arrangement } = question;
      const { answerTo } = await import("../planner/ask/ask");
      const { namespaceOf } = await import("../planner/ask/namespace");
      const namespace = namespaceOf(cluster, team);
      if (namespace.type === "invalid") {
        throw new UserError(`--team ${team ?? ""}: ${namespace.reason}`);
      }
      return { type: "ask", demand: answerTo(cluster, { items, namespace: namespace.namespace, arrangement }), cluster };
    }
    case "whatIf": {
      const { changeOf } = await import("../planner/what-if/change");
      const { consequencesOf } = await import("../planner/what-if/what-if");
      const reading = changeOf(cluster, question.change);
      if (reading.type === "invalid") {
        throw new UserError(`--what-if: ${reading.reason}`);
      }
      return { type: "whatIf", consequences: consequencesOf(cluster, reading.change), cluster };
    }
  }
}

/** The answers that are drawn as a page. */
type Drawn = Exclude<Answered, { readonly type: "usage" }>;

async function writePage(answered: Drawn, file: string): Promise<void> {
  const { printable } = await import("../rehearsal/report/printable");
  writeText(file, printable(await pageOf(answered)));
}

async function pageOf(answered: Drawn): Promise<string> {
  switch (answered.type) {
    case "status": {
      const { statusPage } = await import("./plan/page/status");
      return statusPage(answered.status, answered.cluster);
    }
    case "ask": {
      const { askPage } = await import("./plan/page/ask");
      return askPage(answered.demand, answered.cluster);
    }
    case "whatIf": {
      const { whatIfPage } = await import("./plan/page/what-if");
      return whatIfPage(answered.consequences, answered.cluster);
    }
    case "design": {
      const { designPage } = await import("./plan/page/design");
      return designPage(answered.design);
    }
    case "replay": {
      const { replayPage } = await import("./plan/page/replay");
      return replayPage(answered.replay);
    }
  }
}

async function print(answered: Answered, form: "text" | "json" | "csv"): Promise<void> {
  if (form === "csv" && answered.type === "usage") {
    const { usageCsv } = await import("./plan/text/usage");
    process.stdout.write(usageCsv(answered.bill));
    return;
  }
  if (form === "json") {
    process.stdout.write(`${JSON.stringify({ format: 1, ...contentOf(answered) }, undefined, 2)}\n`);
    return;
  }
  process.stdout.write(await textOf(answered, textOptions()));
}

async function textOf(answered: Answered, options: TextOptions): Promise<string> {
  const { printable } = await import("../rehearsal/report/printable");
  switch (answered.type) {
    case "status": {
      const { formatStatus } = await import("./plan/text/status");
      return formatStatus(printable(answered.status), options);
    }
    case "ask": {
      const { formatAnswer } = await import("./plan/text/ask");
      return formatAnswer(printable(answered.demand.answer), options);
    }
    case "whatIf": {
      const { formatWhatIf } = await import("./plan/text/what-if");
      return formatWhatIf(printable(answered.consequences.whatIf), options);
    }
    case "design": {
      const { formatDesign } = await import("./plan/text/design");
      return formatDesign(printable(answered.design), options);
    }
    case "replay": {
      const { formatReplay } = await import("./plan/text/replay");
      return formatReplay(printable(answered.replay), options);
    }
    case "usage": {
      const { formatUsage } = await import("./plan/text/usage");
      return formatUsage(printable(answered.bill), options);
    }
  }
}

runCommand(main, { exitCode: UNKNOWN, json: { verdict: "unknown" } });
