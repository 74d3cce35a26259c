/** A diagnosis as JUnit XML: a test case for each kind of finding, so that CI shows what was checked too. */
import type { Diagnosis, Finding } from "../doctor/finding";
import { FINDINGS } from "../doctor/findings";
import type { FindingKind } from "../doctor/findings";

export function junitOf({ stack, readAt, findings, unchecked, notSeen, tried }: Diagnosis): string {
  // What was not tried has not passed. What was tried in part is among the skipped ones.
  const unknown: readonly string[] = unchecked.flatMap(({ kinds = [] }) => kinds);
  const wasChecked = ([id, { isActive, isOfAccount }]: readonly [string, FindingKind]) =>
    isOfAccount === true
      ? notSeen.length === 0 && (!unknown.includes(id) || findings.some((finding) => finding.id === id))
      : isActive !== true || tried.some((kind) => kind.id === id && (kind.unchecked === 0 || kind.broken > 0));
  const checked = Object.entries<FindingKind>(FINDINGS).filter(wasChecked);
  const cases = checked.map(([id]) => {
    const own = findings.filter((finding) => finding.id === id && finding.severity !== "info");
    const failures = own.map(
      (finding) =>
        `<failure message="${escaped(`${finding.subject}: ${finding.seen}`)}" type="${finding.severity}">${escaped(textOf(finding))}</failure>`,
    );
    return `<testcase classname="doctor" name="${id}">${failures.join("")}</testcase>`;
  });
  const skipped = unchecked.map(
    ({ what, reason }) =>
      `<testcase classname="doctor.unchecked" name="${escaped(what)}"><skipped message="${escaped(reason)}"/></testcase>`,
  );
  const all = [...cases, ...skipped];
  const failed = cases.filter((text) => text.includes("<failure")).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="doctor of ${escaped(stack)}" tests="${String(all.length)}" failures="${String(failed)}" skipped="${String(skipped.length)}" timestamp="${escaped(readAt)}">`,
    ...all,
    "</testsuite>",
    "",
  ].join("\n");
}

function textOf({ matters, hurts, commands, runbook }: Finding): string {
  return [matters, ...(hurts.length === 0 ? [] : [`Pods: ${hurts.join(", ")}`]), ...commands, `docs/operations.md#${runbook}`].join("\n");
}

/** XML 1.0 has no control characters but these three. */
function escaped(text: string): string {
  return [...text]
    .filter((character) => character >= " " || ["\t", "\n", "\r"].includes(character))
    .join("")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
