/** The stand-in providers under the real engine: where they behave unlike AWS's own, no test above them means anything. */
import { waitFor } from "../../../src/live/wait";
import { getVpc } from "@pulumi/aws/ec2/getVpc";
import { getCluster } from "@pulumi/aws/eks/getCluster";
import { getClusters } from "@pulumi/aws/eks/getClusters";
import type { LoggedAttempt } from "../../harness/engine/providers/controls";
import { SETTINGS, platform } from "../../harness/engine/platform";
import { Workspace, errorsOf } from "../../harness/engine/workspace";
import type { Outcome, StateResource } from "../../harness/engine/workspace";

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";

const settings = { ...SETTINGS };
let workspace: Workspace;
beforeAll(async () => {
  workspace = await Workspace.open({
    program: platform(settings),
    apiServer: { server: "https://127.0.0.1:1", certificateAuthorityData: Buffer.from("an authority").toString("base64") },
  });
});
afterAll(() => workspace.close());

const up = () => workspace.up({ pack: false });
const preview = () => workspace.preview({ pack: false });

/** `update aws:eks/nodeGroup:NodeGroup nodes`, sorted: steps that do not depend on each other come in any order. */
const steps = ({ steps: taken }: Outcome) => taken.map(({ op, type, name }) => `${op} ${type} ${name}`).sort();

/** The only attempt of its kind that was no preview. */
const attempt = (operation: string, type: string, name: string): LoggedAttempt => {
  const found = workspace.standIns.controls.done.find(
    (entry) => entry.operation === operation && entry.type === type && entry.name === name,
  );
  if (found === undefined) {
    throw new Error(`there was no ${operation} of ${type} ${name}`);
  }
  return found;
};

const stateOf = (type: string, name: string): StateResource => {
  const { resources } = workspace.state();
  const found = resources.find(({ urn, type: candidate }) => candidate === type && urn.endsWith(`::${name}`));
  if (found === undefined) {
    throw new Error(`the state has no ${type} ${name}`);
  }
  return found;
};

test("a preview makes nothing, and foresees what up does", async () => {
  const previewed = await preview();
  expect(previewed.succeeded).toBe(true);
  expect(workspace.standIns.cloud.all).toEqual([]);
  const { controls } = workspace.standIns;
  const release = controls.hold(/^create aws:kms/);
  const upping = up();
  // What is held up does not hold up what does not depend on it, and what depends on it waits.
  await waitFor("something that is made beside the key", () => {
    const begun = controls.pending.find(({ type }) => type === "aws:kms/key:Key")?.start ?? Infinity;
    return Promise.resolve(controls.done.some(({ start }) => start > begun));
  }).finally(release);
  const done = await upping;
  expect(done.succeeded).toBe(true);
  expect(steps(done)).toEqual(steps(previewed));
  const key = attempt("create", "aws:kms/key:Key", "secrets");
  expect(attempt("create", "aws:eks/cluster:Cluster", "cluster-eksCluster").start).toBeGreaterThan(key.end ?? Infinity);
});

test("a second up changes nothing, and neither does a refresh", async () => {
  expect(steps(await up())).toEqual([]);
  expect(steps(await workspace.refresh())).toEqual([]);
});

test("children of remote components have their parents, their plugin's provider and their dependencies", () => {
  const cluster = stateOf("aws:eks/cluster:Cluster", "cluster-eksCluster");
  expect(cluster.parent).toMatch(/eks:index:Cluster::cluster$/);
  expect(cluster.provider).toMatch(/::default_7_25_0::/);
  const dependencies =
    cluster.dependencies?.map((urn) =>
      urn
        .split("$")
        .at(-1)
        ?.replace(/^.*::.*::(?=aws)/, ""),
    ) ?? [];
  expect(dependencies).toEqual(
    expect.arrayContaining([
      "aws:iam/role:Role::cluster-eksRole-role",
      "aws:kms/key:Key::secrets",
      "aws:ec2/subnet:Subnet::network-private-1",
      "aws:ec2/subnet:Subnet::network-private-2",
    ]),
  );
  const subnet = stateOf("aws:ec2/subnet:Subnet", "network-private-2");
  expect(subnet.provider).toMatch(/::default_7_43_0::/);
  expect(subnet.inputs).toMatchObject({ cidrBlock: "10.0.16.0/20", region: "us-east-1" });
});

