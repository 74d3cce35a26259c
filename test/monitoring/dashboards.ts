/** What a dashboard asks Prometheus. */
import type { Dashboard, Panel, Variable } from "../../src/monitoring/dashboards/grafana";

/** Values that variables of dashboards and of Grafana have. */
export interface ChosenValues {
  /** Of the variable `team`. */
  readonly team: string;
  /** Of the time that is shown. */
  readonly range: string;
}

export function panelsOf({ panels }: Dashboard): readonly Panel[] {
  return panels.flatMap((panel) => (panel.type === "row" ? [] : [panel]));
}

/** The questions of a dashboard's panels and variables, as Prometheus gets them: name of the panel or variable, and expression. */
export function expressionsOf(dashboard: Dashboard, chosen: ChosenValues): readonly (readonly [string, string])[] {
  const ofPanels = panelsOf(dashboard).flatMap(({ title = "", targets }) =>
    targets.map(({ refId = "", expr }) => [`${dashboard.uid}: ${title} ${refId}`, expr] as const),
  );
  const ofVariables = (dashboard.templating.list ?? []).flatMap((variable) => {
    const expr = seriesOf(variable);
    return expr === undefined ? [] : [[`${dashboard.uid}: the variable ${variable.name}`, expr] as const];
  });
  return [...ofPanels, ...ofVariables].map(([name, expr]) => [name, filledIn(expr, chosen)]);
}

/** Labels of the result that a panel names: in its legend, or as a column. */
export function labelsOf({ targets, transformations = [] }: Panel): readonly string[] {
  const inLegends = targets.flatMap(({ legendFormat = "" }) =>
    [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label ?? ""),
  );
  const shown = transformations.find(({ id }) => id === "filterFieldsByName")?.options as
    { readonly include: { readonly names: readonly string[] } } | undefined;
  const columns = shown?.include.names ?? [];
  return [...inLegends, ...columns.filter((name) => !name.startsWith("Value"))];
}

/** The series whose labels a variable offers, counted by that label. */
function seriesOf({ query }: Variable): string | undefined {
  const text = typeof query === "object" ? query["query"] : undefined;
  const [, series, label] = /^label_values\((.*), (\w+)\)$/.exec(typeof text === "string" ? text : "") ?? [];
  return series === undefined ? undefined : `count by (${label ?? ""}) (${series})`;
}

/** Grafana writes every value of a variable with several as alternatives of a regular expression. */
export function filledIn(expr: string, { team, range }: ChosenValues): string {
  return expr.replaceAll("$__range", range).replaceAll("$team", team).replaceAll("$node", ".+").replaceAll("$gpu", ".+");
}
