/** Where panels are. */
import type { Dashboard, Panel, PanelContent, Row, Variable } from "./grafana";
import { DATASOURCE_VARIABLE } from "./variables";

/** Version of the form that the SDK's types describe. */
const SCHEMA_VERSION = 42;

/** What the dashboards of the stack have in common: each links the others. */
const TAG = "shared-gpu";

/** Columns of Grafana's grid. */
const GRID_WIDTH = 24;

/** Panels of one size under one heading. They fill lines from left to right. */
export interface Section {
  readonly title: string;
  /** Of 24 columns. */
  readonly width: number;
  readonly height: number;
  readonly panels: readonly PanelContent[];
}

export interface DashboardArgs {
  /** Part of the dashboard's address. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly sections: readonly Section[];
}

/** A dashboard that nobody edits in Grafana: what is changed there goes with the pod. */
export function dashboard({ uid, title, description, variables, sections }: DashboardArgs): Dashboard {
  return {
    uid,
    title,
    description,
    tags: [TAG],
    editable: false,
    schemaVersion: SCHEMA_VERSION,
    timezone: "browser",
    refresh: "1m",
    time: { from: "now-24h", to: "now" },
    // One crosshair in all panels.
    graphTooltip: 1,
    templating: { list: [DATASOURCE_VARIABLE, ...variables] },
    annotations: { list: [] },
    links: [
      {
        type: "dashboards",
        title: "Shared GPU",
        tags: [TAG],
        icon: "external link",
        tooltip: "",
        asDropdown: false,
        targetBlank: false,
        includeVars: false,
        keepTime: true,
      },
    ],
    panels: placed(sections),
  };
}

function placed(sections: readonly Section[]): readonly (Panel | Row)[] {
  const panels: (Panel | Row)[] = [];
  let top = 0;
  for (const { title, width, height, panels: contents } of sections) {
    const row: Row = {
      type: "row",
      id: panels.length + 1,
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y: top, w: GRID_WIDTH, h: 1 },
    };
    panels.push(row);
    top += 1;
    const perLine = Math.floor(GRID_WIDTH / width);
    for (const [index, content] of contents.entries()) {
      const position = { x: (index % perLine) * width, y: top + Math.floor(index / perLine) * height, w: width, h: height };
      panels.push({ ...content, id: panels.length + 1, gridPos: position });
    }
    top += Math.ceil(contents.length / perLine) * height;
  }
  return panels;
}
