import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ALERTS } from "../../src/monitoring/rules/alerts";
import { DEVICE_RULES } from "../../src/monitoring/rules/devices";
import { headingAnchor, ruleFile, ruleGroups } from "../../src/monitoring/rules/groups";
import { RECORDED_SERIES, SERIES } from "../../src/monitoring/series";
import { DCGM_FIELDS } from "../../src/monitoring/sources/dcgm";
import { USAGE, observedSecondsQuery, usageQuery } from "../../src/monitoring/usage";
import type { Usage } from "../../src/monitoring/usage";
import { problemsOf } from "./expressions";
import { STACK } from "./stack";

const groups = ruleGroups(STACK);
const rules = groups.flatMap((group) => group.rules);
const recording = rules.flatMap((rule) => ("record" in rule ? [rule] : []));
const operations = readFileSync(join(__dirname, "..", "..", "docs", "operations.md"), "utf8");
const headings = operations.split("\n").flatMap((line) => /^#{2,3} (.*)/.exec(line)?.[1] ?? []);

describe("every expression names series and labels that exist", () => {
  test.each(rules.map((rule) => ["record" in rule ? rule.record : rule.alert, rule.expr]))("%s", (_, expr) => {
    expect(problemsOf(expr)).toEqual([]);
  });

  test.each(Object.keys(USAGE))("the usage %s", (usage) => {
    expect(problemsOf(usageQuery(usage as Usage, ["team", "tier", "node"], "30d"))).toEqual([]);
    expect(problemsOf(observedSecondsQuery("30d"))).toEqual([]);
  });

  test.each([
    ["DCGM_FI_DEV_GPU_UTIL", ['there is no series "DCGM_FI_DEV_GPU_UTIL"']],
    ['DCGM_FI_DEV_FB_USED{gpu_profile="3g.20gb"}', ['"DCGM_FI_DEV_FB_USED" has no label "gpu_profile"']],
    ["sum by (squad) (shared_gpu:slices_free:count)", ['nothing in the expression has the label "squad"']],
  ])("the test sees what does not: %s", (expr, problems) => {
    expect(problemsOf(expr)).toEqual(problems);
  });

  test("the test sees what is no PromQL", () => {
    expect(() => problemsOf("sum by (team (up)")).toThrow("no PromQL");
  });
});

test("every series that is recorded is in the table, and the table has no other", () => {
  expect([...new Set(recording.map(({ record }) => record))].sort()).toEqual(Object.keys(RECORDED_SERIES).sort());
});

test("only the rules that hide the exporter's names read its fields", () => {
  const raw = rules.filter(({ expr }) => expr.includes("DCGM_"));
  expect(raw).toEqual(DEVICE_RULES);
  expect(raw).toHaveLength(Object.keys(DCGM_FIELDS).length);
});

test("both names of a field are in the table of series, and they differ", () => {
  for (const { before, since } of Object.values(DCGM_FIELDS)) {
    expect([before, since].every((name) => SERIES.has(name))).toBe(true);
    expect(before).not.toBe(since);
  }
});

describe("every alert says what happened, whom it hurts, and where the remedy is", () => {
  test.each(ALERTS.map((alert) => [alert.alert, alert] as const))("%s", (_, { summary, impact, runbook }) => {
    expect(summary).toMatch(/\.$/);
    expect(impact).toMatch(/[.)]$/);
    expect(headings).toContain(runbook);
  });
});

test.each([
  ["How `pulumi up` ends", "how-pulumi-up-ends"],
  ["MIG Manager stays in `pending`", "mig-manager-stays-in-pending"],
  ["`up` waits for a chart, and a node is dead", "up-waits-for-a-chart-and-a-node-is-dead"],
])("the anchor of %s", (heading, anchor) => {
  expect(headingAnchor(heading)).toBe(anchor);
  expect(operations).toContain(`(#${anchor})`);
});

test("a rule becomes what a PrometheusRule has", () => {
  const file = ruleFile([{ name: "g", intervalSeconds: 30, rules: [{ record: "a:b", expr: "up" }, ...ALERTS.slice(0, 1)] }]);
  expect(file).toEqual({
    groups: [
      {
        name: "g",
        interval: "30s",
        rules: [
          { record: "a:b", expr: "up" },
          {
            alert: "SharedGpuTierFull",
            expr: "shared_gpu:slices_free:count == 0",
            for: "15m",
            labels: { severity: "warning" },
            annotations: {
              summary: "No {{ $labels.tier }} slice is free.",
              impact: "The next claim for this tier waits until a team gives a slice back.",
              runbook: "docs/operations.md#no-slice-is-free",
            },
          },
        ],
      },
    ],
  });
});

describe("what only the stack knows", () => {
  const valuesOf = (record: string) => recording.filter((rule) => rule.record === record).map(({ expr, labels }) => [labels, expr]);

  test("the price of a slice is its part of the GPU's list price, by compute slices", () => {
    // p4d.24xlarge: 8 GPUs with 7 compute slices each.
    const price = STACK.pools[0]?.instanceType.usdPerHour ?? 0;
    expect(valuesOf("shared_gpu:slice_price:usd_per_hour")).toContainEqual([
      { instance_type: "p4d.24xlarge", profile: "3g.20gb" },
      `vector(${String(Number(((price / 8) * (3 / 7)).toFixed(6)))})`,
    ]);
    expect(valuesOf("shared_gpu:slice_price:usd_per_hour")).toContainEqual([
      { instance_type: "p4d.24xlarge", profile: "" },
      `vector(${String(Number((price / 8).toFixed(6)))})`,
    ]);
  });

  test("each node has to publish what its layout has", () => {
    expect(valuesOf("shared_gpu:slices_expected:count")).toEqual([
      [{ profile: "2g.10gb", tier: "medium" }, 'shared_gpu_node_info{instance_type="p4d.24xlarge", layout="all-balanced"} * 8'],
      [{ profile: "1g.5gb", tier: "small" }, 'shared_gpu_node_info{instance_type="p4d.24xlarge", layout="all-balanced"} * 16'],
      [{ profile: "3g.20gb", tier: "large" }, 'shared_gpu_node_info{instance_type="p4d.24xlarge", layout="all-balanced"} * 8'],
    ]);
  });

  test("pools with one instance type and one layout are counted together, because their nodes look alike", () => {
    const [pool] = STACK.pools;
    if (pool === undefined) {
      throw new Error("the stack has no pool");
    }
    const twice = ruleGroups({ ...STACK, pools: [pool, { ...pool, name: "second", size: { min: 3 } }] }).flatMap((group) => group.rules);
    const nodes = twice.filter((rule) => "record" in rule && rule.record === "shared_gpu:nodes_expected:count");
    expect(nodes).toEqual([
      { record: "shared_gpu:nodes_expected:count", expr: "vector(4)", labels: { instance_type: "p4d.24xlarge", layout: "all-balanced" } },
    ]);
  });

  test("no two rules record the same series", () => {
    const keys = recording.map(({ record, labels = {} }) => JSON.stringify([record, labels]));
    expect(new Set(keys).size).toBe(keys.length);
  });
});
