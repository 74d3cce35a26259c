import type { AdvisoryFinding } from "../../src/releases/advisories/judge";

/** What is wrong with a version, without a full stop. */
export function describeFinding({ type, id, subject, score, severity, impact, source }: AdvisoryFinding): string {
  switch (type) {
    case "vulnerability":
      return `${subject} has ${id} (${severity}, CVSS ${String(score)}): ${impact}. See ${source}`;
    case "fault":
      return `${subject} has the fault ${id} (${severity}): ${impact}. See ${source}`;
    case "unknown":
      return `${subject}: ${impact}, so nothing is known of its vulnerabilities`;
  }
}
