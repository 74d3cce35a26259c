/** The page of `--what-if`. */
import type { PlannedCluster } from "../../../planner/state/cluster";
import type { Consequences, StoppedPod, WhatIf } from "../../../planner/what-if/what-if";
import { escape, figureList, page, section } from "../../../rehearsal/report/page/elements";
import { dollars } from "../text/status";
import { HEADLINES, stepCells } from "../text/what-if";
import { changeMaps, pictureOf, undrawable } from "./maps";
import { limitSections, textList, textTable, verdictLine } from "./parts";
import type { Tone } from "./parts";

export function whatIfPage({ whatIf, after }: Consequences, cluster: PlannedCluster): string {
  const { verdict, change, claims, steps, stopped, started, slices, usdPerHour, missing, notes } = whatIf;
  const reason = undrawable(cluster);
  return page({
    title: `What if: ${change}`,
    heading: `What if <span>${escape(change)}</span>`,
    introduction: `<p>${escape(cluster.source)}</p>
${verdictLine(TONES[verdict], HEADLINES[verdict])}`,
    main: `${figureList([
      [`${String(claims.kept)} of ${String(claims.running)}`, "claims of running pods go on"],
      [String(claims.moved), "run elsewhere"],
      [String(claims.lost), "do not run"],
      [`$${dollars(usdPerHour.before)}`, "GPU nodes per hour before"],
      [`$${dollars(usdPerHour.after)}`, "after"],
    ])}
${section(
  "Drain in this order",
  "steps",
  textTable(
    ["step", "drain", "pods that stop", "wait afterwards"],
    steps.map((step, index) => stepCells(step, index)),
  ),
)}
${section("Before and after", "change", reason === undefined ? changeMaps(pictureOf(cluster), pictureOf(after)) : `<p>${escape(reason)}</p>`)}
${section(
  "Pods that stop",
  "stopped",
  textTable(
    ["pod", "from", "what happens", "to", "why not"],
    stopped.map(({ pod, from, to, fate, reason: why }) => [pod, from, FATES[fate], to ?? "", why ?? ""]),
  ),
)}
${section("Pending pods that have a place then", "started", textList(started))}
${section(
  "Slices",
  "slices",
  textTable(
    ["GPU", "profile", "published before", "after", "free before", "after"],
    slices.map(({ gpuModel, profile, before, after: then }) => [
      ...[gpuModel, profile, String(before.published), String(then.published), String(before.free), String(then.free)],
    ]),
  ),
)}
${limitSections({ missing, notes })}`,
  });
}

const TONES: Readonly<Record<WhatIf["verdict"], Tone>> = { keeps: "good", loses: "bad", unknown: "partly" };

const FATES: Readonly<Record<StoppedPod["fate"], string>> = {
  moves: "runs again",
  waits: "waits: there is no room",
  never: "can never be placed again",
};
