/** What is known of the versions that the stack installs. */
import type { Assessment } from "../../releases/advisories/assess";
import type { AdvisoryFinding } from "../../releases/advisories/judge";
import { LOOKED_FOR } from "../../releases/advisories/looked-for";
import type { LookedFor } from "../../releases/advisories/looked-for";
import type { PackConfig } from "../policy/pack-config";
import type { AdvisoryReport, AdvisorySummary } from "./report";

/** The policy that denies what is of high severity and not excepted. */
const POLICY = "no-known-vulnerabilities";

/** @param config of the policy pack, whose exceptions the report repeats. */
export function summarizeAdvisories({ findings, tables }: Assessment, config: PackConfig, date: string): AdvisorySummary {
  const allow = config[POLICY]?.properties?.["allow"];
  const exceptions = Array.isArray(allow) ? (allow as readonly Exception[]) : [];
  return { ...tables, advisories: findings.map((finding) => describe(finding, exceptions, date)), lookedFor: LOOKED_FOR };
}

interface Exception {
  readonly id?: unknown;
  readonly reason?: unknown;
  readonly until?: unknown;
}

function describe(finding: AdvisoryFinding, exceptions: readonly Exception[], date: string): AdvisoryReport {
  const { type, id, subject, severity, score = null, impact, remedy, isMended, source } = finding;
  const exception = exceptions.find((each) => each.id === id && typeof each.until === "string" && each.until >= date);
  return {
    ...{ type, id, subject, severity, score, impact, remedy, isMended, source },
    exception: exception === undefined ? null : { until: String(exception.until), reason: String(exception.reason) },
  };
}

/** One paragraph for each, then what was looked for beside them. */
export function advisoryTexts({ advisories, lookedFor }: AdvisorySummary): readonly string[] {
  return [...advisories.map(describeAdvisory), ...lookedForTexts(lookedFor)];
}

function lookedForTexts(lookedFor: readonly LookedFor[]): readonly string[] {
  const days = [...new Set(lookedFor.flatMap((entry) => (entry.type === "nothingFound" ? [entry.read] : [])))];
  return [
    ...lookedFor.flatMap((entry) =>
      entry.type === "closed" ? [`${entry.component}: ${entry.id}, closed here: ${entry.why}. ${entry.source}`] : [],
    ),
    ...days.map((day) => {
      const components = lookedFor.flatMap((entry) => (entry.type === "nothingFound" && entry.read === day ? [entry.component] : []));
      return `Nothing published was found on ${day} for: ${components.join(", ")}.`;
    }),
  ];
}

function describeAdvisory(advisory: AdvisoryReport): string {
  const { type, id, subject, severity, score, impact, remedy, source, exception } = advisory;
  const what = type === "unknown" ? "nothing is known" : `${id} (${severity}${score === null ? "" : `, CVSS ${String(score)}`})`;
  const accepted = exception === null ? "" : ` Accepted until ${exception.until}: ${exception.reason}.`;
  return `${subject}: ${what}: ${impact}. ${remedy}.${accepted}${source === "" ? "" : ` ${source}`}`;
}

/** `advisories as read on 2026-11-28: 1 high, 2 medium`, with the age of the tables if it is too great. */
export function advisoryCounts({ readOn, days, isOld, advisories }: AdvisorySummary): string {
  const counts = (["critical", "high", "medium", "low"] as const).map(
    (severity) => [advisories.filter((each) => each.severity === severity).length, severity] as const,
  );
  const parts = counts.filter(([count]) => count > 0).map(([count, severity]) => `${String(count)} ${severity}`);
  const unmended = advisories.filter(({ isMended }) => !isMended).length;
  const open = unmended === 0 ? "" : ` (${String(unmended)} without a mended release)`;
  const age = isOld ? `. That is ${String(days)} days ago: update the project before you rely on it` : "";
  return `advisories as read on ${readOn}: ${parts.length === 0 ? "none" : parts.join(", ")}${open}${age}`;
}