test("the kubeconfig leads to the API server of the test, and holds no credential", async () => {
  const { kubeconfig } = await workspace.outputs();
  expect(kubeconfig?.value).toMatchObject({
    clusters: [
      { cluster: { server: "https://127.0.0.1:1", "certificate-authority-data": Buffer.from("an authority").toString("base64") } },
    ],
    users: [{ user: { exec: { command: "aws" } } }],
  });
  expect(JSON.stringify(kubeconfig?.value)).not.toContain("token that");
});

test("secrets of providers are encrypted in the state", async () => {
  const { password } = await workspace.outputs();
  expect(password?.secret).toBe(true);
  expect(workspace.state().text.includes(String(password?.value))).toBe(false);
});

test("a new version of a launch template updates its pool, and the preview does not know the version yet", async () => {
  settings.volumeGiB = 100;
  const expected = [`update ${TEMPLATE} nodes`, `update ${NODE_GROUP} nodes`];
  const before = stateOf(NODE_GROUP, "nodes");
  expect(before.outputs).toMatchObject({ launchTemplate: { version: "1" } });
  expect(steps(await preview())).toEqual(expected);
  const done = await up();
  expect(steps(done)).toEqual(expected);
  expect(done.steps.find(({ type }) => type === NODE_GROUP)?.differences).toEqual(["launchTemplate.version"]);
  const { id, outputs } = stateOf(NODE_GROUP, "nodes");
  expect(outputs).toMatchObject({ launchTemplate: { version: "2" } });
  expect(id).toBe(before.id);
});

test("a pool changes its size in place, and listeners hear of it before the engine does", async () => {
  const heard: unknown[] = [];
  workspace.standIns.controls.onChange(NODE_GROUP, ({ operation, inputs, inputsBefore }) => {
    heard.push([operation, inputsBefore?.scalingConfig.desiredSize, inputs.scalingConfig.desiredSize]);
  });
  settings.nodes = 2;
  expect(steps(await preview())).toEqual([`update ${NODE_GROUP} nodes`]);
  expect(heard).toEqual([]);
  expect(steps(await up())).toEqual([`update ${NODE_GROUP} nodes`]);
  expect(heard).toEqual([["update", 1, 2]]);
});

test("a pool with another image is replaced: the new one first, under another name", async () => {
  const before = stateOf(NODE_GROUP, "nodes");
  workspace.standIns.controls.forgetLog();
  settings.amiType = "AL2023_x86_64_NVIDIA";
  const done = await up();
  expect(steps(done)).toEqual([
    `create-replacement ${NODE_GROUP} nodes`,
    `delete-replaced ${NODE_GROUP} nodes`,
    `replace ${NODE_GROUP} nodes`,
  ]);
  expect(done.steps.find(({ op }) => op === "replace")?.replaceKeys).toEqual(["amiType"]);
  expect(workspace.standIns.controls.done.map(({ operation }) => operation)).toEqual(["create", "delete"]);
  expect(stateOf(NODE_GROUP, "nodes").id).not.toBe(before.id);
});

test("what has a fixed name is deleted before it is replaced", async () => {
  settings.logClass = "INFREQUENT_ACCESS";
  const planned = (await preview()).steps.filter(({ type }) => type === "aws:cloudwatch/logGroup:LogGroup").map(({ op }) => op);
  settings.logClass = "STANDARD";
  expect(planned).toEqual(["delete-replaced", "replace", "create-replacement"]);
});

