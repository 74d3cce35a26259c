/** Alertmanager's own tool reads the receivers of the stack, and says who is told of an alert. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alertmanagerValues } from "../../../src/kubernetes/monitoring/alertmanager";
import { RECEIVERS } from "../../kubernetes/monitoring/receivers";
import { ensureBinaries } from "../../support/go-binaries";

let amtool: string;
let folder: string;
let file: string;

beforeAll(async () => {
  ({ amtool } = await ensureBinaries(["amtool"]));
  folder = mkdtempSync(join(tmpdir(), "shared-gpu-alertmanager-"));
  file = join(folder, "alertmanager.yaml");
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(alertmanagerValues(RECEIVERS)?.config));
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(amtool, args, { encoding: "utf8", timeout: 60_000 });
  expect({ args, status, stderr }).toMatchObject({ status: 0 });
  return stdout;
}

test("it finds nothing wrong", () => {
  expect(run("check-config", file)).toContain(`${String(RECEIVERS.length + 1)} receivers`);
});

/** Alerts of one group, as Alertmanager hands them to templates. */
const GROUP = {
  status: "firing",
  commonLabels: { alertname: "SharedGpuMigFailed", severity: "critical" },
  alerts: [
    { status: "firing", annotations: { summary: "A is wrong.", impact: "It hurts.", runbook: "docs/operations.md#a" } },
    { status: "firing", annotations: { summary: "B is down.", description: "It has no pods.", runbook_url: "https://example.com/b" } },
  ],
};

test.each<[string, object, string]>([
  ["title", GROUP, "[FIRING] SharedGpuMigFailed (critical)"],
  ["title", { ...GROUP, commonLabels: { alertname: "Odd" } }, "[FIRING] Odd"],
  ["text", GROUP, "A is wrong. It hurts.\nRunbook: docs/operations.md#a\nB is down. It has no pods.\nRunbook: https://example.com/b\n"],
  ["description", GROUP, "A is wrong.; B is down."],
  ["severity", GROUP, "critical"],
  ["severity", { ...GROUP, commonLabels: {} }, "warning"],
])("the %s of a notification", (field, data, words) => {
  const { receivers } = alertmanagerValues(RECEIVERS)?.config as { readonly receivers: readonly object[] };
  const template = new RegExp(`"${field}":("(?:[^"\\\\]|\\\\.)*")`).exec(JSON.stringify(receivers))?.[1] ?? "";
  writeFileSync(join(folder, "data.json"), JSON.stringify(data));
  writeFileSync(join(folder, "empty.tmpl"), "");
  const rendered = run(
    "template",
    "render",
    `--template.glob=${join(folder, "empty.tmpl")}`,
    `--template.data=${join(folder, "data.json")}`,
    `--template.text=${JSON.parse(template) as string}`,
  );
  expect(rendered.trim()).toBe(words.trim());
});

test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
  ["a critical alert of the platform", { alertname: "SharedGpuMigFailed", severity: "critical" }, ["platform", "oncall"]],
  ["one that informs", { alertname: "SharedGpuQuotaNearlyUsed", severity: "info" }, ["platform"]],
  ["one about a team", { alertname: "SharedGpuSlicesIdle", severity: "info", team: "team-a" }, ["platform", "team-a"]],
  [
    "one that names team and namespace, once",
    { alertname: "SharedGpuQuotaNearlyUsed", severity: "info", team: "team-a", namespace: "team-a" },
    ["platform", "team-a"],
  ],
  [
    "one of the chart about a pod of a team",
    { alertname: "KubePodCrashLooping", severity: "warning", namespace: "team-c" },
    ["platform", "others"],
  ],
  ["one below what a team's receiver takes", { alertname: "SharedGpuSlicesIdle", severity: "info", team: "team-b" }, ["platform"]],
  [
    "one of a team whose name only begins alike",
    { alertname: "SharedGpuClaimsPending", severity: "warning", team: "team-ab" },
    ["platform"],
  ],
  ["a critical one of a team", { alertname: "X", severity: "critical", namespace: "team-b" }, ["platform", "oncall", "others"]],
  ["the one that says that alerts work", { alertname: "Watchdog", severity: "none" }, ["null"]],
  ["the one that holds others back", { alertname: "InfoInhibitor", severity: "none", namespace: "team-a" }, ["null"]],
])("%s", (_, labels, receivers) => {
  const args = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  expect(
    run("config", "routes", "test", `--config.file=${file}`, ...args)
      .trim()
      .split(","),
  ).toEqual(receivers);
});
