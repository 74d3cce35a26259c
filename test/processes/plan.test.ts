/** The planner as a user runs it. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { STACK, configOf } from "../config/stacks";
import { runNode } from "../support/child";
import type { Finished } from "../support/child";
import { makeFolder } from "../support/folder";
import { ROOT } from "../support/program";

jest.setTimeout(180_000);

const plan = (...args: readonly string[]): Promise<Finished> =>
  runNode(["--require", "./transpile.js", "src/cli/plan.ts", ...args], { cwd: ROOT });

test("the rehearsed stack is saved, and the file gives the same answers with the exit codes that they have", async () => {
  const file = join(makeFolder({}), "state.json");
  const fits = await plan("--ask", "3x1g.5gb,1xlarge", "--team", "mig-test", "--save", file);
  expect({ code: fits.code, stderr: fits.stderr }).toEqual({ code: 0, stderr: "" });
  expect(fits.stdout).toContain("Fits: 3 x 1g.5gb, 1 x large in namespace mig-test");
  expect(readFileSync(file, "utf8")).not.toContain("mig-test");

  const more = await plan("--from", file, "--ask", "30xlarge", "--json");
  expect(more.code).toBe(1);
  expect(JSON.parse(more.stdout)).toMatchObject({ format: 1, verdict: "doesNotFit", blocks: [{ kind: "devices" }] });

  const status = await plan("--from", file, "--status");
  expect(status.code).toBe(0);
  expect(status.stdout).toMatch(/A100-SXM4-40GB {2}1g\.5gb +16 +1 +15/);
});

test("a design is text with pools that the stack accepts, and the exit code says whether there is one", async () => {
  const found = await plan("--design", "20x1g.5gb,4x2g.10gb,3x3g.20gb", "--spare", "1", "--spread", "us-east-1a,us-east-1b");
  expect({ code: found.code, stderr: found.stderr }).toEqual({ code: 0, stderr: "" });
  expect(found.stdout).toMatch(/^Serves: 20 x 1g\.5gb, 4 x 2g\.10gb, 3 x 3g\.20gb\n/);
  expect(found.stdout).toMatch(/proven: no nodes of these instance types cost less/);
  const [yaml = ""] = /^ *shared-gpu:gpuPools:\n(?: {4}.*\n)+/m.exec(found.stdout) ?? [];
  const { "shared-gpu:gpuPools": gpuPools } = parse(yaml) as { readonly "shared-gpu:gpuPools": readonly object[] };
  expect(configOf({ ...STACK, gpuPools, teams: [], fashionMnist: { type: "none" } }).gpuPools).toHaveLength(gpuPools.length);

  const none = await plan("--design", "1g.5gb", "--instance-types", "p5.4xlarge", "--json");
  expect(none.code).toBe(1);
  expect(JSON.parse(none.stdout)).toMatchObject({ format: 1, verdict: "none", best: null, asLarge: { usdPerHour: 6.88 } });

  const unknown = await plan("--design", "1g.5gb", "--region", "eu-west-1");
  expect(unknown.code).toBe(2);
  expect(unknown.stdout).toMatch(/^Cannot tell what serves: 1 x 1g\.5gb[^]*--price p4d\.24xlarge=DOLLARS/);
});

test("a trace that is none exits with 2, and names the line", async () => {
  const file = join(makeFolder({ "trace.csv": "name,gpu_milli\n" }), "trace.csv");
  const { code, stderr } = await plan("--replay", file, "--fleet", "1xp4d.24xlarge");
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/trace\.csv: line 1: the heading has no cpu_milli/) as string,
  });
});

test("what a change does is said, and the exit code says whether every pod runs again", async () => {
  const file = join(makeFolder({}), "state.json");
  const lost = await plan("--what-if", "layout=all-1g.5gb", "--pool", "a100", "--save", file);
  expect({ code: lost.code, stderr: lost.stderr }).toEqual({ code: 1, stderr: "" });
  expect(lost.stdout).toMatch(/^Some pods do not run again: layout all-1g\.5gb \(1g\.5gb x7\) on 1 node of pool/);
  expect(lost.stdout).toMatch(/Can never be placed again\n {2}- mig-test\/mig-large-training-0/);

  const more = await plan("--from", file, "--what-if", "nodes=+1", "--json");
  expect(more.code).toBe(0);
  expect(JSON.parse(more.stdout)).toMatchObject({ format: 1, verdict: "keeps", claims: { running: 3, kept: 3 } });
});

test("what is missing is said, and the exit code is 2", async () => {
  const file = join(makeFolder({ "state.json": JSON.stringify({ apiVersion: "v1", kind: "List", items: [] }) }), "state.json");
  const { code, stdout } = await plan("--from", file, "--ask", "small");
  expect(code).toBe(2);
  expect(stdout).toMatch(/^Cannot tell/);
  expect(stdout).toMatch(/resourceslices: the file has none/);
});

test("a page has the same answer, and a place where none can be written is refused before anything is read", async () => {
  const folder = makeFolder({ "state.json": JSON.stringify({ apiVersion: "v1", kind: "List", items: [] }), taken: "" });
  const page = join(folder, "pages", "status.html");
  const status = await plan("--from", join(folder, "state.json"), "--status", "--html", page);
  expect(status.code).toBe(2);
  expect(status.stdout).toMatch(/\nThe same as a page: .*status\.html\n$/);
  expect(readFileSync(page, "utf8")).toMatch(/^<!doctype html>[^]*resourceslices: the file has none[^]*<\/html>\n$/);
  expect(readdirSync(join(folder, "pages"))).toEqual(["status.html"]);

  const json = await plan("--from", join(folder, "state.json"), "--status", "--html", page, "--json");
  expect(JSON.parse(json.stdout)).toMatchObject({ format: 1 });

  const refused = await plan("--from", join(folder, "absent.json"), "--status", "--html", join(folder, "taken", "status.html"));
  expect({ code: refused.code, stderr: refused.stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/taken\/status\.html: cannot be written/) as string,
  });
});

test("a team whose name is no namespace is refused where namespaces are unknown", async () => {
  const items = [{ apiVersion: "v1", kind: "Node", metadata: { name: "a" } }];
  const file = join(makeFolder({ "state.json": JSON.stringify({ apiVersion: "v1", kind: "List", items }) }), "state.json");
  const { code, stderr } = await plan("--from", file, "--ask", "small", "--team", "Team A");
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/^--team Team A: the name of its namespace must be a DNS label/) as string,
  });
});

test("a file that is no snapshot exits with 2, also as JSON", async () => {
  const file = join(makeFolder({ "state.json": "{" }), "state.json");
  const { code, stdout } = await plan("--from", file, "--status", "--json");
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ format: 1, verdict: "unknown", errors: [expect.stringContaining("is not JSON") as string] });
});
