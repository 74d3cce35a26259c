/** What a run of the engine did, read from its events. */
import type { EngineEvent, OpType, StepEventMetadata } from "@pulumi/pulumi/automation";
import { nameOf } from "./providers/urns";

/** A step that the engine planned or took. */
export interface Step {
  readonly op: OpType;
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** Paths of the arguments that differ, `scalingConfig.desiredSize`. Empty for creations and deletions. */
  readonly differences: readonly string[];
  /** The arguments because of which it is replaced. */
  readonly replaceKeys: readonly string[];
}

export interface Moment {
  readonly urn: string;
  readonly phase: "begun" | "finished";
}

export interface Violation {
  readonly policy: string;
  readonly enforcementLevel: string;
  readonly urn: string;
  readonly message: string;
  /** The policy did not run, because it read what is not known yet: the engine lets it pass, whatever its level. */
  readonly isDowngraded: boolean;
}

export interface Diagnostic {
  readonly severity: string;
  readonly urn: string;
  readonly message: string;
}

export interface Outcome {
  readonly succeeded: boolean;
  /** In the order in which the engine began them; what stays the same is left out. */
  readonly steps: readonly Step[];
  /** URNs of what stays the same. */
  readonly same: readonly string[];
  /** When each resource was begun and finished, in order. A resource that is replaced is there more than once. */
  readonly timeline: readonly Moment[];
  /** URNs of the steps that failed. */
  readonly failed: readonly string[];
  readonly violations: readonly Violation[];
  readonly diagnostics: readonly Diagnostic[];
  /** What the CLI printed, without colour. */
  readonly stdout: string;
  readonly stderr: string;
  readonly wallMs: number;
}

/** What the engine, the program or a provider called an error, in order. */
export function errorsOf({ diagnostics }: Outcome): readonly string[] {
  return diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
}

/** Steps that only tell of a state: nothing changes. */
const QUIET: ReadonlySet<string> = new Set(["same", "refresh", "read-discard"]);

export function outcomeOf(events: readonly EngineEvent[], run: Pick<Outcome, "succeeded" | "stdout" | "stderr" | "wallMs">): Outcome {
  const begun = events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
  const finished = events.flatMap(({ resOutputsEvent }) => resOutputsEvent?.metadata ?? []);
  // What a refresh found is known at the end of its step alone.
  const refreshed = finished.filter(({ op, urn }) => begun.some((step) => step.urn === urn && step.op === "refresh" && op !== "refresh"));
  const all = [...begun, ...refreshed];
  return {
    ...run,
    steps: all.filter(({ op }) => !QUIET.has(op)).map(toStep),
    same: all.filter(({ op }) => op === "same").map(({ urn }) => urn),
    timeline: events.flatMap(({ resourcePreEvent, resOutputsEvent }): Moment[] => [
      ...(resourcePreEvent === undefined ? [] : [{ urn: resourcePreEvent.metadata.urn, phase: "begun" as const }]),
      ...(resOutputsEvent === undefined ? [] : [{ urn: resOutputsEvent.metadata.urn, phase: "finished" as const }]),
    ]),
    failed: events.flatMap(({ resOpFailedEvent }) => resOpFailedEvent?.metadata.urn ?? []),
    violations: events.flatMap(({ policyEvent }) => (policyEvent === undefined ? [] : [toViolation(policyEvent)])),
    diagnostics: events.flatMap(({ diagnosticEvent }) => {
      // The runtime reports every step it takes; nobody asks for that here.
      return diagnosticEvent === undefined || diagnosticEvent.ephemeral === true || (diagnosticEvent.severity as string) === "debug"
        ? []
        : [{ severity: diagnosticEvent.severity, urn: diagnosticEvent.urn ?? "", message: plainText(diagnosticEvent.message) }];
    }),
  };
}

function toStep({ op, urn, type, keys, diffs, detailedDiff }: StepEventMetadata): Step {
  return {
    op,
    urn,
    type,
    name: nameOf(urn),
    differences: detailedDiff === undefined || detailedDiff === null ? (diffs ?? []) : Object.keys(detailedDiff).sort(),
    replaceKeys: keys ?? [],
  };
}

function toViolation({ policyName, enforcementLevel, resourceUrn, message }: NonNullable<EngineEvent["policyEvent"]>): Violation {
  const text = plainText(message);
  return {
    policy: policyName,
    enforcementLevel,
    urn: resourceUrn ?? "",
    message: text,
    isDowngraded: /can't (run|be known)|during preview/.test(text),
  };
}

/** Without the engine's colour marks, `<{%fg 1%}>`. */
function plainText(text: string): string {
  return text.replace(/<\{%[^%]*%\}>/g, "").trim();
}
