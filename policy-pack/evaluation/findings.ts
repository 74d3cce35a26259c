/** What rules find, and the one place that decides what an unknown value means for a finding. */
import type { ReportViolation } from "@pulumi/policy";
import { projectsOf } from "../platform/settings";
import { currentRun } from "../engine/run";
import { unknownPath } from "./snapshot";
import { isOfPlatform, isOfRemoteComponent } from "./urn";

/** What a rule finds wrong, in a text without its last full stop; or that an unknown value prevents the check. */
export type Finding = string | Undetermined;

export interface Undetermined {
  readonly kind: "undetermined";
  readonly sentence: string;
}

/**
 * The finding of a rule that needs a value which is unknown until `pulumi up`.
 * @param path of the value. @param what it decides: "which image the nodes boot".
 */
export function undetermined(path: string, what: string): Undetermined {
  return { kind: "undetermined", sentence: `"${path}" is unknown until \`pulumi up\`, so this policy cannot check ${what}` };
}

/** What a rule finds wrong with a value; if a part of the value is unknown, that it is undetermined. @param what as in {@link undetermined}. */
export function ifKnown(value: unknown, path: string, what: string, sentence: string): Finding {
  const unknown = unknownPath(value, path);
  return unknown === undefined ? sentence : undetermined(unknown, what);
}

/** The finding with something before its sentence, such as the name of what it is about. */
export function prefixed(prefix: string, finding: Finding): Finding {
  return typeof finding === "string" ? `${prefix}${finding}` : { ...finding, sentence: `${prefix}${finding.sentence}` };
}

/** What a policy checked. */
export interface Subject {
  readonly urn: string;
  /** Paths of the unknown values that the rule read. */
  readonly unknown: readonly string[];
  /** When `pulumi up` checks it again. */
  readonly checkedAgain: string;
}

/**
 * Reports what a rule found. If the rule read an unknown value, its finding is undetermined, whether it says so or not: a rule may take an unknown list for
 * an empty one. A preview passes such a finding with a warning where `pulumi up` decides (see {@link isLeftToUp}). Everywhere else it rejects the resource, as
 * for a violation.
 */
export function report(findings: readonly Finding[], subject: Subject, reportViolation: ReportViolation): void {
  const { urn, unknown, checkedAgain } = subject;
  const [path] = unknown;
  if (path === undefined || !isLeftToUp(urn)) {
    for (const finding of findings) {
      reportViolation(typeof finding === "string" ? `${finding}.` : `${finding.sentence}. Use a value that is known at preview.`, urn);
    }
    return;
  }
  const sentences = findings.map((finding) => (typeof finding === "string" ? undetermined(path, "this resource") : finding).sentence);
  for (const sentence of new Set(sentences)) {
    warn(`${sentence} yet; ${checkedAgain}.`, urn, reportViolation);
  }
}

/**
 * Whether `pulumi up` may decide what a preview cannot: on what the platform's remote components create. Their plugins compute most inputs from other
 * resources' outputs, and a program cannot give them values that are known earlier. `up` evaluates the same policies again, with every value known and
 * before the resource is created. So somebody who imitates the URN gets a preview, and no resource.
 */
function isLeftToUp(urn: string): boolean {
  const run = currentRun();
  return run.isPreview && isOfPlatform(urn, projectsOf(run)) && isOfRemoteComponent(urn);
}

/** A message with a level of its own. The SDK takes it (`makeReportViolationFun` in its server.js) without declaring it. */
interface Warning {
  readonly message: string;
  readonly urn: string;
  readonly enforcementLevel: "advisory";
  readonly severity: "low";
}

/** Reports something that does not stop the run, whatever the level of the policy. An SDK that no longer takes it rejects the resource instead. */
function warn(message: string, urn: string, reportViolation: ReportViolation): void {
  (reportViolation as unknown as (warning: Warning) => void)({ message, urn, enforcementLevel: "advisory", severity: "low" });
}