test("a failure leaves a state from which the next up goes on", async () => {
  settings.nodes = 3;
  settings.volumeGiB = 200;
  const heal = workspace.standIns.controls.failOn(/^update aws:eks\/nodeGroup/);
  const failed = await up();
  expect(failed.succeeded).toBe(false);
  expect(failed.failed.map((urn) => urn.split("::").at(-1))).toEqual(["nodes"]);
  expect(failed.diagnostics.map(({ message }) => message).join("\n")).toContain(`update of ${NODE_GROUP} nodes fails`);
  heal();
  const healed = await up();
  expect(healed.succeeded).toBe(true);
  expect(steps(healed)).toEqual([`update ${NODE_GROUP} nodes`]);
  expect(steps(await up())).toEqual([]);
});

test("a refresh finds what was deleted or changed by hand, and up puts it right", async () => {
  workspace.standIns.cloud.changeByHand(NODE_GROUP, "nodes", { scalingConfig: { minSize: 0, desiredSize: 4, maxSize: 4 } });
  workspace.standIns.cloud.removeByHand("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "nodes");
  const found = await workspace.refresh();
  expect(steps(found)).toEqual(["delete aws:iam/rolePolicyAttachment:RolePolicyAttachment nodes", `update ${NODE_GROUP} nodes`]);
  const mended = await up();
  expect(steps(mended)).toEqual(["create aws:iam/rolePolicyAttachment:RolePolicyAttachment nodes", `update ${NODE_GROUP} nodes`]);
});

test("a zone added at the end of the list leaves the subnets of the others alone", async () => {
  settings.zones = [...settings.zones, "us-east-1c"];
  const planned = await preview();
  expect(planned.succeeded).toBe(true);
  const touched = planned.steps.filter(({ type, op }) => type.startsWith("aws:ec2/") && op !== "create");
  expect(touched).toEqual([]);
  settings.zones = settings.zones.slice(0, 2);
});

test("data sources tell a program what exists", async () => {
  const found: unknown[] = [];
  const program = async () => {
    const { names } = await getClusters();
    const [cluster, vpc] = await Promise.all([getCluster({ name: names[0] ?? "" }), getVpc({ tags: { Name: "network" } })]);
    found.push(names, cluster.vpcConfig.vpcId === vpc.id);
    return {};
  };
  await workspace.preview({ pack: false, program });
  expect(found).toEqual([["small"], true]);
});

test("what AWS refuses fails up where it stands, and up goes on from there once it is put right", async () => {
  settings.zones = [...settings.zones, "us-east-1c"];
  expect((await preview()).succeeded).toBe(true);
  const failed = await up();
  expect(failed.succeeded).toBe(false);
  expect(failed.failed.map((urn) => urn.split("::").at(-1))).toEqual(["cluster-eksCluster"]);
  expect(errorsOf(failed).join("\n")).toContain("must be in the same set of AZs as at its creation: us-east-1a, us-east-1b");
  settings.zones = settings.zones.slice(0, 2);
  expect((await up()).succeeded).toBe(true);
  expect(steps(await up())).toEqual([]);
});

test("destroy leaves nothing, in the state and in the cloud, and goes against the dependencies", async () => {
  workspace.standIns.controls.forgetLog();
  expect((await workspace.destroy()).succeeded).toBe(true);
  expect(workspace.standIns.cloud.all).toEqual([]);
  expect(workspace.state().resources).toEqual([]);
  const pool = attempt("delete", NODE_GROUP, "nodes");
  const cluster = attempt("delete", "aws:eks/cluster:Cluster", "cluster-eksCluster");
  // The log group is a dependency of the component that the cluster is in, and of nothing in it.
  const logs = attempt("delete", "aws:cloudwatch/logGroup:LogGroup", "logs");
  const vpc = attempt("delete", "aws:ec2/vpc:Vpc", "network");
  expect(cluster.start).toBeGreaterThan(pool.end ?? Infinity);
  expect(logs.start).toBeGreaterThan(cluster.end ?? Infinity);
  expect(vpc.start).toBeGreaterThan(cluster.end ?? Infinity);
});
