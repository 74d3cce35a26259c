import { advisoryCounts, advisoryTexts, summarizeAdvisories } from "../../src/rehearsal/report/advisories";
import { assess } from "../../src/releases/advisories/assess";
import type { Installed } from "../../src/releases/advisories/components";
import { READ_ON } from "../../src/releases/advisories/table";

const DRIVER: Installed = { type: "chart", name: "dra-driver", version: "25.12.0", values: {} };
const DAY_MS = 24 * 60 * 60 * 1000;
const CVE = "CVE-2026-24260";

function summary(date: string, allow: unknown = [], installed: readonly Installed[] = [DRIVER]) {
  const assessment = assess({ installed, kubernetesVersion: "1.34" }, new Date(date));
  return summarizeAdvisories(assessment, { "no-known-vulnerabilities": { properties: { allow } } }, date);
}

test.each([
  ["none", READ_ON, [], `advisories as read on ${READ_ON}: none`],
  ["by severity", READ_ON, [DRIVER], `advisories as read on ${READ_ON}: 1 high, 1 medium`],
  [
    "with the age of the tables",
    "2027-06-01",
    [DRIVER],
    `advisories as read on ${READ_ON}: 1 high, 1 medium. That is ${(Date.parse("2027-06-01") - Date.parse(READ_ON)) / DAY_MS} days ago: update the project before you rely on it`,
  ],
])("are counted: %s", (_, date, installed, line) => {
  expect(advisoryCounts(summary(date, [], installed))).toBe(line);
});

const exception = (until: unknown) => [{ id: CVE, reason: "waits for a window", until }];

test.each([
  ["on its last day", "2026-11-28", exception("2026-11-28"), { until: "2026-11-28", reason: "waits for a window" }],
  ["after its last day", "2026-11-29", exception("2026-11-28"), null],
  ["for another", "2026-11-28", [{ id: "CVE-2026-47501", reason: "x", until: "2999-12-31" }], null],
  ["without a day", "2026-11-28", exception(undefined), null],
  ["of no list", "2026-11-28", "all", null],
])("an exception %s", (_, date, allow, expected) => {
  expect(summary(date, allow).advisories[0]).toMatchObject({ id: CVE, exception: expected });
});

test("are told with what could happen, what to write instead, where it is published and until when it is accepted", () => {
  const [line] = advisoryTexts(summary("2026-11-28", exception("2027-01-31")));
  expect(line).toMatch(
    /^NVIDIA Container Toolkit 1\.18\.2 in DRA driver 25\.12\.0: CVE-2026-24260 \(high, CVSS 8\.5\): an image of a tenant/,
  );
  expect(line).toMatch(/\. Use DRA driver 0\.4\.1 or later, .*\. Accepted until 2027-01-31: waits for a window\. https:\/\/.*\/5850$/);
});

test("what is unknown is told as that", () => {
  const [line] = advisoryTexts(summary("2026-11-28", [], [{ ...DRIVER, version: "0.5.1" }]));
  expect(line).toMatch(/: nothing is known: this project has not read which release of it the driver brings along\. Use one of/);
});
