/**
 * A JSON value as Kubernetes reads it: a field that is null is not set, and neither is an entry of a list. What has no null is given back as it is.
 * Source: `encoding/json` of Go, "Unmarshal".
 */
export function withoutNulls<T>(value: T): T {
  // Most files have none, and are large.
  return hasNull(value) ? (copied(value) as T) : value;
}

function hasNull(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return value === null;
  }
  if (Array.isArray(value)) {
    return value.some(hasNull);
  }
  // A list of the values would be made for every object of a large file.
  for (const key in value) {
    if (hasNull((value as Readonly<Record<string, unknown>>)[key])) {
      return true;
    }
  }
  return false;
}

function copied(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.filter((item) => item !== null).map(copied);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (item === null ? [] : [[key, copied(item)]])))
    : value;
}
