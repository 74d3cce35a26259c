/** `npm run plan -- --usage` as a user runs it. */
import { readPlanArguments } from "../../src/cli/plan/arguments";
import { usageCsv } from "../../src/cli/plan/text/usage";
import { billOf } from "../../src/monitoring/bill";
import { ALLOCATED, ALLOCATED_USD, BUSY, BUSY_USD, OBSERVED } from "../../src/monitoring/rules/accounting";
import { runNode } from "../support/child";
import type { Finished } from "../support/child";
import { scalar, startPrometheus, vector } from "../support/prometheus-server";
import { ROOT } from "../support/program";

jest.setTimeout(180_000);

const NOW = Date.parse("2026-11-28T00:00:00Z") / 1000;

/** What one team has used in 30 days, by series. */
const VALUES: Readonly<Record<string, number>> = { [ALLOCATED]: 720_000, [BUSY]: 180_000, [ALLOCATED_USD]: 78.4, [BUSY_USD]: 19.6 };

function answerOf(query: string, observed: number): object {
  if (query === "time()") {
    return scalar(NOW);
  }
  if (query.includes(OBSERVED)) {
    return observed === 0 ? vector() : vector({ metric: {}, value: [NOW, String(observed)] });
  }
  const [, value] = Object.entries(VALUES).find(([series]) => query.includes(series)) ?? [];
  return observed === 0 || value === undefined
    ? vector()
    : vector({ metric: { team: "team-a", tier: "small", node: "n1" }, value: [NOW, String(value)] });
}

async function usage(observed: number, ...args: readonly string[]): Promise<Finished> {
  const server = await startPrometheus((query) => answerOf(query, observed));
  try {
    return await runNode(["--require", "./transpile.js", "src/cli/plan.ts", "--usage", "--prometheus", `${server.url}/`, ...args], {
      cwd: ROOT,
    });
  } finally {
    await server.close();
  }
}

const MONTH = 30 * 24 * 3600;

test("the bill is a table by team", async () => {
  const { code, stdout, stderr } = await usage(MONTH, "--since", "30d");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("2026-10-29T00:00:00.000Z to 2026-11-28T00:00:00.000Z: 720.0 of 720.0 hours counted");
  expect(stdout).toMatch(/team-a +small +200\.0 +50\.0 +78\.40 +19\.60/);
  expect(stdout).toMatch(/together +200\.0 +50\.0 +78\.40 +19\.60/);
});

test("or CSV, and nothing else", async () => {
  expect(await usage(MONTH, "--csv")).toMatchObject({
    code: 0,
    stdout: "team,tier,node,slice_hours,busy_slice_hours,usd,busy_usd\r\nteam-a,small,n1,200,50,78.4,19.6\r\n",
  });
});

test("or JSON; where nothing was counted, the exit code is 2", async () => {
  const { code, stdout } = await usage(0, "--json");
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ format: 1, hours: 720, countedHours: 0, teams: [], total: { sliceHours: 0 } },
    notes: [expect.stringContaining("nothing was counted") as string, expect.anything() as unknown],
  });
});

test("without a Prometheus, the exit code is 2, and the address is named", async () => {
  const server = await startPrometheus(() => "");
  await server.close();
  const args = ["--require", "./transpile.js", "src/cli/plan.ts", "--usage", "--prometheus", server.url];
  const { code, stderr } = await runNode(args, { cwd: ROOT });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^http:\/\/127\.0\.0\.1:\d+: does not answer \(.+\)\n$/);
});

test("a text that has a comma or a quotation mark is one field, and what is unknown is empty", () => {
  const labels = { team: 'a,"b"', tier: "", node: "n" };
  const bill = billOf({
    ...{ until: NOW, periodSeconds: 3600, observedSeconds: 3600 },
    usage: { allocatedSliceSeconds: [{ labels, value: 3600 }], busySliceSeconds: [], allocatedUsd: [], busyUsd: [] },
  });
  expect(usageCsv(bill)).toContain('\r\n"a,""b""",,n,1,,,\r\n');
});

const AT = ["--usage", "--prometheus", "http://localhost:9090"];

test.each([
  [AT, { prometheus: "http://localhost:9090", sinceSeconds: MONTH, csv: false, json: false }],
  [
    ["--usage", "--prometheus", "https://p.example/prometheus/", "--since", "12h", "--csv"],
    { prometheus: "https://p.example/prometheus", sinceSeconds: 43_200, csv: true },
  ],
  [[...AT, "--since", "4w"], { sinceSeconds: 28 * 24 * 3600 }],
])("%p is understood", (args, expected) => {
  expect(readPlanArguments(args)).toMatchObject({ type: "usage", ...expected });
});

test.each([
  [
    ["--usage"],
    /^--usage needs the address of Prometheus: .*kubectl -n monitoring port-forward service\/kube-prometheus-stack-prometheus 9090$/,
  ],
  [["--usage", "--prometheus", "localhost:9090"], /write an address with http:\/\/ or https:\/\//],
  [["--usage", "--prometheus", "http://me:secret@p"], /^--prometheus: an address with a password/],
  [["--usage", "--prometheus", "http://p/graph?g0.expr=up"], /leave out what follows \? or #/],
  [[...AT, "--since", "30"], /^--since 30: write hours, days or weeks/],
  [[...AT, "--since", "0d"], /^--since 0d: write hours/],
  [[...AT, "--since", "400d"], /up to 366d$/],
  [[...AT, "--csv", "--json"], /^--csv and --json are different forms/],
  [[...AT, "--team", "a"], /^--team is an option of --ask: leave it out of --usage$/],
  [["--status", "--csv"], /^--csv is an option of --usage: leave it out of --status$/],
  [["--status", "--usage"], /^ask one question/],
])("%p is refused, with what to write instead", (args, message) => {
  expect(() => readPlanArguments(args)).toThrow(message);
});
