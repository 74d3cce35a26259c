/** Properties of which parts are unknown. */
import { UNKNOWN } from "../../verdict";

export type Path = readonly (string | number)[];

/** The path of every part of a value, objects and lists as a whole among them; not of the value itself. */
export function pathsOf(value: unknown): readonly Path[] {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, inner]): Path[] => {
    const step = Array.isArray(value) ? Number(key) : key;
    return [[step], ...pathsOf(inner).map((path) => [step, ...path])];
  });
}

/** The value with something else at a path; `undefined` takes the part away, as at `up` an output without value does. */
export function withPart<T>(value: T, [step, ...rest]: Path, part: unknown): T {
  if (step === undefined) {
    return part as T;
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    const items = value.map((item: unknown, index) => (index === step ? withPart(item, rest, part) : item));
    return items.filter((item) => item !== undefined) as T;
  }
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    key === step ? withPart(inner as unknown, rest, part) : (inner as unknown),
  ]);
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined)) as T;
}

export function withUnknown<T>(value: T, paths: readonly Path[]): T {
  return paths.reduce((changed, path) => withPart(changed, path, UNKNOWN), value);
}

/** The value with every part unknown that is not made of these scalars alone. */
export function onlyKnown(value: unknown, scalars: ReadonlySet<unknown>): unknown {
  if (typeof value !== "object" || value === null) {
    return scalars.has(value) ? value : UNKNOWN;
  }
  return Array.isArray(value)
    ? value.map((item) => onlyKnown(item, scalars))
    : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, onlyKnown(inner, scalars)]));
}

/** Texts, numbers and truth values anywhere in a value. */
export function scalarsOf(value: unknown): readonly unknown[] {
  if (typeof value !== "object" || value === null) {
    return value === UNKNOWN ? [] : [value];
  }
  return Object.values(value).flatMap(scalarsOf);
}
