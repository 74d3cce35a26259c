/** The answer to `--usage` as text, and as CSV. */
import type { Bill, Used } from "../../../monitoring/bill";
import { hang, table } from "../../../rehearsal/report/style";
import type { TextOptions } from "../../../rehearsal/report/style";
import { dollars, indented } from "./status";

export function formatUsage(
  { from, until, hours: period, countedHours, teams, total, notes }: Bill,
  { style, width }: TextOptions,
): string {
  const section = (title: string, lines: readonly string[]) => ["", style.bold(title), ...indented(lines)];
  return [
    `${from} to ${until}: ${hours(countedHours)} of ${hours(period)} hours counted`,
    ...section(
      "Use by team",
      teams.length === 0
        ? ["no team held a slice"]
        : table([
            ["team", "tier", "slice-hours", "of it busy", "$", "$ of busy"],
            ...teams.map((use) => [use.team, use.tier === "" ? "no tier" : use.tier, ...cells(use)]),
            ["together", "", ...cells(total)],
          ]),
    ),
    ...section(
      "Notes",
      notes.flatMap((note) => hang("- ", note, width - 2)),
    ),
    "",
  ].join("\n");
}

function cells({ sliceHours, busySliceHours, usd, busyUsd }: Used): readonly string[] {
  return [hours(sliceHours), busySliceHours === null ? "unknown" : hours(busySliceHours), dollars(usd), dollars(busyUsd)];
}

function hours(value: number): string {
  return value.toFixed(1);
}

/** A line for each team, tier and node, with a heading. What is unknown is empty. Source of the form: RFC 4180. */
export function usageCsv({ byNode }: Bill): string {
  const lines = byNode.map(({ team, tier, node, sliceHours, busySliceHours, usd, busyUsd }) => [
    ...[team, tier, node],
    ...[sliceHours, busySliceHours, usd, busyUsd].map((value) => (value === null ? "" : String(Number(value.toFixed(6))))),
  ]);
  return [["team", "tier", "node", "slice_hours", "busy_slice_hours", "usd", "busy_usd"], ...lines]
    .map((line) => `${line.map(field).join(",")}\r\n`)
    .join("");
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
