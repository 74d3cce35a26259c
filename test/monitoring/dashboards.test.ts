import { defaultDashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { DASHBOARDS } from "../../src/monitoring/dashboards/dashboards";
import { GPU_DASHBOARD } from "../../src/monitoring/dashboards/gpus";
import { dashboard } from "../../src/monitoring/dashboards/layout";
import { rows, stat } from "../../src/monitoring/dashboards/panels";
import { PLATFORM_DASHBOARD } from "../../src/monitoring/dashboards/platform";
import { TEAM_DASHBOARD } from "../../src/monitoring/dashboards/team";
import { DEVICE_SERIES, GPU_LABELS } from "../../src/monitoring/rules/devices";
import { readPromql } from "../support/promql/read";
import { expressionsOf, filledIn, labelsOf, panelsOf } from "./dashboards";
import { problemsOf } from "./expressions";

const CHOSEN = { team: "team-a", range: "1h" };
const asked = DASHBOARDS.flatMap((each) => expressionsOf(each, CHOSEN));
const panels = DASHBOARDS.flatMap((each) => panelsOf(each).map((panel) => [`${each.uid}: ${panel.title ?? ""}`, panel] as const));

test.each(asked)("%s names series and labels that exist", (_, expr) => {
  expect(expr).not.toContain("$");
  expect(problemsOf(expr)).toEqual([]);
});

test("a dashboard reads no field of the exporter, whose names differ by version", () => {
  expect(asked.filter(([, expr]) => expr.includes("DCGM_"))).toEqual([]);
});

test("the GPU dashboard shows each field that the rules read of the exporter", () => {
  const shown = expressionsOf(GPU_DASHBOARD, CHOSEN).flatMap(([, expr]) => readPromql(expr).selectors.map(({ series }) => series));
  expect(Object.values(DEVICE_SERIES).filter((series) => !shown.includes(series))).toEqual([]);
});

describe("every panel", () => {
  test.each(panels)("%s says what it shows, and is known by one number and one place", (_, panel) => {
    expect(panel.description).toMatch(/\.$/);
    expect(panel.fieldConfig.defaults.unit).toBeDefined();
    expect(panel.gridPos.x + panel.gridPos.w).toBeLessThanOrEqual(24);
  });

  test.each(panels)("%s names labels that each of its results can have", (_, panel) => {
    for (const { expr } of panel.targets) {
      expect(labelsOf(panel).flatMap((label) => problemsOf(`count by (${label}) (${filledIn(expr, CHOSEN)})`))).toEqual([]);
    }
  });

  test.each(DASHBOARDS.map((each) => [each.uid, each] as const))("of %s has a place of its own", (_, { panels: all }) => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const cells = all.flatMap(({ gridPos }) =>
      gridPos === undefined
        ? []
        : Array.from({ length: gridPos.w * gridPos.h }, (__, index) => {
            const [x, y] = [gridPos.x + (index % gridPos.w), gridPos.y + Math.floor(index / gridPos.w)];
            return `${String(x)} ${String(y)}`;
          }),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });
});

test("panels fill a line, and the next heading is below the last of them", () => {
  const panel = stat({ title: "t", description: "d.", unit: "none", questions: [{ expr: "up" }] });
  const section = { title: "s", width: 8, height: 4, panels: [panel, panel, panel, panel] };
  const made = dashboard({ uid: "u", title: "t", description: "d", variables: [], sections: [section, section] });
  expect(made.panels.map(({ gridPos }) => [gridPos?.x, gridPos?.y, gridPos?.w, gridPos?.h])).toEqual([
    ...[[0, 0, 24, 1], ...[0, 8, 16].map((x) => [x, 1, 8, 4]), [0, 5, 8, 4]],
    ...[[0, 9, 24, 1], ...[0, 8, 16].map((x) => [x, 10, 8, 4]), [0, 14, 8, 4]],
  ]);
});

test("a table with several questions merges their rows, and shows its columns in their order under their titles", () => {
  const table = rows({ title: "t", description: "d.", unit: "none", questions: [{ expr: "up" }, { expr: "up" }] }, [
    { from: "job", title: "Job" },
    { from: "Value #A", title: "First", unit: "s" },
  ]);
  expect(table.transformations).toEqual([
    { id: "merge", options: {} },
    { id: "filterFieldsByName", options: { include: { names: ["job", "Value #A"] } } },
    { id: "organize", options: { indexByName: { job: 0, "Value #A": 1 }, renameByName: { job: "Job", "Value #A": "First" } } },
  ]);
  expect(table.fieldConfig.overrides).toEqual([{ matcher: { id: "byName", options: "First" }, properties: [{ id: "unit", value: "s" }] }]);
});

test("power, temperature and clock are there once for each physical GPU", () => {
  const ofGpu = panelsOf(GPU_DASHBOARD).filter(({ title = "" }) => ["Power", "Temperature", "Clock"].includes(title));
  expect(ofGpu).toHaveLength(3);
  for (const { targets } of ofGpu) {
    expect(targets.map(({ expr }) => expr)).toEqual([
      expect.stringMatching(/^shared_gpu:gpu_\w+:\w+\{[^}]*\} \* on \(gpu_uuid\) group_left \(node\) shared_gpu:gpu:info/),
    ]);
  }
  expect(GPU_LABELS).toEqual(["gpu_uuid"]);
});

test("a team sees its own numbers: every series of its dashboard is matched by team", () => {
  for (const [name, expr] of expressionsOf(TEAM_DASHBOARD, CHOSEN).filter(([each]) => !each.includes("variable"))) {
    expect([name, readPromql(expr).selectors.every(({ labels }) => labels.includes("team"))]).toEqual([name, true]);
  }
});

test("the dashboards have the form that the SDK's types describe, and addresses of their own", () => {
  expect(DASHBOARDS.map(({ schemaVersion }) => schemaVersion)).toEqual(DASHBOARDS.map(() => defaultDashboard().schemaVersion));
  expect(new Set(DASHBOARDS.map(({ uid }) => uid)).size).toBe(3);
  expect(PLATFORM_DASHBOARD.templating.list?.map(({ name }) => name)).toEqual(["datasource"]);
});
