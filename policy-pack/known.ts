import { UnknownValueError } from "@pulumi/policy";

/** A property of a resource, read whole. */
export type Known =
  | { readonly type: "known"; readonly value: unknown }
  /** Something in it is not known before `pulumi up`; `path` says what. */
  | { readonly type: "unknown"; readonly path: string };

/**
 * Reads a property of a resource with everything in it, as plain data.
 * The policy SDK throws when a policy touches an unknown value, and the engine then turns even a mandatory policy into an advisory one
 * and lets the preview pass. Read through this function, an unknown is an answer that the policy decides on.
 */
export function readKnown(properties: Readonly<Record<string, unknown>>, key: string): Known {
  try {
    return { type: "known", value: copy(properties[key]) };
  } catch (error) {
    if (error instanceof UnknownValueError) {
      return { type: "unknown", path: (error as { props: readonly string[] }).props.join(".") };
    }
    throw error;
  }
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) {
    return Array.from({ length: value.length }, (_, index) => copy(value[index]));
  }
  if (typeof value === "object" && value !== null) {
    const record = value as Record<string, unknown>;
    return Object.fromEntries(Object.keys(record).map((key) => [key, copy(record[key])]));
  }
  return value;
}

/** Stands for a value that is not known before `pulumi up`, in what `readPartly` answers. */
export const UNKNOWN = Symbol("not known before pulumi up");

/**
 * Reads a property of a resource as plain data with `UNKNOWN` in the place of each value that is not known before `pulumi up`, for
 * policies to which some unknowns matter and others (a label, an image) do not.
 */
export function readPartly(properties: object, key: string | number): unknown {
  let value: unknown;
  try {
    value = (properties as Record<string | number, unknown>)[key];
  } catch (error) {
    if (error instanceof UnknownValueError) {
      return UNKNOWN;
    }
    throw error;
  }
  if (Array.isArray(value)) {
    const array: readonly unknown[] = value;
    return Array.from({ length: array.length }, (_, index) => readPartly(array, index));
  }
  if (typeof value === "object" && value !== null) {
    const record = value;
    return Object.fromEntries(Object.keys(record).map((name) => [name, readPartly(record, name)]));
  }
  return value;
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
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** A list of plain data; an empty one for anything else. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
