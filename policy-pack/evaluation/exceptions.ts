/** Exceptions that a setting admits for some time. */
import type { PolicyConfigSchema } from "@pulumi/policy";

/** What the setting `allow` has in each entry. */
export interface Exception {
  /** The type token that is admitted. */
  readonly type: string;
  /** Of a chart: only this one, as the program writes it. @default every chart */
  readonly chart?: string;
  readonly reason: string;
  /** The last day, in UTC. */
  readonly until: string;
}

export interface ExceptionSettings {
  readonly allow?: readonly Exception[];
}

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
        reason: { type: "string", minLength: 1 },
        until: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" },
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

/** Whether the setting admits a type today. @param chart the chart as written, for a Helm release. */
export function admission(type: string, { allow = [] }: ExceptionSettings, chart?: unknown): Admission {
  const entries = allow.filter((entry) => entry.type === type && (entry.chart === undefined || entry.chart === chart));
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
  return Date.now() < Date.parse(last) + DAY_MS ? { type: "admitted" } : { type: "ended", until: last };
}

function problemOf({ reason, until }: Exception): string | undefined {
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
