/** `npm start -- --control-plane` as a user runs it: beside another run, and interrupted. */
import { spawn, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { CONTROL_PLANE_PROGRAMS } from "../../../src/control-plane/programs/kubernetes";
import { FOLDER_PREFIX } from "../../../src/control-plane/leftovers";
import type { Report } from "../../../src/rehearsal/report/report";
import { linkBinaries } from "../../support/go-binaries";
import { makeFolder } from "../../support/folder";
import { ROOT } from "../../support/program";

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let binaries: string;
const temporary = makeFolder({});
beforeAll(async () => {
  binaries = await linkBinaries(CONTROL_PLANE_PROGRAMS, makeFolder({}));
});

/** @param interruptAt a text of standard error at which Ctrl-C is pressed. */
function start(args: readonly string[], interruptAt?: string): Promise<Run> {
  return new Promise((resolve) => {
    const command = ["--require", "./transpile.js", "src/cli/rehearse.ts", "--control-plane", "--binaries", binaries, ...args];
    const child = spawn(process.execPath, command, { cwd: ROOT, env: { ...process.env, TMPDIR: temporary } });
    let [stdout, stderr] = ["", ""];
    let isInterrupted = false;
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
      if (interruptAt !== undefined && !isInterrupted && stderr.includes(interruptAt)) {
        isInterrupted = true;
        child.kill("SIGINT");
      }
    });
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** What is left of control planes in the folder for temporary files: folders, and processes that were started for them. */
function remains(): readonly string[] {
  const folders = readdirSync(temporary).filter((name) => name.startsWith(FOLDER_PREFIX));
  const processes = spawnSync("ps", ["-eo", "args"], { encoding: "utf8" }).stdout.split("\n");
  return [...folders, ...processes.filter((line) => line.includes(join(temporary, FOLDER_PREFIX)))];
}

test("two at once do not meet, and the one that is interrupted leaves nothing behind", async () => {
  const [whole, interrupted] = await Promise.all([
    start(["--json", "--html", join(makeFolder({}), "page.html")]),
    start(["--html", join(makeFolder({}), "page.html")], "control plane: object"),
  ]);
  expect({ ...interrupted, stderr: interrupted.stderr.split("\n").slice(-2) }).toEqual({
    ...{ code: 130, stdout: "" },
    stderr: ["interrupted; nothing is left behind", ""],
  });
  expect(whole.code).toBe(0);
  expect((JSON.parse(whole.stdout) as Report).controlPlane).toMatchObject({ bothRefuse: 0, stricter: [], differences: [] });
  expect(whole.stderr).toMatch(/^control plane: starting$/m);
  expect(remains()).toEqual([]);
});

test("a difference is exit code 3, with or without findings", async () => {
  // The API server reads an empty list as no bytes, which the model refuses on purpose.
  const folder = makeFolder({
    "difference.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: difference\n  namespace: default\nbinaryData:\n  file: []\n",
  });
  const run = await start(["--manifest", join(folder, "difference.yaml"), "--json", "--html", join(folder, "page.html")]);
  expect(run.code).toBe(3);
  expect((JSON.parse(run.stdout) as Report).controlPlane?.differences).toMatchObject([{ subject: "ConfigMap default/difference" }]);
});
