/** The answer to `--replay` as text. */
import type { LayoutResult, Replay } from "../../../planner/replay/replay";
import { hang, table } from "../../../rehearsal/report/style";
import type { TextOptions } from "../../../rehearsal/report/style";
import { amount, dollars, indented } from "./status";

/** More layouts than a person compares. `--json` has all. */
const MAX_LAYOUTS = 12;

export function formatReplay({ fleet, pods, withoutGpu, hours, layouts, notes }: Replay, { style, width }: TextOptions): string {
  const section = (title: string, lines: readonly string[]) => ["", style.bold(title), ...indented(lines)];
  const shown = layouts.slice(0, MAX_LAYOUTS);
  const [best] = layouts;
  return [
    `${String(pods)} pods in ${String(hours)} hours on ${fleet}${withoutGpu === 0 ? "" : ` (${String(withoutGpu)} pods without a GPU left out)`}`,
    ...section(
      "Layouts, the one that accepts most GPU hours first",
      table([
        ["layout", "pods", "GPU hours, %", "of shares, %", "mean wait, s", "p95, s", "GPUs held", "free in pieces", "idle, $/h"],
        ...shown.map((each) => [
          ...[each.name, String(each.acceptedPods), String(each.acceptedPercent), String(each.shareablePercent)],
          ...[String(each.meanWaitSeconds), String(each.p95WaitSeconds), String(each.usedGpus), String(each.fragmentedGpus)],
          each.idleUsdPerHour === null ? amount(null) : dollars(each.idleUsdPerHour),
        ]),
      ]),
    ),
    ...layouts.filter(({ gpus }) => gpus.length > 1).flatMap((each) => section(`GPUs of: ${each.name}`, each.gpus.map(gpusText))),
    ...(best === undefined
      ? []
      : section(
          `In use over time, ${best.name}`,
          best.series.map(({ used }, index) => bar(used, index, best.series.length, hours)),
        )),
    ...section(
      "Notes",
      notes.flatMap((note) => hang("- ", note, width - 2)),
    ),
    "",
  ].join("\n");
}

export function gpusText({ count, contents }: LayoutResult["gpus"][number]): string {
  return `${String(count)} x ${Object.entries(contents)
    .map(([device, devices]) => `${device} x${String(devices)}`)
    .join(", ")}`;
}

/** Characters of a full bar. */
const BAR = 40;

function bar(used: number, index: number, of: number, hours: number): string {
  const hour = ((hours * index) / of).toFixed(hours < 48 ? 1 : 0).padStart(6);
  return `${hour} h  ${"#".repeat(Math.round(used * BAR)).padEnd(BAR, ".")} ${String(Math.round(used * 100)).padStart(3)} %`;
}
