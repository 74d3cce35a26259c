/** The differences between two versions of a resource's arguments. */
import { isWireMap } from "../monitor/wire";
import type { WireMap, WireValue } from "../monitor/wire";

/** Names of the properties that the provider itself filled in; part of a resource's inputs, as the AWS provider has it. */
export const DEFAULTS = "__defaults";

export interface Difference {
  /** `launchTemplate.id`, `taints[0].value`. */
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
}

/** @param isSet whether the order of the list at a path does not matter. Both values are without marks. */
export function differences(before: WireMap, after: WireMap, isSet: (path: string) => boolean): readonly Difference[] {
  return inMaps(before, after, "", isSet);
}

function inMaps(before: WireMap, after: WireMap, path: string, isSet: (path: string) => boolean): readonly Difference[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => key !== DEFAULTS).sort();
  return keys.flatMap((key) =>
    inValues(nothingIfEmpty(before[key]), nothingIfEmpty(after[key]), path === "" ? key : `${path}.${key}`, isSet),
  );
}

/** The provider does not tell an empty list or map from none. */
function nothingIfEmpty(value: WireValue | undefined): WireValue {
  const isEmpty = typeof value === "object" && value !== null && Object.keys(value).every((key) => key === DEFAULTS);
  return value === undefined || isEmpty ? null : value;
}

function inValues(before: WireValue, after: WireValue, path: string, isSet: (path: string) => boolean): readonly Difference[] {
  if (isWireMap(before) && isWireMap(after)) {
    return inMaps(before, after, path, isSet);
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const [old, next] = isSet(path) ? [sorted(before), sorted(after)] : [before, after];
    return Array.from({ length: Math.max(old.length, next.length) }, (_, index) =>
      inValues(old[index] ?? null, next[index] ?? null, `${path}[${index}]`, isSet),
    ).flat();
  }
  if (before === after) {
    return [];
  }
  return [{ path, kind: before === null ? "add" : after === null ? "delete" : "update" }];
}

function sorted(list: readonly WireValue[]): readonly WireValue[] {
  return [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
