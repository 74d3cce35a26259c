/** What the doctor says. */
import type { ActiveFindingId, FindingId, Severity } from "./findings";

/** Something that is not as it must be. */
export interface Finding {
  readonly id: FindingId;
  readonly severity: Severity;
  /** `node ip-10-0-1-5.ec2.internal`, `ResourceQuota mig-test/team`. */
  readonly subject: string;
  /** What was read. */
  readonly seen: string;
  /** Why it matters. */
  readonly matters: string;
  /** Pods that it hurts now, `namespace/name`. */
  readonly hurts: readonly string[];
  /** Commands that mend it, one after the other. */
  readonly commands: readonly string[];
  /** Where docs/operations.md says more. */
  readonly runbook: string;
}

/** Something that is on its way, as it should be. */
export interface NotYet {
  readonly subject: string;
  readonly waitsFor: string;
}

/** Something that could not be checked. */
export interface Unchecked {
  readonly what: string;
  readonly reason: string;
  /** Kinds of findings that are not looked for without it. @default none that is known */
  readonly kinds?: readonly FindingId[];
}

/** What the active check has tried in one respect. */
export interface TriedKind {
  readonly id: ActiveFindingId;
  /** How many attempts came out as they must. */
  readonly held: number;
  readonly broken: number;
  /** How many could not be made, or said nothing. `unchecked` of the diagnosis has the reasons. */
  readonly unchecked: number;
}

export interface Diagnosis {
  readonly source: string;
  readonly stack: string;
  readonly kubernetesVersion: string | null;
  readonly readAt: string;
  /** `healthy` also with findings that only inform; `unknown`: nothing was found, and something could not be checked. */
  readonly verdict: "healthy" | "findings" | "unknown";
  /** Worst first. */
  readonly findings: readonly Finding[];
  readonly notYet: readonly NotYet[];
  readonly unchecked: readonly Unchecked[];
  /** What nobody has asked for, with how to ask. It changes no verdict. */
  readonly notSeen: readonly string[];
  /** Empty without `--active`. */
  readonly tried: readonly TriedKind[];
}
