/**
 * Grafana's own types of dashboards, as plain data. Only types are taken from the SDK, so that nothing of it is loaded when the program runs
 * (docs/decisions/0012-dashboards-are-typed-data.md).
 */
import type * as barGauge from "@grafana/grafana-foundation-sdk/bargauge";
import type * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import type * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import type * as stat from "@grafana/grafana-foundation-sdk/stat";
import type * as stateTimeline from "@grafana/grafana-foundation-sdk/statetimeline";
import type * as table from "@grafana/grafana-foundation-sdk/table";
import type * as timeSeries from "@grafana/grafana-foundation-sdk/timeseries";

/** What a type of the SDK is as JSON: members of text enumerations are their texts, and methods are gone. */
type Plain<T> = 0 extends 1 & T
  ? unknown
  : T extends string
    ? `${T}`
    : T extends readonly (infer Item)[]
      ? readonly Plain<Item>[]
      : T extends object
        ? { readonly [Key in keyof T as T[Key] extends () => void ? never : Key]: Plain<T[Key]> }
        : T;

export type Query = Plain<prometheus.Dataquery>;
export type Variable = Plain<dashboard.VariableModel>;
export type Row = Plain<dashboard.RowPanel>;
export type GridPosition = Plain<dashboard.GridPos>;
export type Transformation = Plain<dashboard.DataTransformerConfig>;
export type ValueMapping = Plain<dashboard.ValueMapping>;
export type Override = Plain<dashboard.FieldConfigSource>["overrides"][number];

/** Options and settings of fields by type of panel. The SDK's `Panel` leaves both open. */
interface Visualizations {
  readonly stat: { readonly options: stat.Options; readonly field: Readonly<Record<string, never>> };
  readonly bargauge: { readonly options: barGauge.Options; readonly field: Readonly<Record<string, never>> };
  readonly table: { readonly options: table.Options; readonly field: table.FieldConfig };
  readonly timeseries: { readonly options: timeSeries.Options; readonly field: timeSeries.FieldConfig };
  readonly "state-timeline": { readonly options: stateTimeline.Options; readonly field: stateTimeline.FieldConfig };
}

/** What a panel shows, and how. */
export type Visualization = {
  readonly [Type in keyof Visualizations]: {
    readonly type: Type;
    readonly options: Plain<Visualizations[Type]["options"]>;
    readonly fieldConfig: {
      readonly defaults: Omit<Plain<dashboard.FieldConfig>, "custom"> & { readonly custom: Plain<Visualizations[Type]["field"]> };
      readonly overrides: readonly Override[];
    };
  };
}[keyof Visualizations];

/** A panel before it has a place. */
export type PanelContent = Omit<Plain<dashboard.Panel>, "type" | "options" | "fieldConfig" | "targets" | "gridPos" | "id"> &
  Visualization & { readonly targets: readonly Query[] };

export type Panel = PanelContent & { readonly id: number; readonly gridPos: GridPosition };

export type Dashboard = Omit<Plain<dashboard.Dashboard>, "panels" | "uid"> & {
  readonly uid: string;
  readonly panels: readonly (Panel | Row)[];
};
