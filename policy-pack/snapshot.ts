// Not by the root of the package, which loads the whole of Pulumi: over a thousand modules, a second for every test file of a policy.
import { UnknownValueError } from "@pulumi/policy/proxy";

/** Stands in a snapshot for a value that is not known before `pulumi up`. */
export const UNKNOWN: unique symbol = Symbol("not known before `pulumi up`");

/** The properties of a resource as plain data; what is not known is {@link UNKNOWN}, at the place where it is. */
export type Snapshot = Readonly<Record<string, unknown>>;

/**
 * Copies the properties of a resource. The policy SDK throws when a policy touches an unknown value, and the engine then turns even a mandatory
 * policy into an advisory one. In a snapshot an unknown is a value like others, so that a policy can decide on each field by itself.
 */
export function snapshot(properties: Readonly<Record<string, unknown>>): Snapshot {
  return Object.fromEntries(Object.keys(properties).map((key) => [key, readPartly(properties, key)]));
}

/** Reads one property of a resource as `snapshot` reads all. */
export function readPartly(container: object, key: string | number): unknown {
  try {
    return copy((container as Record<string | number, unknown>)[key]);
  } catch (error) {
    if (error instanceof UnknownValueError) {
      return UNKNOWN;
    }
    throw error;
  }
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) {
    return Array.from({ length: value.length }, (_, index) => readPartly(value, index));
  }
  return isRecord(value) ? snapshot(value) : value;
}

/** The value at a path; undefined where there is none, {@link UNKNOWN} where it or something on the way is not known. */
export function field(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (!isRecord(current) || !Object.hasOwn(current, key)) {
      return current === UNKNOWN ? UNKNOWN : undefined;
    }
    current = current[key];
  }
  return current;
}

/** The entries of a list; none for anything else. */
export function entries(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Path of the first `UNKNOWN` in plain data, `spec.devices.requests.0`; undefined where everything is known. */
export function unknownPath(value: unknown, path: string): string | undefined {
  if (value === UNKNOWN) {
    return path;
  }
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  for (const [key, child] of Object.entries(value)) {
    const found = unknownPath(child, `${path}.${key}`);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** An object of plain data; an empty one for anything else. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

/** The sentence about a field that a rule needs and that is not known yet. @param what it decides. */
export function notKnown(path: string, what: string): string {
  return `"${path}" is not known before \`pulumi up\`, so that nobody can tell ${what}; give it a value that is`;
}

/** A value for a message. Never used on anything that could be a secret. */
export function show(value: unknown): string {
  if (value === undefined) return "not set";
  return value === UNKNOWN ? "not known" : JSON.stringify(value);
}
