/** What is known of a whole stack: holes and faults, the end of support, and how old that knowledge is. */
import { findEksSupport, supportPhase } from "../eks-support";
import type { SupportPhase } from "../eks-support";
import { ageOfTables } from "./age";
import type { TableAge } from "./age";
import type { Installed } from "./components";
import { judge } from "./judge";
import type { AdvisoryFinding } from "./judge";

export interface AssessedStack {
  readonly installed: readonly Installed[];
  /** EKS version, `1.34`. */
  readonly kubernetesVersion: string;
}

export interface Assessment {
  /** Each once, worst first. */
  readonly findings: readonly AdvisoryFinding[];
  /** Undefined: the tables have no dates for this version. */
  readonly support: SupportPhase | undefined;
  readonly tables: TableAge;
}

export function assess({ installed, kubernetesVersion }: AssessedStack, date: Date): Assessment {
  const support = findEksSupport(kubernetesVersion);
  // Node groups of one image say the same.
  const findings = new Map(installed.flatMap(judge).map((finding) => [`${finding.id} ${finding.subject}`, finding]));
  return {
    findings: [...findings.values()].sort((one, other) => rank(other) - rank(one)),
    support: support && supportPhase(support, date),
    tables: ageOfTables(date),
  };
}

const SEVERITIES: readonly AdvisoryFinding["severity"][] = ["low", "medium", "high", "critical"];

/** What is unknown comes before what is known to be as severe. */
function rank({ severity, score, type }: AdvisoryFinding): number {
  return SEVERITIES.indexOf(severity) * 100 + (type === "unknown" ? 99 : (score ?? 0));
}
