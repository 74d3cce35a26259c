/** The value at a path of a chart's values; undefined where there is none. A symbol on the way stands for a value that is not known yet, and is returned. */
export function valueAt(values: unknown, ...path: readonly string[]): unknown {
  let current = values;
  for (const key of path) {
    if (typeof current === "symbol") {
      return current;
    }
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, key)) {
      return undefined;
    }
    current = (current as Readonly<Record<string, unknown>>)[key];
  }
  return current;
}
