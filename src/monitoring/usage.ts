/** Questions about a period of time. */
import { seconds } from "./promql";
import { ACCOUNTING_INTERVAL_SECONDS, ALLOCATED, ALLOCATED_USD, BUSY, BUSY_USD, OBSERVED } from "./rules/accounting";

/** What can be asked per team, tier and node: slice-seconds, and their price. */
export const USAGE = {
  allocatedSliceSeconds: { series: ALLOCATED, seconds: 1 },
  busySliceSeconds: { series: BUSY, seconds: 1 },
  allocatedUsd: { series: ALLOCATED_USD, seconds: 3600 },
  busyUsd: { series: BUSY_USD, seconds: 3600 },
} as const;

export type Usage = keyof typeof USAGE;

/** Labels that the series of usage have in common. */
export const USAGE_LABELS = ["team", "tier", "node"] as const;

/**
 * The sum of a series over the last `period`, `30d` or a variable of Grafana: each sample counts for one interval of accounting. Where Prometheus was down, the sample before counts for up to
 * five minutes more. A series that ends counts no longer, because its rule marks the end.
 * @param matchers of which series, `{team="a"}`. @default all
 */
export function usageQuery(usage: Usage, by: readonly (typeof USAGE_LABELS)[number][], period: string, matchers = ""): string {
  const { series, seconds: unit } = USAGE[usage];
  const factor = ACCOUNTING_INTERVAL_SECONDS / unit;
  return `sum by (${by.join(", ")}) (${sumOver(`${series}${matchers}`, period)}) * ${factor >= 1 ? String(factor) : `${String(ACCOUNTING_INTERVAL_SECONDS)} / ${String(unit)}`}`;
}

/** How many seconds of the last `period` the slice exporter answered. */
export function observedSecondsQuery(period: string): string {
  return `${sumOver(OBSERVED, period)} * ${String(ACCOUNTING_INTERVAL_SECONDS)}`;
}

function sumOver(series: string, period: string): string {
  return `sum_over_time(${series}[${period}:${seconds(ACCOUNTING_INTERVAL_SECONDS)}])`;
}
