/** Path of a value as `pulumi config set --path` takes it: `gpuPools[0].size.min`, `tags["cost centre"]`. */
export function formatPath([key, ...segments]: readonly PropertyKey[]): string {
  const rest = segments.map((segment) => {
    const name = String(segment);
    if (typeof segment === "number") {
      return `[${name}]`;
    }
    return /^\w+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
  });
  return String(key) + rest.join("");
}

/** The value at a path below `root`; undefined where the path leads nowhere. */
export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, segment) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, segment)
        ? (value as Record<PropertyKey, unknown>)[segment]
        : undefined,
    root,
  );
}
