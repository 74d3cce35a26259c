/** docs/captures.md says on which captures the figures rest, and shows what the command prints. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compareCapture } from "../../src/dra/capture/result";
import { formatCaptureResult } from "../../src/dra/capture/text";
import { GPU_MODELS } from "../../src/hardware/gpu-models";
import { recordedNode } from "../dra/recorded-slices/recorded-slices";
import { ROOT } from "../support/program";

const PAGE = readFileSync(join(ROOT, "docs/captures.md"), "utf8");
const ROWS = PAGE.split("\n").filter((line) => line.startsWith("| "));

const CAPTURES = GPU_MODELS.flatMap(({ name, memoryCaptures }) => memoryCaptures.map((capture) => ({ name, ...capture })));

test.each(CAPTURES.filter(({ source }) => source.includes("`nvidia-smi") || source.includes("NVML")))(
  "the capture of $name with driver $driverVersion is in the table, with its driver and memory",
  ({ driverVersion, mebibytes, source }) => {
    const issue = /(?:issue|pull request) (\d+)/.exec(source)?.[1];
    const figures = Object.values(mebibytes).map(String);
    const ofDriver = ROWS.filter((row) => row.includes(driverVersion ?? "not shown"));
    const rows = ofDriver.filter(
      (row) => figures.some((figure) => row.includes(figure)) || (issue !== undefined && row.includes(`/${issue})`)),
    );
    expect(rows).not.toEqual([]);
  },
);

test("the example is what the command prints", () => {
  const [, example] = /```\n(Node 1: [^`]+)```/.exec(PAGE) ?? [];
  expect(formatCaptureResult(compareCapture([recordedNode("v0.4.1-80")]), 0)).toBe(example);
});
