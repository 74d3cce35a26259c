/** What a person chooses at the head of a dashboard. */
import type { Variable } from "./grafana";

/** The data source that kube-prometheus-stack makes is the default one; another Grafana can have several. */
export const DATASOURCE = { type: "prometheus", uid: "${datasource}" };

export const DATASOURCE_VARIABLE: Variable = { type: "datasource", name: "datasource", label: "Data source", query: "prometheus" };

/** The values that a label has on series. */
interface LabelValues {
  readonly name: string;
  readonly label: string;
  /** Series with matchers, in which other variables can be named. */
  readonly series: string;
  readonly of: string;
}

/** A variable with one value. */
export function oneOf({ name, label, series, of }: LabelValues): Variable {
  return {
    type: "query",
    name,
    label,
    datasource: DATASOURCE,
    // When the time range changes, and by name.
    refresh: 2,
    sort: 1,
    query: { query: `label_values(${series}, ${of})`, refId: name },
  };
}

/** A variable with several values, at first with all of them. Match it with `=~`. */
export function someOf(values: LabelValues): Variable {
  return { ...oneOf(values), multi: true, includeAll: true, current: { text: ["All"], value: ["$__all"] } };
}
