/** Children of remote components in one form, whoever registered them: recorded from real plugins, from the rehearsal, or from the engine. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Recording } from "../../src/rehearsal/monitor/recording";

export interface ComponentChild {
  /** Without `urn:pulumi:<stack>::<project>::`. */
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly parent: string;
  readonly protect: boolean;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** A recording: JSON with a list, or one child a line. */
export function readRecording(path: string): readonly ComponentChild[] {
  const text = readFileSync(path, "utf8").trim();
  const list = text.startsWith("[") ? text : `[${text.split("\n").join(",")}]`;
  return JSON.parse(list) as readonly ComponentChild[];
}

const RECORDINGS = join(__dirname, "../rehearsal/recorded");

/** One of the recordings of `test/rehearsal/recorded`. */
export function recordedChildren(name: string): readonly ComponentChild[] {
  return readRecording(join(RECORDINGS, `${name}.jsonl`));
}

/** The remote components of a rehearsal, and what is in them. */
export function rehearsedChildren({ resources }: Recording): readonly ComponentChild[] {
  return resources
    .filter(({ kind, madeBy }) => kind === "remoteComponent" || madeBy !== undefined)
    .map(({ urn, type, kind, parent = "", options, inputs }) => ({
      urn: shortUrn(urn),
      type,
      custom: kind === "custom" || kind === "provider",
      parent: shortUrn(parent),
      protect: options.protect,
      inputs,
    }));
}

export function shortUrn(urn: string): string {
  return urn.replace(/^urn:pulumi:[^:]+::[^:]+::/, "");
}

/**
 * How two lists of children differ, one difference a line. Names that providers make up are the same when both are: their digits are random. The lists of
 * defaults that the AWS provider keeps in the state (`__defaults`) do not count.
 */
export function differences(expected: readonly ComponentChild[], actual: readonly ComponentChild[]): readonly string[] {
  const [wanted, found] = [expected, actual].map((list) => new Map(list.map((child) => [child.urn, child])));
  const lines: string[] = [];
  for (const urn of new Set([...(wanted?.keys() ?? []), ...(found?.keys() ?? [])])) {
    const [before, after] = [wanted?.get(urn), found?.get(urn)];
    if (before === undefined || after === undefined) {
      lines.push(`${urn}: ${before === undefined ? "not in the recording" : "missing"}`);
    } else {
      lines.push(...inValues(before, after, nameOf(urn)).map((line) => `${urn}${line}`));
    }
  }
  return lines;
}

function inValues(expected: unknown, actual: unknown, name: string): readonly string[] {
  if (isObject(expected) && isObject(actual) && Array.isArray(expected) === Array.isArray(actual)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].filter((key) => key !== "__defaults");
    return keys.flatMap((key) => inValues(expected[key], actual[key], name).map((line) => `.${key}${line}`));
  }
  if (expected === actual || (isMadeUp(expected, name) && isMadeUp(actual, name))) {
    return [];
  }
  return [`: ${JSON.stringify(expected) ?? "nothing"} in the recording, ${JSON.stringify(actual) ?? "nothing"} here`];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** The resource's name and seven random digits. */
function isMadeUp(value: unknown, name: string): boolean {
  return typeof value === "string" && value.startsWith(`${name}-`) && /^[0-9a-f]{7}$/.test(value.slice(name.length + 1));
}

function nameOf(urn: string): string {
  return urn.split("::").slice(1).join("::");
}
