/** Evidence as a Markdown page. */
import type { Evidence, Point, Requirement } from "./evidence";

export function evidencePage({ kubernetesVersion, readAt, checklist, requirements, notCovered }: Evidence): string {
  const against =
    checklist === null
      ? "No checklist of this version was known. The requirements are those of other versions."
      : `Checklist: [Kubernetes AI Conformance ${checklist.kubernetesVersion}](${checklist.source}).`;
  return [
    "# Evidence for Kubernetes AI Conformance",
    "",
    `Kubernetes ${kubernetesVersion ?? "of unknown version"}, observed ${readAt} by \`npm run doctor\`.`,
    against,
    "",
    "| requirement | level | verdict |",
    "|---|---|---|",
    ...requirements.map(({ id, level, verdict }) => `| \`${id}\` | ${level ?? "not in this checklist"} | ${verdict} |`),
    "",
    ...(notCovered.length === 0 ? [] : [`Nothing here is about ${notCovered.map((id) => `\`${id}\``).join(", ")}.`, ""]),
    ...requirements.flatMap(sectionOf),
  ].join("\n");
}

function sectionOf({ id, points }: Requirement): readonly string[] {
  return [`## \`${id}\``, "", "| what | request | observed | verdict |", "|---|---|---|---|", ...points.map(rowOf), ""];
}

function rowOf({ what, request, observed, verdict }: Point): string {
  return `| ${[what, `\`${request.replaceAll("`", "'")}\``, observed, verdict].map(cell).join(" | ")} |`;
}

function cell(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("|", "\\|").replaceAll(/\s+/g, " ");
}
