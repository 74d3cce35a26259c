/** The page of `--replay`. */
import { groupBy } from "../../../planner/group-by";
import type { LayoutResult, Replay } from "../../../planner/replay/replay";
import { escape, page, section, table } from "../../../rehearsal/report/page/elements";
import { amount, dollars } from "../text/status";
import { gpusText } from "../text/replay";
import { chart, number, sample } from "./chart";
import type { Line } from "./chart";
import { limitSections, textList, textTable } from "./parts";

/** The layout that the stack has unless somebody says otherwise. */
const BALANCED = "all-balanced";

export function replayPage({ fleet, usdPerHour, pods, withoutGpu, hours, layouts, notes }: Replay): string {
  const compared = comparedOf(layouts);
  const names = compared.map(({ name }) => name);
  const lines = (of: (point: LayoutResult["series"][number]) => number | null): readonly Line[] =>
    compared.map(({ name, result }) => ({ name, values: result.series.map(of) }));
  const charts: readonly { readonly id: string; readonly title: string; readonly lines: readonly Line[]; readonly most?: number }[] = [
    { id: "acceptance", title: "Accepted, % of the GPU hours that arrive", lines: lines((point) => point.acceptedPercent), most: 100 },
    {
      id: "waiting",
      title: "Mean wait of accepted pods, minutes",
      lines: lines(({ meanWaitSeconds: wait }) => (wait === null ? null : wait / 60)),
    },
    {
      id: "fragmentation",
      title: "GPUs free in pieces while a pod waits, %",
      lines: lines(({ fragmented }) => fragmented * 100),
      most: 100,
    },
    ...(usdPerHour === null ? [] : [{ id: "idle", title: "Idle, $ an hour", lines: lines(({ used }) => (1 - used) * usdPerHour) }]),
  ];
  const legend = `<p class="legend">${names.map((name, index) => `<span>${sample(index)} ${escape(name)}</span>`).join(" ")}</p>`;
  return page({
    title: `A demand over time on ${fleet}`,
    heading: `A demand over time <span>on ${escape(fleet)}</span>`,
    introduction: `<p>${escape(`${String(pods)} pods in ${String(hours)} hours${withoutGpu === 0 ? "" : ` (${String(withoutGpu)} pods without a GPU left out)`}`)}</p>`,
    main: `${section(
      "Layouts, the one that accepts most GPU hours first",
      "layouts",
      textTable(
        ["layout", "pods", "GPU hours, %", "of shares, %", "mean wait, s", "p95, s", "GPUs held", "free in pieces", "idle, $/h"],
        layouts.map((each) => [
          ...[each.name, String(each.acceptedPods), String(each.acceptedPercent), String(each.shareablePercent)],
          ...[String(each.meanWaitSeconds), String(each.p95WaitSeconds), String(each.usedGpus), String(each.fragmentedGpus)],
          each.idleUsdPerHour === null ? amount(null) : dollars(each.idleUsdPerHour),
        ]),
      ),
    )}
${section(
  "Over time",
  "time",
  `${legend}
<div class="charts">${charts.map((each) => `<figure><figcaption>${escape(each.title)}</figcaption>${chart({ ...each, hours })}</figure>`).join("\n")}</div>
${charts.map((each) => `<details><summary>${escape(each.title)}, as a table</summary>${valueTable(each.lines, hours)}</details>`).join("\n")}`,
)}
${layouts
  .filter(({ gpus }) => gpus.length > 1)
  .map((each, index) => section(`GPUs of: ${each.name}`, `gpus-${String(index)}`, textList(each.gpus.map(gpusText))))
  .join("\n")}
${limitSections({ missing: [], notes })}`,
  });
}

interface Compared {
  readonly name: string;
  readonly result: LayoutResult;
}

/** What the planner has made, the best layout of those that MIG Manager ships, and the balanced one. Layouts that are the same are one. */
function comparedOf(layouts: readonly LayoutResult[]): readonly Compared[] {
  const best = layouts.find(({ shipped }) => shipped !== null);
  const wanted = layouts.filter((each) => each.shipped === null || each === best || each.shipped === BALANCED);
  return [...groupBy(wanted, ({ gpus }) => JSON.stringify(gpus)).values()].flatMap((same) =>
    same[0] === undefined ? [] : [{ name: same.map(({ name }) => name).join(", "), result: same[0] }],
  );
}

function valueTable(lines: readonly Line[], hours: number): string {
  const count = lines[0]?.values.length ?? 0;
  const rows = Array.from({ length: count }, (_, index) => [
    number((hours * index) / count),
    ...lines.map(({ values }) => {
      const value = values[index] ?? null;
      return value === null ? "" : number(value);
    }),
  ]);
  return table(["from hour", ...lines.map(({ name }) => escape(name))], rows);
}
