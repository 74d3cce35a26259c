/** The doctor as a user runs it. */
import { join } from "node:path";
import { runNode } from "../support/child";
import { makeFolder } from "../support/folder";
import { ROOT } from "../support/program";

test("a file that is none exits with 2", async () => {
  const file = join(makeFolder({ "state.json": "{" }), "state.json");
  const { code, stderr } = await runNode(["--require", "./transpile.js", "src/cli/doctor.ts", "--from", file], { cwd: ROOT });
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("is not JSON") as string });
});
