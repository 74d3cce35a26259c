/** The answer to `--design` as text. */
import { Document, isScalar, visit } from "yaml";
import { nodesText } from "../../../planner/design/design";
import type { Alternative, Design, Plan, PriceChange } from "../../../planner/design/design";
import type { Pool } from "../../../planner/design/pools";
import { hang, table } from "../../../rehearsal/report/style";
import type { TextOptions } from "../../../rehearsal/report/style";
import { dollars, indented } from "./status";

/** More than a person compares. `--json` has all. */
const MAX_ALTERNATIVES = 5;

export function formatDesign(
  { verdict, asked, best, asLarge, alternatives, prices, missing, notes }: Design,
  { style, width }: TextOptions,
): string {
  const section = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : ["", style.bold(title), ...indented(lines)]);
  const items = (texts: readonly string[]) => texts.flatMap((text) => hang("- ", text, width - 2));
  const colour = { found: style.good, none: style.bad, unknown: style.warn }[verdict];
  const others = alternatives.slice(0, MAX_ALTERNATIVES);
  const rows = (heading: readonly string[], all: readonly (readonly string[])[]) => (all.length === 0 ? [] : table([heading, ...all]));
  const upTo = prices.filter((each) => each.type === "upTo");
  const below = prices.filter((each) => each.type === "below");
  const plan = (title: string, each: Plan | null) =>
    each === null
      ? []
      : [
          ...section(title, items([`${priceText(each)}: ${nodesText(each)}`, proofText(each), ...servesTexts(each)])),
          ...section("Its pools", yamlLines(each.pools)),
          ...section(
            "Free afterwards",
            items(each.free.map(({ gpuModel, profile, free }) => `${String(free)} x ${profile} (${gpuModel})`)),
          ),
        ];
  return [
    `${colour(HEADLINES[verdict])}: ${asked}`,
    ...plan("The cheapest", best),
    ...plan(best === null ? "With slices that are as large or larger" : "Cheaper, with slices that are as large or larger", asLarge),
    ...section(
      `Other ways, cheapest first${others.length < alternatives.length ? ` (${String(others.length)} of ${String(alternatives.length)})` : ""}`,
      items(others.map((each) => alternativeText(each, best))),
    ),
    ...section("Stays the cheapest up to", rows(["instance type", "$ an hour", "now"], upTo.map(priceCells))),
    ...section(
      "Alone costs no more, from this price down",
      rows(
        ["instance type", "$ an hour", "now", "nodes", "slices"],
        below.map((each) => [...priceCells(each), String(each.nodes), each.match === "exact" ? "" : "as large or larger"]),
      ),
    ),
    ...section(verdict === "unknown" ? "Missing" : "Why not", items(missing)),
    ...section("Notes", items(notes)),
    "",
  ].join("\n");
}

export const HEADLINES: Readonly<Record<Design["verdict"], string>> = {
  found: "Serves",
  none: "Nothing serves",
  unknown: "Cannot tell what serves",
};

function priceText({ usdPerHour }: Pick<Plan, "usdPerHour">): string {
  return `$${dollars(usdPerHour)} an hour`;
}

export function proofText({ proven, boundUsdPerHour, gapPercent }: Plan): string {
  return proven
    ? "proven: no nodes of these instance types cost less"
    : `not proven: the time was over. Nothing costs less than $${dollars(boundUsdPerHour)} an hour, which is ${String(gapPercent)} % less`;
}

/** Only where a slice has another name than what is asked for. */
export function servesTexts({ serves }: Plan): readonly string[] {
  return serves
    .filter(({ wants, profile }) => wants !== profile)
    .map(({ wants, gpuModel, profile, count }) => `${String(count)} x ${wants}: ${profile} of ${gpuModel}`);
}

function alternativeText(alternative: Alternative, best: Plan | null): string {
  const { usdPerHour, match, proven } = alternative;
  const more = best === null ? "" : ` (${percent(usdPerHour / best.usdPerHour - 1)})`;
  const larger = match === "asLarge" ? ", with slices that are as large or larger" : "";
  return `${priceText(alternative)}${more}: ${nodesText(alternative)}${larger}${proven ? "" : ", not proven"}`;
}

export function priceCells({ instanceType, usdPerHour, nowUsdPerHour }: PriceChange): readonly string[] {
  return [instanceType, dollars(usdPerHour), dollars(nowUsdPerHour)];
}

/** As docs/configuration.md writes pools: lists of numbers on one line. */
export function yamlLines(pools: readonly Pool[]): readonly string[] {
  const document = new Document({ "shared-gpu:gpuPools": pools });
  visit(document, {
    Seq: (_, node) => {
      node.flow = node.items.every((item) => isScalar(item));
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false }).trimEnd().split("\n");
}

export function percent(part: number): string {
  const rounded = Math.round(part * 100);
  return `${rounded > 0 ? "+" : ""}${String(rounded)} %`;
}
