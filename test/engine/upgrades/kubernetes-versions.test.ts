/** docs/upgrade.md, done: one Kubernetes version after the other, in the order that EKS wants. */
import { RELEASES } from "../../../src/releases/find";
import { titleOf } from "../../../src/rehearsal/deployed/plan";
import { waitForDevices, waitForRunning } from "../../harness/fleet/cluster";
import { Deployment } from "../../harness/engine/deployment";
import { foretell } from "../../harness/engine/foretold";
import { inOrderOfEnds } from "../../harness/engine/order";
import { STAND_IN_CHARTS } from "../../harness/engine/stand-in-charts";
import { errorsOf } from "../../harness/engine/workspace";

const VERSIONS = RELEASES.map(({ kubernetesVersion }) => kubernetesVersion);
const BALANCED = 32;
const PODS = 3;
const TEAM = "mig-test";

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.open();
  const outcome = await deployment.workspace.up({ pack: false });
  expect(errorsOf(outcome)).toEqual([]);
  await waitForRunning(deployment.api, TEAM, "mig-", PODS);
});
afterAll(() => deployment.close());

test("to the next Kubernetes version: control plane, networking add-ons, system pool, then the cluster add-ons", async () => {
  await deployment.configure({ kubernetesVersion: VERSIONS[1] });
  const foretold = (await foretell(deployment.workspace)).steps.map((step) => `${step.type} ${titleOf(step)}`);
  const outcome = await deployment.workspace.up({ pack: false });
  expect(errorsOf(outcome)).toEqual([]);
  const order = [
    "Cluster control-plane-eksCluster",
    "Addon networking-addons-kube-proxy",
    "NodeGroup system",
    "Addon cluster-addons-coredns",
  ];
  expect(inOrderOfEnds(outcome, order)).toEqual(order);
  const ofGpuNodes = ["Addon networking-addons-kube-proxy", "NodeGroup a100"];
  expect(inOrderOfEnds(outcome, ofGpuNodes)).toEqual(ofGpuNodes);
  expect(foretold.filter((step) => order.some((title) => step === `update ${title}`))).toEqual(order.map((title) => `update ${title}`));
  await deployment.endJobBackOff();
  await waitForRunning(deployment.api, TEAM, "mig-", PODS);
  expect((await deployment.workspace.up({ pack: false })).steps).toEqual([]);
});

test("back to the version before is refused in the preview, before anything is registered", async () => {
  deployment.workspace.configure({ kubernetesVersion: VERSIONS[0] });
  const outcome = await deployment.workspace.preview({ pack: false });
  deployment.workspace.configure({ kubernetesVersion: VERSIONS[1] });
  expect(errorsOf(outcome).join("\n")).toContain("this program does not take a control plane back");
  expect(outcome.steps).toEqual([]);
});

test("a driver that cannot be upgraded ends the `up`, and another `up` goes on", async () => {
  deployment.workspace.configure({
    kubernetesVersion: VERSIONS[2],
    charts: { ...STAND_IN_CHARTS, draDriver: { ...STAND_IN_CHARTS.draDriver, values: { gpuResourcesEnabledOverride: false } } },
  });
  const outcome = await deployment.workspace.up({ pack: false });
  expect(outcome.succeeded).toBe(false);
  await deployment.configure({ kubernetesVersion: VERSIONS[2], charts: STAND_IN_CHARTS });
  expect(errorsOf(await deployment.workspace.up({ pack: false }))).toEqual([]);
  await waitForDevices(deployment.api, BALANCED);
});
