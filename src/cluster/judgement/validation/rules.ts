/** What the checks of this folder are made of. Each returns problems as `path: value: reason`, none for a good value. Types are right by then: the schema has been checked. */
import { isObject, problem } from "../../../dra/manifest/fields";

export type Problems = readonly string[];

/** A JSON object of which every field may be missing. */
export type Part = Readonly<Record<string, unknown>>;

export function asPart(value: unknown): Part {
  return isObject(value) ? value : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** A string; empty where there is none. An API server cannot tell the two apart either. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A number; undefined where there is none. */
export function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** Whether a field is set to something other than its zero value. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

/** The problems of each entry of a list, with the path of the entry. */
export function each(list: unknown, path: string, check: (entry: Part, path: string) => Problems): Problems {
  return asList(list).flatMap((entry, index) => check(asPart(entry), `${path}[${String(index)}]`));
}

export function required(value: unknown, path: string): Problems {
  return isGiven(value) ? [] : [problem(path, undefined, "required")];
}

/** A required text in some format. @param fault why a text is refused; undefined for a good one. */
export function named(value: unknown, path: string, fault: (value: string) => string | undefined): Problems {
  return isGiven(value) ? formatted(value, path, fault) : required(value, path);
}

/** A text in some format, if it is given. */
export function formatted(value: unknown, path: string, fault: (value: string) => string | undefined): Problems {
  const reason = isGiven(value) ? fault(text(value)) : undefined;
  return reason === undefined ? [] : [problem(path, value, reason)];
}

/** A number within limits, if it is given. */
export function between(value: unknown, path: string, least: number, most = Infinity): Problems {
  const given = number(value);
  if (given === undefined || (given >= least && given <= most)) {
    return [];
  }
  return [
    problem(path, given, most === Infinity ? `must be at least ${String(least)}` : `must be between ${String(least)} and ${String(most)}`),
  ];
}

/** One of several texts, if it is given. */
export function oneOf(value: unknown, path: string, legal: readonly string[]): Problems {
  return isGiven(value) && !legal.includes(text(value)) ? [problem(path, value, `must be one of ${legal.join(", ")}`)] : [];
}

/** One of several texts, which has to be given. */
export function oneOfRequired(value: unknown, path: string, legal: readonly string[]): Problems {
  return isGiven(value) ? oneOf(value, path, legal) : [problem(path, undefined, `required: one of ${legal.join(", ")}`)];
}

/** Exactly one of several fields of an object. */

export function exactlyOne(part: Part, path: string, fields: readonly string[]): Problems {
  const given = fields.filter((field) => part[field] !== undefined && part[field] !== null);
  if (given.length === 1) {
    return [];
  }
  return [
    problem(path, undefined, given.length === 0 ? `one of ${fields.join(", ")} is required` : `only one of ${given.join(", ")} is allowed`),
  ];
}

/** Not more than one of several fields of an object. */
export function atMostOne(part: Part, path: string, fields: readonly string[]): Problems {
  return fields.some((field) => part[field] !== undefined && part[field] !== null) ? exactlyOne(part, path, fields) : [];
}

/** The second and every later entry of a list that has the same key. Entries without a key are left to others. */
export function duplicates(list: unknown, path: string, keyOf: (entry: Part) => string, field = "name"): Problems {
  const seen = new Set<string>();
  return asList(list).flatMap((entry, index) => {
    const key = keyOf(asPart(entry));
    if (key === "" || !seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [problem(`${path}[${String(index)}]${field === "" ? "" : `.${field}`}`, key, "duplicate")];
  });
}

/** A number of things, or a percentage of them. @returns undefined for neither. */
export function scaled(value: unknown): { readonly type: "count" | "percent"; readonly value: number } | undefined {
  if (typeof value === "number") {
    return { type: "count", value };
  }
  const percent = /^(\d+)%$/.exec(text(value))?.[1];
  return percent === undefined ? undefined : { type: "percent", value: Number(percent) };
}

/** A number of things of at least 0, or a percentage, if it is given. */
export function scaledProblems(value: unknown, path: string, most: "any" | "hundredPercent" = "hundredPercent"): Problems {
  if (value === undefined || value === null) {
    return [];
  }
  const read = scaled(value);
  if (read === undefined || read.value < 0) {
    return [problem(path, value, "must be an integer of at least 0, or a percentage such as 25%")];
  }
  return read.type === "percent" && read.value > 100 && most === "hundredPercent" ? [problem(path, value, "must be at most 100%")] : [];
}
