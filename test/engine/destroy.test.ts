/** `pulumi destroy` where not everything is there: of a stack that is half made, of one that is gone, and of a cluster that others have deleted. */
import { Deployment, STAND_IN_CHARTS } from "../harness/engine/deployment";
import { Operator } from "../harness/engine/operator";
import { remedy } from "../harness/fleet/reader";
import { errorsOf } from "../harness/engine/workspace";

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.open();
});
afterAll(() => deployment.close());

const account = () => deployment.workspace.standIns.cloud.all.filter(({ type }) => type.startsWith("aws:"));
const left = () => deployment.workspace.state().resources.map(({ type }) => type);

async function expectNothingLeft(): Promise<void> {
  expect(left()).toEqual([]);
  expect(account()).toEqual([]);
  const objects = await Promise.all(
    ["/apis/resource.k8s.io/v1/deviceclasses", "/api/v1/nodes", "/apis/storage.k8s.io/v1/storageclasses"].map((path) =>
      deployment.api.list(path),
    ),
  );
  expect(objects.flat().map(({ metadata }) => String(metadata["name"]))).toEqual([]);
}

test("of a stack that is half made, and once more", async () => {
  await deployment.configure({ charts: { ...STAND_IN_CHARTS, draDriver: { chart: "/no/such/chart" } } });
  const failed = await deployment.workspace.up({ pack: false });
  await deployment.configure({ charts: STAND_IN_CHARTS });
  expect(failed.succeeded).toBe(false);
  expect(left()).toContain("kubernetes:helm.sh/v3:Release");
  expect(errorsOf(await deployment.workspace.destroy())).toEqual([]);
  await expectNothingLeft();

  const again = await deployment.workspace.destroy();
  expect(again.succeeded).toBe(true);
  expect(again.steps).toEqual([]);
});

/** The commands that a message tells to run, in their order. */
const commandsIn = (message: string) => [...message.matchAll(/^ +(pulumi .+)$/gm)].map(([, command = ""]) => command);

test("and what AWS cannot change is had by what the refusal says to do", async () => {
  const clusters = () => deployment.workspace.standIns.cloud.all.filter(({ type }) => type === "aws:eks/cluster:Cluster");
  const names = () => clusters().map(({ outputs }) => outputs.name);
  await deployment.configure({ deletionProtection: true });
  expect(errorsOf(await deployment.workspace.up({ pack: false }))).toEqual([]);
  const [before] = names();

  await deployment.configure({ clusterName: "renamed" });
  const refused = await deployment.workspace.preview({ pack: false });
  expect(refused.succeeded).toBe(false);
  const commands = commandsIn(errorsOf(refused).join("\n"));
  expect(commands).toEqual(["pulumi config set deletionProtection false", "pulumi up", "pulumi destroy", "pulumi up"]);

  await deployment.configure({ clusterName: before });
  const operator = new Operator(deployment);
  for (const command of commands.slice(0, -1)) {
    await operator.do(command);
  }
  await expectNothingLeft();
  await deployment.configure({ clusterName: "renamed" });
  await operator.do(commands.at(-1) ?? "");
  expect(names()).toEqual(["renamed"]);
});

let operator: Operator;

/** It stops, protected or not and whatever the provider is told, and completes once the cluster's part of the state is taken out. */
async function destroyWithoutCluster([unprotect = "", ...commands]: readonly string[]): Promise<void> {
  await deployment.configure({ deletionProtection: true });
  expect(errorsOf(await deployment.workspace.up({ pack: false }))).toEqual([]);
  operator = new Operator(deployment);
  await deployment.loseCluster();

  const stopped = await deployment.workspace.destroy();
  expect(errorsOf(stopped).join("\n")).toContain("configured Kubernetes cluster is unreachable");
  // With a preview, as a person runs it.
  const refused = await operator.run("pulumi destroy");
  expect(refused.code).not.toBe(0);
  expect(refused.stdout + refused.stderr).toContain("it is protected");
  await operator.do(unprotect);
  const forced = await operator.run("PULUMI_K8S_DELETE_UNREACHABLE=true pulumi destroy");
  expect(forced.code).not.toBe(0);
  expect(forced.stdout).toContain("can't delete Helm Release with unreachable cluster");
  expect(left()).toContain("aws:ec2/vpc:Vpc");

  for (const command of commands) {
    await operator.do(command, { STACK: "dev" });
  }
  expect(left()).toEqual([]);
  expect(account()).toEqual([]);
}
remedy("cluster-gone", () => operator, destroyWithoutCluster);
