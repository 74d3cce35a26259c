/** The page of `--design`. */
import { findInstanceType } from "../../../hardware/instance-types";
import { resolveLayout } from "../../../hardware/layouts";
import { nodesText } from "../../../planner/design/design";
import type { Design, Plan } from "../../../planner/design/design";
import type { Pool } from "../../../planner/design/pools";
import { drawGpus } from "../../../rehearsal/report/gpu-map";
import { escape, figureList, page, section } from "../../../rehearsal/report/page/elements";
import { gpuMap } from "../../../rehearsal/report/page/gpu-map";
import type { DrawnGpu } from "../../../rehearsal/report/page/gpu-map";
import { HEADLINES, percent, priceCells, proofText, servesTexts, yamlLines } from "../text/design";
import { dollars } from "../text/status";
import { limitSections, textList, textTable, verdictLine } from "./parts";
import type { Tone } from "./parts";

export function designPage({ verdict, asked, best, asLarge, alternatives, prices, missing, notes }: Design): string {
  const upTo = prices.filter((each) => each.type === "upTo");
  const below = prices.filter((each) => each.type === "below");
  return page({
    title: `What to buy for ${asked}`,
    heading: `What to buy <span>for ${escape(asked)}</span>`,
    introduction: verdictLine(TONES[verdict], `${HEADLINES[verdict]}: ${asked}`),
    main: `${section(verdict === "unknown" ? "Missing" : "Why not", "why-not", textList(missing))}
${planSection("The cheapest", "best", best)}
${planSection(best === null ? "With slices that are as large or larger" : "Cheaper, with slices that are as large or larger", "as-large", asLarge)}
${section(
  "Other ways, cheapest first",
  "alternatives",
  textTable(
    ["nodes", "$ an hour", "more", "slices", "proven"],
    alternatives.map((each) => [
      ...[nodesText(each), dollars(each.usdPerHour), best === null ? "" : percent(each.usdPerHour / best.usdPerHour - 1)],
      ...[each.match === "exact" ? "" : "as large or larger", each.proven ? "yes" : "no"],
    ]),
  ),
)}
${section("Stays the cheapest up to", "up-to", textTable(["instance type", "$ an hour", "now"], upTo.map(priceCells)))}
${section(
  "Alone costs no more, from this price down",
  "below",
  textTable(
    ["instance type", "$ an hour", "now", "nodes", "slices"],
    below.map((each) => [...priceCells(each), String(each.nodes), each.match === "exact" ? "" : "as large or larger"]),
  ),
)}
${limitSections({ missing: [], notes })}`,
  });
}

const TONES: Readonly<Record<Design["verdict"], Tone>> = { found: "good", none: "bad", unknown: "partly" };

function planSection(title: string, id: string, plan: Plan | null): string {
  return plan === null
    ? ""
    : section(
        title,
        id,
        `${figureList([
          [`$${escape(dollars(plan.usdPerHour))}`, "an hour"],
          ...plan.nodes.map(({ instanceType, count }): [string, string] => [String(count), escape(instanceType)]),
        ])}
<p>${escape(proofText(plan))}</p>
${textList(servesTexts(plan))}
${plan.pools.map(poolMap).join("\n")}
${textTable(
  ["GPU", "profile", "free afterwards"],
  plan.free.map(({ gpuModel, profile, free }) => [gpuModel, profile, String(free)]),
)}
<details open><summary>The pools for the file of your stack</summary><pre><code>${escape(yamlLines(plan.pools).join("\n"))}</code></pre></details>`,
      );
}

/** A node of a pool: GPUs that are divided alike are drawn once. */
function poolMap({ name, instanceType, layout, size }: Pool): string {
  const gpus = findInstanceType(instanceType)?.gpus;
  const resolved = gpus?.type === "mig" ? resolveLayout(layout, gpus.model, gpus.count) : undefined;
  if (resolved?.type !== "legal") {
    throw new Error(`the layout ${JSON.stringify(layout)} of ${instanceType} is not legal`);
  }
  const { model } = resolved.layout;
  const alike = new Map<string, DrawnGpu & { readonly count: number }>();
  for (const { parts } of drawGpus(resolved.layout, [], new Map())) {
    const key = JSON.stringify(parts);
    const count = (alike.get(key)?.count ?? 0) + 1;
    alike.set(key, { name: count === 1 ? "1 GPU" : `${String(count)} GPUs`, memorySlices: model.memorySlices, parts, count });
  }
  const nodes = size.desired === 1 ? "1 node" : `${String(size.desired)} nodes`;
  return `<article class="node">
<h3>${escape(name)}</h3>
<p class="quiet">${escape(`${nodes} of ${instanceType}, each with ${String(resolved.layout.gpus.length)} × ${model.name}, layout ${resolved.layout.name}`)}</p>
${gpuMap(`a node of pool ${name}`, [...alike.values()], new Map())}
</article>`;
}
