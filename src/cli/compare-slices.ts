/** `npm run compare-slices`: holds captures of real nodes against the model. */
import { readCapture } from "../dra/capture/read";
import type { Capture } from "../dra/capture/read";
import { compareCapture } from "../dra/capture/result";
import type { CaptureResult } from "../dra/capture/result";
import { formatCaptureResult } from "../dra/capture/text";
import { UserError, readText } from "../rehearsal/files";
import { kubectlDocuments } from "../rehearsal/kubectl-documents";
import { printable } from "../rehearsal/report/printable";
import { runCommand } from "./command";
import { HELP, readArguments } from "./compare-slices-arguments";

const EXIT_CODES: Readonly<Record<CaptureResult["result"], number>> = { equal: 0, differs: 1, unknown: 2 };

async function main(): Promise<number> {
  const { files, json, help } = readArguments(process.argv.slice(2));
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  const captures = files.map(readFile);
  const slicesOfOtherDrivers = captures.reduce((sum, capture) => sum + capture.slicesOfOtherDrivers, 0);
  const compared = compareCapture(captures.flatMap(({ nodes }) => nodes));
  process.stdout.write(
    json
      ? `${JSON.stringify({ format: 1, ...compared, slicesOfOtherDrivers }, undefined, 2)}\n`
      : formatCaptureResult(printable(compared), slicesOfOtherDrivers),
  );
  return EXIT_CODES[compared.result];
}

/** Each file is a capture of its own: nodes of two clusters can have one name. */
function readFile(file: string): Extract<Capture, { type: "capture" }> {
  const capture = readCapture([...kubectlDocuments(file, readText(file))].map(({ value }) => value));
  if (capture.type === "unreadable") {
    throw new UserError(`${file}: ${capture.reason}`);
  }
  return capture;
}

runCommand(main, { exitCode: EXIT_CODES.unknown, json: { result: "unknown" } });
