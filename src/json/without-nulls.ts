/**
 * A JSON value as Kubernetes reads it: a field that is null is not set, and neither is an entry of a list. What has no null is given back as it is.
 * Source: `encoding/json` of Go, "Unmarshal".
 */
export function withoutNulls<T>(value: T): T {
  return (Array.isArray(value) ? ofList(value) : typeof value === "object" && value !== null ? ofMap(value) : value) as T;
}

function ofList(list: readonly unknown[]): readonly unknown[] {
  const kept = list.map(withoutNulls).filter((item) => item !== null);
  return kept.length === list.length && kept.every((item, index) => item === list[index]) ? list : kept;
}

function ofMap(map: object): object {
  const entries = Object.entries(map) as [string, unknown][];
  const kept = entries.flatMap(([key, item]): [string, unknown][] => (item === null ? [] : [[key, withoutNulls(item)]]));
  return kept.length === entries.length && kept.every(([, item], index) => item === entries[index]?.[1]) ? map : Object.fromEntries(kept);
}
