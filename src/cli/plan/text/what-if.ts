/** The answer to `--what-if` as text. */
import type { StoppedPod, WhatIf } from "../../../planner/what-if/what-if";
import { hang, table } from "../../../rehearsal/report/style";
import type { TextOptions } from "../../../rehearsal/report/style";
import { dollars, indented } from "./status";

export function formatWhatIf(answer: WhatIf, { style, width }: TextOptions): string {
  const { verdict, change, claims, steps, stopped, started, slices, usdPerHour, missing, notes } = answer;
  const section = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : ["", style.bold(title), ...indented(lines)]);
  const items = (texts: readonly string[]) => texts.flatMap((text) => hang("- ", text, width - 2));
  const colour = { keeps: style.good, loses: style.bad, unknown: style.warn }[verdict];
  const fate = (wanted: StoppedPod["fate"], text: (pod: StoppedPod) => string) =>
    items(stopped.filter((pod) => pod.fate === wanted).map(text));
  return [
    `${colour(HEADLINES[verdict])}: ${change}`,
    ...section("Claims of running pods", [
      `${String(claims.running)}: ${String(claims.kept)} go on, ${String(claims.moved)} run elsewhere, ${String(claims.lost)} do not run`,
    ]),
    ...section(
      "In this order",
      steps.length === 0
        ? []
        : table([["step", "drain", "pods that stop", "wait afterwards"], ...steps.map((step, index) => stepCells(step, index))]),
    ),
    ...section(
      "Run elsewhere",
      fate("moves", ({ pod, from, to }) => `${pod}: from ${from} to ${to ?? ""}`),
    ),
    ...section(
      "Wait, because there is no room",
      fate("waits", ({ pod, reason }) => `${pod}: ${reason ?? ""}`),
    ),
    ...section(
      "Can never be placed again",
      fate("never", ({ pod, reason }) => `${pod}: ${reason ?? ""}`),
    ),
    ...section("Pending pods that have a place then", items(started)),
    ...section(
      "Slices",
      slices.length === 0
        ? []
        : table([
            ["GPU", "profile", "published before", "after", "free before", "after"],
            ...slices.map(({ gpuModel, profile, before, after }) => [
              ...[gpuModel, profile, String(before.published), String(after.published), String(before.free), String(after.free)],
            ]),
          ]),
    ),
    ...section("GPU nodes, $ an hour", [`${dollars(usdPerHour.before)} before, ${dollars(usdPerHour.after)} after`]),
    ...section("Missing", items(missing)),
    ...section("Notes", items(notes)),
    "",
  ].join("\n");
}

export const HEADLINES: Readonly<Record<WhatIf["verdict"], string>> = {
  keeps: "Every pod that stops runs again",
  loses: "Some pods do not run again",
  unknown: "Cannot tell",
};

export function stepCells({ nodes, stops, waiting }: WhatIf["steps"][number], index: number): readonly string[] {
  return [String(index + 1), nodes.join(", "), String(stops), String(waiting)];
}
