import { ifKnown, undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { UNKNOWN, show } from "../evaluation/snapshot";
import { valueAt } from "../../src/json/value-at";
import { onCharts } from "../resources/charts";
import type { HelmChart } from "../resources/charts";

/** A validation of charts of some names. */
export function onChartsNamed(names: readonly string[], check: (chart: HelmChart) => readonly Finding[]) {
  return onCharts((chart) => {
    if (chart.reference === UNKNOWN) {
      return [undetermined("chart", "which chart is installed")];
    }
    return names.some((name) => name === chart.name) ? check(chart) : [];
  });
}

/** A value that must be set, because the chart's default is another. @param reason what happens without it. */
export function expectedValue(chart: HelmChart, path: readonly string[], wanted: unknown, reason: string): readonly Finding[] {
  const value = valueAt(chart.values, ...path);
  if (value === wanted) {
    return [];
  }
  const name = `values.${path.join(".")}`;
  return [ifKnown(value, name, `whether it is ${show(wanted)}`, `"${name}" is ${show(value)}. Set it to ${show(wanted)}: ${reason}`)];
}
