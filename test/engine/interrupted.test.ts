/**
 * An `up` whose process is killed, as when a runner goes away, and the way out that docs/operations.md gives. The engine had asked for a cluster and did not live
 * to hear that it was made.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { waitFor } from "../cluster/wait";
import { SETTINGS, platform } from "./platform";
import { Workspace } from "./workspace";

const CLUSTER = "aws:eks/cluster:Cluster";

let workspace: Workspace;
beforeAll(async () => {
  workspace = await Workspace.open({ binaries: ["pulumi"], program: platform(SETTINGS) });
});
afterAll(() => workspace.close());

async function pulumi(...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await workspace.commandLine([...args, "--stack", "dev"]);
  expect({ code, output: code === 0 ? "" : `${stdout}\n${stderr}` }).toEqual({ code: 0, output: "" });
}

const up = () => workspace.up({ pack: false });

test("a killed up leaves a lock and a resource that the state does not know; cancel, refresh with its id, up", async () => {
  const { controls, cloud } = workspace.standIns;
  const mend = controls.delay(new RegExp(`^create ${CLUSTER}`), 2000);
  const interrupted = up();
  await waitFor("the creation of the cluster", () =>
    Promise.resolve(controls.log.some(({ type, isPreview }) => type === CLUSTER && !isPreview)),
  );
  spawnSync("pkill", ["-KILL", "-f", join(workspace.folder, "bin", "pulumi")]);
  expect((await interrupted).succeeded).toBe(false);
  mend();
  await waitFor("the cluster", () => Promise.resolve(cloud.all.some(({ type }) => type === CLUSTER)));
  const cluster = cloud.all.find(({ type }) => type === CLUSTER);

  expect((await up()).stderr).toContain("pulumi cancel");
  await pulumi("cancel", "--yes");
  // Before the next up: that one would try to make the cluster a second time, fail, and forget that something was pending.
  await pulumi("refresh", "--yes", "--import-pending-creates", cluster?.urn ?? "", "--import-pending-creates", cluster?.id ?? "");
  const completed = await up();
  expect(completed.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  expect((await up()).steps).toEqual([]);
  expect(cloud.all.filter(({ type }) => type === CLUSTER)).toHaveLength(1);
});
