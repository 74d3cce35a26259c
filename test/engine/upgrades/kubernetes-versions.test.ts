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

async function gpuNodes(): Promise<readonly string[]> {
  const nodes = await deployment.api.list("/api/v1/nodes", "labelSelector=node-role%3Dgpu");
  return nodes.map(({ metadata }) => String(metadata["name"]));
}

test("to the next Kubernetes version: control plane, networking add-ons, system pool, cluster add-ons, then the GPU nodes", async () => {
  await deployment.configure({ kubernetesVersion: VERSIONS[1] });
  const foretold = (await foretell(deployment.workspace)).steps.map((step) => `${step.type} ${titleOf(step)}`);
  const outcome = await deployment.workspace.up({ pack: false });
  expect(errorsOf(outcome)).toEqual([]);
  const order = [
    "Cluster control-plane-eksCluster",
    "Addon networking-addons-kube-proxy",
    "NodeGroup system",
    "Addon cluster-addons-coredns",
    "NodeGroup a100",
  ];
  expect(inOrderOfEnds(outcome, order)).toEqual(order);
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

test("a driver that cannot be upgraded ends the `up`, and the nodes keep what they have", async () => {
  const [node = ""] = await gpuNodes();
  deployment.workspace.configure({
    kubernetesVersion: VERSIONS[2],
    charts: { ...STAND_IN_CHARTS, draDriver: { ...STAND_IN_CHARTS.draDriver, values: { gpuResourcesEnabledOverride: false } } },
  });
  const outcome = await deployment.workspace.up({ pack: false });
  expect(outcome.succeeded).toBe(false);
  expect(await gpuNodes()).toContain(node);
  await deployment.configure({ kubernetesVersion: VERSIONS[2], charts: STAND_IN_CHARTS });
  expect(errorsOf(await deployment.workspace.up({ pack: false }))).toEqual([]);
  await waitForDevices(deployment.api, BALANCED);
});
