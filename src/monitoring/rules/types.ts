/** Rules of Prometheus as values, before they are objects of the cluster. */
import type { Severity } from "../../well-known/severities";

/** A rule whose result Prometheus stores as a series of its own. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  /** Labels that the rule adds. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  /** How long the expression holds before the alert fires, `15m`. */
  readonly for: string;
  /** `critical`: somebody loses work or slices now. `warning`: somebody will, or pays for nothing. `info`: somebody may want to act. */
  readonly severity: Severity;
  /** One line, with what `$labels` and `$value` are. */
  readonly summary: string;
  /** Whom it hurts, and how. */
  readonly impact: string;
  /** Heading of docs/operations.md. */
  readonly runbook: string;
}

/** Rules that Prometheus evaluates one after the other, at one instant. */
export interface RuleGroup {
  readonly name: string;
  readonly intervalSeconds: number;
  readonly rules: readonly (RecordingRule | AlertingRule)[];
}
