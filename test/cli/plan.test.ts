/** The planner as a user runs it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HELP, readPlanArguments } from "../../src/cli/plan-arguments";
import { runNode } from "../support/child";
import type { Finished } from "../support/child";
import { makeFolder } from "../support/folder";
import { ROOT } from "../support/program";

jest.setTimeout(60_000);

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

test("what is missing is said, and the exit code is 2", async () => {
  const file = join(makeFolder({ "state.json": JSON.stringify({ apiVersion: "v1", kind: "List", items: [] }) }), "state.json");
  const { code, stdout } = await plan("--from", file, "--ask", "small");
  expect(code).toBe(2);
  expect(stdout).toMatch(/^Cannot tell/);
  expect(stdout).toMatch(/resourceslices: the file has none/);
});

test("a file that is no snapshot exits with 2, also as JSON", async () => {
  const file = join(makeFolder({ "state.json": "{" }), "state.json");
  const { code, stdout } = await plan("--from", file, "--status", "--json");
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ format: 1, verdict: "unknown", errors: [expect.stringContaining("is not JSON") as string] });
});

test.each<[readonly string[], RegExp]>([
  [[], /ask one question/],
  [["--status", "--ask", "small"], /ask one question/],
  [["--status", "--team", "a"], /--team is an option of --ask/],
  [["--ask", "small", "--together", "--apart"], /write one of them/],
  [["--ask", "gpu", "--together"], /leave gpu out/],
  [["--ask", "2x1g.7gb"], /"1g\.7gb" is neither/],
  [["--ask", "3xlagre"], /did you mean "large"/],
  [["--status", "--from", "a", "--context", "b"], /--context and --from are different sources/],
  [["--status", "extra"], /--help lists the options/],
])("%j is refused", (argv, message) => {
  expect(() => readPlanArguments(argv)).toThrow(message);
});

test("--help lists every option", () => {
  expect(readPlanArguments(["--help"])).toEqual({ type: "help" });
  for (const option of ["status", "ask", "team", "together", "apart", "stack", "context", "from", "save", "json", "help"]) {
    expect(HELP).toContain(`--${option}`);
  }
});
