/** The answer to `--ask` as text. */
import type { Answer } from "../../../planner/ask/ask";
import type { Place } from "../../../planner/ask/trial";
import { hang } from "../../../rehearsal/report/style";
import type { TextOptions } from "../../../rehearsal/report/style";
import { dollars, indented } from "./status";

export function formatAnswer(answer: Answer, { style, width }: TextOptions): string {
  const { verdict, asked, namespace, pinned, places, left, blocks, ways, missing, notes } = answer;
  const section = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : ["", style.bold(title), ...indented(lines)]);
  const items = (texts: readonly string[]) => texts.flatMap((text) => hang("- ", text, width - 2));
  const colour = { fits: style.good, doesNotFit: style.bad, unknown: style.warn }[verdict];
  const count = ways.length;
  return [
    `${colour(HEADLINES[verdict])}: ${asked} in namespace ${namespace}`,
    ...(pinned
      ? hang(
          "",
          "It fits in this order and on these nodes only. --json has manifests that keep to both; pods that name no node may take each other's place.",
          width,
        )
      : []),
    ...section(verdict === "fits" ? "Where" : "What would find a place", items(placesText(places))),
    ...section("Free afterwards", items(left.map(({ gpuModel, profile, free }) => `${String(free)} x ${profile} (${gpuModel})`))),
    ...section("What blocks it", items(blocks.map(({ kind, message }) => `${kind}: ${message}`))),
    ...section(
      count === 1 ? "A way out, simulated" : "Ways out that were found, each simulated, cheapest first",
      ways.flatMap(({ actions, usdPerHour, uncertain }, index) => [
        `${String(index + 1)}. ${usdPerHour === 0 ? "costs nothing more" : `$${dollars(usdPerHour)} an hour more`}`,
        ...indented([...counted(actions), ...uncertain.map(uncertainText)].flatMap((line) => hang("- ", line, width - 5))),
      ]),
    ),
    ...(verdict === "doesNotFit" && count === 0 ? ["", "No way out was found that ends no running pod."] : []),
    ...section("Missing", items(missing)),
    ...section("Notes", items(notes)),
    "",
  ].join("\n");
}

export const HEADLINES: Readonly<Record<Answer["verdict"], string>> = {
  fits: "Fits",
  doesNotFit: "Does not fit",
  unknown: "Cannot tell",
};

/** What is done several times, once with the number. */
export function counted(actions: readonly string[]): readonly string[] {
  const times = new Map<string, number>();
  for (const action of actions) {
    times.set(action, (times.get(action) ?? 0) + 1);
  }
  return [...times].map(([action, count]) => (count === 1 ? action : `${action}, ${String(count)} times`));
}

/** By node what it gets. */
export function placesText(places: readonly Place[]): readonly string[] {
  const byNode = new Map<string, Map<string, number>>();
  for (const { node, wants } of places) {
    const counts = byNode.get(node) ?? new Map<string, number>();
    byNode.set(node, counts.set(wants, (counts.get(wants) ?? 0) + 1));
  }
  return [...byNode].map(
    ([node, counts]) =>
      `${node}: ${[...counts].map(([wants, count]) => (count === 1 ? wants : `${String(count)} pods with ${wants}`)).join(", ")}`,
  );
}

/** What stands below the actions of a way out that may help or not. */
export function uncertainText(reason: string): string {
  return `uncertain: ${reason}, and the simulation gives it a place`;
}
