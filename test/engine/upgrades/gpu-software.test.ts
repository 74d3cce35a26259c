/** docs/upgrade.md, done: from the article's pair of GPU Operator and DRA driver to the current one. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultRelease } from "../../../src/releases/find";
import { publishedDevices, waitForDevices, waitForRunning } from "../../harness/fleet/cluster";
import { Deployment } from "../../harness/engine/deployment";
import { foretell } from "../../harness/engine/foretold";
import { formerCharts } from "../../harness/engine/former-charts";
import { drain } from "../../harness/engine/instances";
import { inOrderOfEnds } from "../../harness/engine/order";
import { STAND_IN_CHARTS } from "../../harness/engine/stand-in-charts";
import { errorsOf } from "../../harness/engine/workspace";
import { ROOT } from "../../support/program";

const [FORMER] = Object.entries(defaultRelease().otherGpuSoftware);
const BALANCED = 32;
const PODS = 3;
const TEAM = "mig-test";

let deployment: Deployment;
let former: { readonly gpuSoftware: string; readonly charts: object };
beforeAll(async () => {
  deployment = await Deployment.open();
  const [gpuSoftware, software] = FORMER as NonNullable<typeof FORMER>;
  former = { gpuSoftware, charts: formerCharts(deployment.workspace.folder, software) };
  await deployment.configure(former);
  const outcome = await deployment.workspace.up({ pack: false });
  expect(errorsOf(outcome)).toEqual([]);
  await waitForRunning(deployment.api, TEAM, "mig-", PODS);
});
afterAll(() => deployment.close());

async function gpuNodes(): Promise<readonly string[]> {
  const nodes = await deployment.api.list("/api/v1/nodes", "labelSelector=node-role%3Dgpu");
  return nodes.map(({ metadata }) => String(metadata["name"]));
}

const names = async () => [...(await publishedDevices(deployment.api)).keys()].map((device) => device.split("/")[1] ?? "");

test("the article's pair names devices as its driver does", async () => {
  await waitForDevices(deployment.api, BALANCED);
  expect(await names()).toContain("gpu-0-mig-19-2-1");
});

test("to the current pair: nodes are drained first, then the charts, then the nodes; the gate comes last, and the devices have the new names", async () => {
  const [before = ""] = await gpuNodes();
  await deployment.configure({ gpuSoftware: undefined, charts: STAND_IN_CHARTS });
  await drain(deployment.api, before);
  const [chartsFirst = ""] = /^pulumi up --target .*$/m.exec(readFileSync(join(ROOT, "docs/upgrade.md"), "utf8")) ?? [];
  const targets = [...chartsFirst.matchAll(/'([^']+)'/g)].map(([, target = ""]) => target);
  const charts = await deployment.workspace.up({ pack: false, targets });
  expect(errorsOf(charts)).toEqual([]);
  expect(charts.steps.map(({ urn }) => urn.split("::").at(-1)).sort()).toEqual(["dra-driver", "gpu-operator"]);
  expect(await gpuNodes()).toEqual([before]);
  const outcome = await deployment.workspace.up({ pack: false });
  expect(errorsOf(outcome)).toEqual([]);
  for (const [run, order] of [
    [charts, ["Release gpu-operator", "Release dra-driver"]],
    [outcome, ["NodeGroup a100", "Job partition-gate"]],
  ] as const) {
    expect(inOrderOfEnds(run, order)).toEqual(order);
  }
  expect(await gpuNodes()).not.toContain(before);
  await waitForDevices(deployment.api, BALANCED);
  expect(await names()).toContain("gpu-0-mig-1g5gb-19-2");
  await deployment.endJobBackOff();
  await waitForRunning(deployment.api, TEAM, "mig-", PODS);
});

test("back to the article's pair is refused in the preview, with what to write: EKS gives no node group an older image", async () => {
  deployment.workspace.configure(former);
  const outcome = await deployment.workspace.preview({ pack: false });
  const { errors } = await foretell(deployment.workspace);
  deployment.workspace.configure({ gpuSoftware: undefined, charts: STAND_IN_CHARTS });
  for (const error of [errorsOf(outcome).join("\n"), errors.join("\n")]) {
    expect(error).toContain('EKS cannot take the nodes of pool "a100" back from image');
    expect(error).toContain("give the pool another name");
  }
});
