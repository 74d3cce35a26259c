/** The page of `--ask`. */
import { afterAll } from "../../../planner/ask/actions";
import type { Answer, Answered } from "../../../planner/ask/ask";
import type { Place } from "../../../planner/ask/trial";
import type { PlannedCluster } from "../../../planner/state/cluster";
import { resume } from "../../../planner/what-if/moves";
import { escape, page, section } from "../../../rehearsal/report/page/elements";
import { HEADLINES, counted, placesText, uncertainText } from "../text/ask";
import { dollars } from "../text/status";
import { changeMaps, pictureOf, undrawable } from "./maps";
import type { Picture } from "./maps";
import { limitSections, textList, textTable, verdictLine } from "./parts";
import type { Tone } from "./parts";

export function askPage({ answer, ways }: Answered, cluster: PlannedCluster): string {
  const { verdict, asked, namespace, pinned, places, left, blocks, missing, notes } = answer;
  const title = `${HEADLINES[verdict]}: ${asked}`;
  const reason = undrawable(cluster);
  const before = reason === undefined ? pictureOf(cluster) : undefined;
  const change = (after: () => Picture) => (before === undefined ? `<p>${escape(reason ?? "")}</p>` : changeMaps(before, after()));
  return page({
    title,
    heading: `${escape(asked)} <span>in namespace ${escape(namespace)}</span>`,
    introduction: `<p>${escape(cluster.source)}</p>
${verdictLine(TONES[verdict], HEADLINES[verdict])}
${pinned ? `<p>It fits in this order and on these nodes only. <code>--json</code> has manifests that keep to both.</p>` : ""}`,
    main: `${section(
      "What blocks it",
      "blocks",
      textTable(
        ["sort", "what"],
        blocks.map(({ kind, message }) => [kind, message]),
      ),
    )}
${section(verdict === "fits" ? "Where" : "What would find a place", "places", textList(placesText(places)))}
${
  verdict === "fits"
    ? section(
        "Before and after",
        "change",
        change(() => pictureAfter(cluster, places, namespace)),
      )
    : ""
}
${ways
  .map((way, index) =>
    section(
      `Way out ${String(index + 1)} of ${String(ways.length)}: ${priceText(answer.ways[index]?.usdPerHour ?? null)}`,
      `way-${String(index + 1)}`,
      `${textList(counted(answer.ways[index]?.actions ?? []), "ol")}
${textList(placesText(way.places))}
${textList(way.uncertain.map(uncertainText))}
${change(() => pictureAfter(afterAll(cluster, way.actions), way.places, namespace))}`,
    ),
  )
  .join("\n")}
${verdict === "doesNotFit" && ways.length === 0 ? section("Ways out", "ways", "<p>No way out was found that ends no running pod.</p>") : ""}
${section(
  "Free afterwards",
  "left",
  textTable(
    ["GPU", "profile", "free"],
    left.map(({ gpuModel, profile, free }) => [gpuModel, profile, String(free)]),
  ),
)}
${limitSections({ missing, notes })}`,
  });
}

const TONES: Readonly<Record<Answer["verdict"], Tone>> = { fits: "good", doesNotFit: "bad", unknown: "partly" };

function priceText(usdPerHour: number | null): string {
  return usdPerHour === 0 ? "costs nothing more" : `$${dollars(usdPerHour)} an hour more`;
}

/** Pods that are pending now get their places before the demand does. */
function pictureAfter(cluster: PlannedCluster, places: readonly Place[], namespace: string): Picture {
  return pictureOf(resume(cluster, []).cluster, places, namespace);
}
