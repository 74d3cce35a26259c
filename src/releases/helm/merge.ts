/** Values of a Helm chart. */
export type HelmValues = Readonly<Record<string, unknown>>;

/**
 * Lays `extra` over `base` as Helm lays one values file over another: maps merge key by key at every depth, everything else (lists too) replaces.
 * A `null` in `extra` stays: for Helm it removes the chart's own default.
 */
export function mergeValues(base: HelmValues, extra: HelmValues): HelmValues {
  const keys = new Set([...Object.keys(base), ...Object.keys(extra)]);
  return Object.fromEntries([...keys].map((key) => [key, mergeValue(base, extra, key)]));
}

function mergeValue(base: HelmValues, extra: HelmValues, key: string): unknown {
  if (!Object.hasOwn(extra, key)) {
    return base[key];
  }
  const [below, above] = [Object.hasOwn(base, key) ? base[key] : undefined, extra[key]];
  return isMap(below) && isMap(above) ? mergeValues(below, above) : above;
}

function isMap(value: unknown): value is HelmValues {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
