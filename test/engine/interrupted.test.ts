/**
 * An `up` whose process is killed, as when a runner goes away, and the way out that docs/operations.md gives. The engine had asked for a cluster and did not live
 * to hear that it was made.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { waitFor } from "../cluster/wait";
import { SETTINGS, platform } from "./platform";
import { Workspace, errorsOf } from "./workspace";
import type { Outcome } from "./workspace";

const CLUSTER = "aws:eks/cluster:Cluster";

let workspace: Workspace;
beforeAll(async () => {
  workspace = await Workspace.open({ program: platform(SETTINGS) });
});
afterAll(() => workspace.close());

const up = () => workspace.up({ pack: false });
const messages = ({ diagnostics }: Outcome) => diagnostics.map(({ message }) => message).join("\n");

test("a killed up leaves a lock, and something that the state does not know; the next ones say what, and complete it once that is gone", async () => {
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

  expect((await up()).stderr).toContain("pulumi cancel");
  const { code } = await workspace.commandLine(["cancel", "--yes", "--stack", "dev"]);
  expect(code).toBe(0);

  const second = await up();
  expect(messages(second)).toContain("cluster-eksCluster, interrupted while creating");
  expect(messages(second)).toContain("exists already");
  cloud.removeByHand(CLUSTER, "cluster-eksCluster");

  const third = await up();
  expect(errorsOf(third)).toEqual([]);
  expect((await up()).steps).toEqual([]);
});
