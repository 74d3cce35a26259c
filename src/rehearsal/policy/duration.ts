/** Durations as Pulumi writes them. */

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** Seconds of `40m`, `1h30m`, `90s`; 0 for an empty text. @throws Error for anything else. */
export function seconds(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)];
  if (parts.map(([part]) => part).join("") !== text) {
    throw new Error(`"${text}" is not a duration such as 40m or 1h30m`);
  }
  return parts.reduce((sum, [, amount = "0", unit = "s"]) => sum + Number(amount) * (UNITS[unit] ?? 0), 0);
}
