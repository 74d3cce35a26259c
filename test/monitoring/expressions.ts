import { SERIES } from "../../src/monitoring/series";
import { readPromql } from "../support/promql/read";

/** What is wrong with an expression: series and labels that do not exist. */
export function problemsOf(expr: string): readonly string[] {
  const { selectors, groupings, written } = readPromql(expr);
  const unknown = selectors.filter(({ series }) => !SERIES.has(series)).map(({ series }) => `there is no series "${series}"`);
  const labels = selectors.flatMap(({ series, labels: matched }) =>
    matched.filter((label) => !SERIES.get(series)?.includes(label)).map((label) => `"${series}" has no label "${label}"`),
  );
  const known = new Set([...selectors.flatMap(({ series }) => SERIES.get(series) ?? []), ...written]);
  const grouped = groupings.filter((label) => !known.has(label)).map((label) => `nothing in the expression has the label "${label}"`);
  return [...unknown, ...labels, ...grouped];
}
