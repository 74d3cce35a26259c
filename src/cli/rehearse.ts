/** `npm start`: rehearses a stack and prints what it found. */
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { UserError, requireTemporaryFolder, writeText } from "../rehearsal/files";
import { loadLate } from "../rehearsal/late-modules";
import type { Report } from "../rehearsal/report/report";
import type { AskControlPlane } from "../rehearsal/control-plane";
import { runCommand } from "./command";
import { OK, REFUSED, exitCodeOf } from "./exit-codes";
import { endInOrder, interruptible } from "./interruption";
import { requireOutputs } from "./outputs";
import { showProgress } from "./progress";
import type { Progress } from "./progress";
import { HELP, readArguments } from "./rehearse-arguments";
import type { Arguments, ControlPlaneArguments } from "./rehearse-arguments";
import { textOptions } from "./terminal";

const ROOT = resolve(__dirname, "../..");

async function main(): Promise<number> {
  const args = readArguments(process.argv.slice(2));
  if (args.help) {
    process.stdout.write(HELP);
    return OK;
  }
  requireTemporaryFolder(tmpdir());
  const page = resolve(args.html ?? join(ROOT, ".rehearsal", `${args.stack}.html`));
  requireOutputs(
    [
      { option: args.html === undefined ? "the page" : "--html", path: page },
      { option: "--save", path: args.controlPlane?.save },
    ],
    [
      ...args.manifests.map((path) => ({ option: "--manifest", path })),
      { option: "--from-export", path: args.fromExport },
      { option: "--policy-pack-config", path: args.policyPackConfig },
    ],
  );
  const report = await run(args);
  await writePage(report, page);
  if (args.json) {
    process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  } else {
    await print(report);
    if (args.controlPlane?.save !== undefined) {
      const count = report.controlPlane?.differences.length ?? 0;
      process.stdout.write(
        count === 0 ? "\nNo difference, so that --save wrote nothing\n" : `\nThe differences as a bug report: ${args.controlPlane.save}\n`,
      );
    }
    process.stdout.write(`\nThe same as a page: ${relative(process.cwd(), page)}\n`);
  }
  return exitCodeOf(report);
}

/** The rehearsal is loaded late: Pulumi's runtime takes its time, and help and mistakes on the command line need none of it. */
async function run(args: Arguments): Promise<Report> {
  const { controlPlane } = args;
  const progress = showProgress("rehearsing ...", { elsewhere: controlPlane !== undefined });
  try {
    loadLate();
    const { loadPack } = await import("../rehearsal/policy/load-pack");
    const { judgeAsOf } = await import("../../policy-pack/evaluation/clock");
    const { rehearse } = await import("../rehearsal/rehearse");
    const askControlPlane = controlPlane === undefined ? undefined : await asker(controlPlane, progress);
    return await rehearse({
      root: ROOT,
      ...args,
      loadPack: async (today) => {
        const pack = await loadPack(join(ROOT, "policy-pack"));
        judgeAsOf(today);
        return pack;
      },
      today: args.date ?? new Date(),
      askControlPlane,
    });
  } finally {
    progress.end();
  }
}

/** What a real control plane needs is loaded only for one. */
async function asker({ source, save }: ControlPlaneArguments, progress: Progress): Promise<AskControlPlane> {
  const { differenceFile } = await import("../trial/difference-file");
  const { openControlPlane } = await import("../trial/open");
  const { tryOut } = await import("../trial/trial");
  const { UnusableError } = await import("../live/unusable");
  const signal = endInOrder();
  return async (rehearsed) => {
    try {
      signal.throwIfAborted();
      progress.say("control plane: starting");
      const { plane, answeredBy } = await openControlPlane(source, rehearsed.release);
      try {
        const answered = await tryOut(plane, rehearsed, { answeredBy, signal, onProgress: progress.say });
        if (save !== undefined && answered.report.differences.length > 0) {
          writeText(resolve(save), differenceFile(rehearsed, answered.report));
        }
        return answered;
      } finally {
        progress.say("control plane: removing what was made");
        await plane.stop();
      }
    } catch (error) {
      throw error instanceof UnusableError ? new UserError(error.message) : error;
    }
  };
}

async function writePage(report: Report, page: string): Promise<void> {
  const { formatHtml } = await import("../rehearsal/report/html");
  writeText(page, formatHtml(report));
}

async function print(report: Report): Promise<void> {
  const { printable } = await import("../rehearsal/report/printable");
  const { formatReport } = await import("../rehearsal/report/text");
  process.stdout.write(formatReport(printable(report), textOptions()));
}

runCommand(interruptible(main), { exitCode: REFUSED, json: { result: "refused" } });
