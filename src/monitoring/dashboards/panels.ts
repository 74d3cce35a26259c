/** The kinds of panels that the dashboards have, each with one look. */
import type { Override, PanelContent, Query, Transformation, ValueMapping } from "./grafana";
import { DATASOURCE } from "./variables";

/** Units as Grafana names them. */
export type Unit = "none" | "percentunit" | "currencyUSD" | "bytes" | "watt" | "celsius" | "hertz" | "s" | "h";

/** A question to Prometheus. `legend` names a series by its labels: `{{team}}`. */
export interface Question {
  readonly expr: string;
  readonly legend?: string;
}

export interface PanelArgs {
  readonly title: string;
  /** What the number is, and what it is not. */
  readonly description: string;
  readonly unit: Unit;
  readonly questions: readonly [Question, ...Question[]];
}

/** One number of the moment. */
export function stat(args: PanelArgs): PanelContent {
  return {
    ...common(args, instant),
    type: "stat",
    options: {
      graphMode: "none",
      colorMode: "none",
      justifyMode: "auto",
      textMode: "auto",
      wideLayout: true,
      showPercentChange: false,
      percentChangeColorMode: "standard",
      orientation: "auto",
      reduceOptions: LAST,
    },
    fieldConfig: { defaults: { unit: args.unit, custom: {} }, overrides: [] },
  };
}

/** A bar for each series, of the moment. With `percentunit` bars end at 100 %. */
export function bars(args: PanelArgs): PanelContent {
  return {
    ...common(args, instant),
    type: "bargauge",
    options: {
      displayMode: "basic",
      valueMode: "text",
      namePlacement: "auto",
      showUnfilled: true,
      sizing: "auto",
      orientation: "horizontal",
      minVizWidth: 8,
      minVizHeight: 16,
      maxVizHeight: 300,
      reduceOptions: LAST,
      legend: { displayMode: "list", placement: "bottom", showLegend: false, calcs: [] },
    },
    fieldConfig: {
      defaults: {
        unit: args.unit,
        min: 0,
        max: highest(args.unit),
        color: { mode: "fixed", fixedColor: "blue" },
        custom: {},
      },
      overrides: [],
    },
  };
}

/** Series over the time of the dashboard. @param stacked where the sum of the series is a number of its own. */
export function lines(args: PanelArgs, { stacked = false }: { readonly stacked?: boolean } = {}): PanelContent {
  return {
    ...common(args, overTime),
    type: "timeseries",
    options: {
      legend: { displayMode: "list", placement: "bottom", showLegend: true, calcs: [] },
      tooltip: { mode: "multi", sort: "desc" },
    },
    fieldConfig: {
      defaults: {
        unit: args.unit,
        min: 0,
        max: highest(args.unit),
        custom: {
          drawStyle: "line",
          lineInterpolation: "stepAfter",
          lineWidth: 1,
          showPoints: "never",
          fillOpacity: stacked ? 30 : 0,
          stacking: { mode: stacked ? "normal" : "none", group: "A" },
        },
      },
      overrides: [],
    },
  };
}

/** Whether something holds for each series, over the time of the dashboard. `texts` names the values. */
export function states(args: PanelArgs, texts: Readonly<Record<string, { readonly text: string; readonly color: string }>>): PanelContent {
  const mapping: ValueMapping = { type: "value", options: texts };
  return {
    ...common(args, overTime),
    type: "state-timeline",
    options: {
      showValue: "never",
      rowHeight: 0.9,
      mergeValues: true,
      alignValue: "left",
      legend: { displayMode: "list", placement: "bottom", showLegend: true, calcs: [] },
      tooltip: { mode: "single", sort: "none" },
    },
    fieldConfig: { defaults: { unit: args.unit, mappings: [mapping], custom: { fillOpacity: 80, lineWidth: 0 } }, overrides: [] },
  };
}

export interface Column {
  /** Name of a label; `Value #A` is the value of the first question, `Value #B` that of the second. With one question it is `Value`. */
  readonly from: string;
  readonly title: string;
  /** @default the panel's */
  readonly unit?: Unit;
}

/** A row for each set of labels, of the moment. Labels and values that no column shows are left out. */
export function rows(args: PanelArgs, columns: readonly Column[]): PanelContent {
  const order: Transformation = {
    id: "organize",
    options: {
      indexByName: Object.fromEntries(columns.map(({ from }, index) => [from, index])),
      renameByName: Object.fromEntries(columns.map(({ from, title }) => [from, title])),
    },
  };
  const shown: Transformation = {
    id: "filterFieldsByName",
    options: { include: { names: columns.map(({ from }) => from) } },
  };
  const overrides = columns.flatMap(({ title, unit }): readonly Override[] =>
    unit === undefined ? [] : [{ matcher: { id: "byName", options: title }, properties: [{ id: "unit", value: unit }] }],
  );
  return {
    ...common(args, ofTable),
    type: "table",
    transformations: [...(args.questions.length > 1 ? [{ id: "merge", options: {} }] : []), shown, order],
    options: { frameIndex: 0, showHeader: true, cellHeight: "sm" },
    fieldConfig: {
      defaults: { unit: args.unit, custom: { align: "auto", inspect: false, filterable: true } },
      overrides,
    },
  };
}

/** Parts of a whole end at 100 %. Undefined: Grafana looks. */
function highest(unit: Unit): number | undefined {
  return unit === "percentunit" ? 1 : undefined;
}

const LAST = { calcs: ["lastNotNull"], fields: "", values: false };

type Asked = Pick<Query, "instant" | "range" | "format">;
const instant: Asked = { instant: true, range: false };
const overTime: Asked = { instant: false, range: true };
const ofTable: Asked = { instant: true, range: false, format: "table" };

function common(
  { title, description, questions }: PanelArgs,
  asked: Asked,
): Pick<PanelContent, "title" | "description" | "datasource" | "targets"> {
  return {
    title,
    description,
    datasource: DATASOURCE,
    targets: questions.map(({ expr, legend }, index): Query => ({
      refId: String.fromCharCode("A".charCodeAt(0) + index),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
      ...asked,
    })),
  };
}
