/**
 * The value at a path of JSON, YAML or a chart's values; undefined where there is none. Lists have no keys.
 * A symbol on the way stands for a value that is not known yet, and is returned.
 */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current === "symbol") {
      return current;
    }
    if (typeof current !== "object" || current === null || Array.isArray(current) || !Object.hasOwn(current, key)) {
      return undefined;
    }
    current = (current as Readonly<Record<string, unknown>>)[key];
  }
  return current;
}
