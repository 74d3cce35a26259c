/** A diagnosis as text. */
import type { Diagnosis, Finding } from "../doctor/finding";
import type { Severity } from "../doctor/findings";
import { hang } from "../rehearsal/report/style";
import type { Style, TextOptions } from "../rehearsal/report/style";
import { indented } from "./plan/text/status";

/** More than a person reads. `--json` has all. */
const MAX_NAMES = 10;

export function formatDiagnosis(diagnosis: Diagnosis, options: TextOptions): string {
  const { source, stack, kubernetesVersion, readAt, verdict, findings, notYet, unchecked, notSeen, tried } = diagnosis;
  const { style, width } = options;
  const section = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : ["", style.bold(title), ...indented(lines)]);
  const items = (texts: readonly string[]) => texts.flatMap((text) => hang("- ", text, width - 2));
  const headline = {
    healthy: style.good("Healthy"),
    findings: style.bad(countText(findings)),
    unknown: style.warn("Cannot tell"),
  }[verdict];
  return [
    `${headline}: ${source}, Kubernetes ${kubernetesVersion ?? "of unknown version"}, against the stack ${stack} (read ${readAt})`,
    ...findings.flatMap((finding) => ["", ...formatFinding(finding, options)]),
    ...section("Tried", items(tried.map(triedText))),
    ...section("Not yet", items(notYet.map(({ subject, waitsFor }) => `${subject}: ${waitsFor}`))),
    ...section("Not checked", items(unchecked.map(({ what, reason }) => `${what}: ${reason}`))),
    ...section("Not seen", items(notSeen)),
    "",
  ].join("\n");
}

/** Of what was not checked, the reasons stand below. */
function triedText({ id, held, broken, unchecked }: Diagnosis["tried"][number]): string {
  const counts = [[held, "as it must be"] as const, [broken, "not as it must be"] as const, [unchecked, "not checked"] as const];
  return `${id}: ${counts
    .filter(([count]) => count > 0)
    .map(([count, text]) => `${String(count)} ${text}`)
    .join(", ")}`;
}

function formatFinding(
  { id, severity, subject, seen, matters, hurts, commands, runbook }: Finding,
  { style, width }: TextOptions,
): readonly string[] {
  const colours: Readonly<Record<Severity, Style["bad"]>> = { error: style.bad, warning: style.warn, info: style.held };
  const more = hurts.length > MAX_NAMES ? ` and ${String(hurts.length - MAX_NAMES)} more` : "";
  return [
    `${colours[severity](severity)} ${style.bold(subject)} (${id})`,
    ...indented([
      ...hang("", `${seen}.`, width - 2),
      ...hang("", matters, width - 2),
      ...(hurts.length === 0 ? [] : hang("Pods: ", `${hurts.slice(0, MAX_NAMES).join(", ")}${more}`, width - 2)),
    ]),
    // As they are, so that they can be copied.
    ...commands.flatMap((command) => command.split("\n")),
    ...indented([style.dim(`docs/operations.md#${runbook}`)]),
  ];
}

function countText(findings: readonly Finding[]): string {
  return (["error", "warning", "info"] as const)
    .map((severity) => [findings.filter((finding) => finding.severity === severity).length, severity] as const)
    .filter(([count]) => count > 0)
    .map(([count, severity]) => `${String(count)} ${severity}${count === 1 || severity === "info" ? "" : "s"}`)
    .join(", ");
}
