/** `npm start`: rehearses a stack and prints what it found. */
import { join, relative, resolve } from "node:path";
import { UserError, writeText } from "../rehearsal/files";
import { loadLate } from "../rehearsal/late-modules";
import type { Report } from "../rehearsal/report/report";
import { showProgress } from "./progress";
import { HELP, readArguments } from "./rehearse-arguments";
import type { Arguments } from "./rehearse-arguments";

const ROOT = resolve(__dirname, "../..");

/** Exit codes. */
const OK = 0;
const FINDINGS = 1;
const REFUSED = 2;

// Whoever reads the report may have read enough (`| head`). That is no finding, and nothing is left to say.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") {
    throw error;
  }
});

async function main(): Promise<number> {
  const args = readArguments(process.argv.slice(2));
  if (args.help) {
    process.stdout.write(HELP);
    return OK;
  }
  const report = await run(args);
  const page = await writePage(report, args);
  if (args.json) {
    process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  } else {
    await print(report);
    process.stdout.write(`\nThe same as a page: ${relative(process.cwd(), page)}\n`);
  }
  return report.result === "ok" ? OK : FINDINGS;
}

/** The rehearsal is loaded late: Pulumi's runtime takes its time, and help and mistakes on the command line need none of it. */
async function run(args: Arguments): Promise<Report> {
  const hideProgress = showProgress("rehearsing ...");
  try {
    loadLate();
    const { loadPack } = await import("../rehearsal/policy/load-pack");
    const { rehearse } = await import("../rehearsal/rehearse");
    return await rehearse({ root: ROOT, ...args, loadPack: () => loadPack(join(ROOT, "policy-pack")), today: new Date() });
  } finally {
    hideProgress();
  }
}

async function writePage(report: Report, args: Arguments): Promise<string> {
  const { formatHtml } = await import("../rehearsal/report/html");
  const page = resolve(args.html ?? join(ROOT, ".rehearsal", `${args.stack}.html`));
  writeText(page, formatHtml(report));
  return page;
}

async function print(report: Report): Promise<void> {
  const { COLOUR, PLAIN } = await import("../rehearsal/report/style");
  const { printable } = await import("../rehearsal/report/printable");
  const { formatReport } = await import("../rehearsal/report/text");
  const style = process.stdout.isTTY && (process.env.NO_COLOR ?? "") === "" ? COLOUR : PLAIN;
  process.stdout.write(formatReport(printable(report), { style, width: Math.min(process.stdout.columns ?? 110, 120) }));
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    // What the user can mend is said in one paragraph; anything else is a fault of this project and keeps its stack.
    const message = error instanceof UserError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (process.argv.includes("--json")) {
      process.stdout.write(`${JSON.stringify({ format: 1, result: "refused", errors: message.split("\n") }, undefined, 2)}\n`);
    } else {
      process.stderr.write(`${message}\n`);
    }
    process.exitCode = REFUSED;
  },
);
