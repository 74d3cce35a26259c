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
