/** Exceptions that a setting admits for some time. */
import type { PolicyConfigSchema } from "@pulumi/policy";
import { today } from "./clock";

/** Why something is admitted, and for how long. */
export interface Term {
  readonly reason: string;
  /** The last day, in UTC. */
  readonly until: string;
}

/** A type that the setting `allow` admits. */
export interface Exception extends Term {
  /** The type token that is admitted. */
  readonly type: string;
  /** Of a chart: only this one, as the program writes it. @default every chart */
  readonly chart?: string;
}

export interface ExceptionSettings {
  readonly allow?: readonly Exception[];
}

/** JSON schemas of the fields of a {@link Term}, both required. */
export const TERM_SCHEMAS = {
  reason: { type: "string", minLength: 1 },
  until: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" },
} as const;

export const EXCEPTIONS_SCHEMA: PolicyConfigSchema["properties"] = {
  allow: {
    type: "array",
    description:
      "Types that are admitted although the pack cannot check them. Each has a reason and a last day (UTC), after which it no longer counts. `chart` limits an exception to one Helm chart.",
    items: {
      type: "object",
      properties: {
        type: { type: "string", minLength: 1 },
        chart: { type: "string", minLength: 1 },
        ...TERM_SCHEMAS,
      },
      required: ["type", "reason", "until"],
      additionalProperties: false,
    },
    default: [],
  },
};

export type Admission =
  | { readonly type: "admitted" }
  | { readonly type: "refused" }
  /** The exceptions for it have ended, the last one on this day. */
  | { readonly type: "ended"; readonly until: string }
  /** An exception that does not say until when or why. */
  | { readonly type: "invalid"; readonly problem: string };

const DAY_MS = 24 * 60 * 60 * 1000;

/** Whether the setting admits a type on the day of the judgement. @param chart the chart as written, for a Helm release. */
export function admission(type: string, { allow = [] }: ExceptionSettings, chart?: unknown): Admission {
  return admissionBy(allow.filter((entry) => entry.type === type && (entry.chart === undefined || entry.chart === chart)));
}

/** Whether one of the terms holds on the day of the judgement. */
export function admissionBy(entries: readonly Term[]): Admission {
  for (const entry of entries) {
    const problem = problemOf(entry);
    if (problem !== undefined) {
      return { type: "invalid", problem };
    }
  }
  const [last] = entries.map(({ until }) => until).sort((one, other) => other.localeCompare(one));
  if (last === undefined) {
    return { type: "refused" };
  }
  return today().getTime() < Date.parse(last) + DAY_MS ? { type: "admitted" } : { type: "ended", until: last };
}

function problemOf({ reason, until }: Term): string | undefined {
  if (reason.trim() === "") {
    return "its reason is empty";
  }
  const date = new Date(until);
  const isDay = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(until) && until.length === "2026-01-31".length;
  return isDay ? undefined : `its until is ${JSON.stringify(until)}, which is no day of the calendar. Write it as 2027-01-31`;
}

/** An entry of the setting for a message, to copy. */
export function exceptionFor(type: string, chart?: string): string {
  const entry = { type, ...(chart === undefined ? {} : { chart }), reason: "...", until: "YYYY-MM-DD" };
  return `"allow": [${JSON.stringify(entry)}]`;
}
