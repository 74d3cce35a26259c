/**
 * A JSON value as Kubernetes reads it: a field that is null is not set, and neither is an entry of a list. What has no null is given back as it is.
 * Source: `encoding/json` of Go, "Unmarshal".
 */
export function withoutNulls<T>(value: T): T {
  // Most files have none, and are large.
  return hasNull(value) ? (copied(value) as T) : value;
}

function hasNull(value: unknown): boolean {
  return value === null || (typeof value === "object" && Object.values(value).some(hasNull));
}

function copied(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.filter((item) => item !== null).map(copied);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (item === null ? [] : [[key, copied(item)]])))
    : value;
}
