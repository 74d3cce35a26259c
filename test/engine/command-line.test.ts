/**
 * The stack by plain `pulumi preview` and `pulumi up`, as a person and the workflows run it: the program in a process of its own, in Pulumi's host, by the
 * language host that is installed, or else by the stand-in for it.
 */
import { Deployment } from "../harness/engine/deployment";
import type { Workspace } from "../harness/engine/workspace";

let deployment: Deployment;
let workspace: Workspace;
beforeAll(async () => {
  deployment = await Deployment.open();
  ({ workspace } = deployment);
});
afterAll(() => deployment.close());

const PACK = ["--policy-pack", "policy-pack"];

/** Runs a command, which has to succeed. @returns what it printed. */
async function pulumi(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await workspace.commandLine([...args, "--stack", "dev"]);
  expect({ code, output: code === 0 ? "" : `${stdout}\n${stderr}` }).toEqual({ code: 0, output: "" });
  return stdout;
}

test("preview with the pack passes and makes nothing", async () => {
  const printed = await pulumi("preview", ...PACK);
  expect(printed).toMatch(/\d+ to create/);
  expect(printed).toContain("shared-gpu-guardrails@");
  expect(workspace.standIns.cloud.all).toEqual([]);
});

test("a mandatory violation fails preview with a non-zero exit code", async () => {
  const config = workspace.write("strict.json", JSON.stringify({ "hourly-list-price": { maxUsdPerHour: 10 } }));
  const { code, stdout } = await workspace.commandLine(["preview", "--stack", "dev", ...PACK, "--policy-pack-config", config]);
  expect(code).not.toBe(0);
  expect(stdout).toContain("hourly-list-price");
});

test("bad configuration is refused in the program's words, before anything is planned", async () => {
  workspace.configure({ apiServerAccess: "" });
  const { code, stdout } = await workspace.commandLine(["preview", "--stack", "dev"]);
  workspace.configure({ apiServerAccess: "private" });
  expect(code).not.toBe(0);
  expect(stdout).toContain("pulumi config set apiServerAccess private");
  // The stack itself is all that the engine has heard of by then.
  expect(stdout).toMatch(/1 to create/);
});

test("up makes everything, a second up nothing, and destroy removes it", async () => {
  expect(await pulumi("up", "--yes", ...PACK)).toMatch(/\d+ created/);
  expect(await pulumi("up", "--yes", "--expect-no-changes", ...PACK)).toMatch(/\d+ unchanged/);
  expect(JSON.parse(await pulumi("stack", "output", "--json"))).toMatchObject({ clusterName: "shared-gpu-dev", kubeconfig: "[secret]" });
  expect(await pulumi("destroy", "--yes")).toMatch(/\d+ deleted/);
  expect(workspace.state().resources).toEqual([]);
});
