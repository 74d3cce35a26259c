/**
 * An `up` whose process is killed, as when a runner goes away, at one moment after the other, and the way out that docs/operations.md gives for each. Whoever was
 * asked to make something (AWS, the API server, the kubelets) goes on with it, and nobody is there to hear of it.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { KubernetesObject } from "../../src/live/api/api-server";
import type { Behaviour } from "../../src/fleet/pods/container";
import { waitForRunning } from "../harness/fleet/cluster";
import { remedy } from "../harness/fleet/reader";
import { waitFor } from "../../src/live/wait";
import { commandsOf, section } from "../support/operations";
import { Deployment, STAND_IN_CHARTS } from "../harness/engine/deployment";
import { Operator } from "../harness/engine/operator";
import { errorsOf } from "../harness/engine/workspace";
import type { Outcome } from "../harness/engine/workspace";

const SECTION = section("An `up` that was interrupted");
const CLUSTER = "aws:eks/cluster:Cluster";
const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";

/** Labels of pods whose containers cannot be started at the moment, so that whoever waits for them waits on. */
const held = new Set<string>();
function behaviourOf({ metadata }: KubernetesObject): Behaviour | undefined {
  const labels = Object.values((metadata["labels"] ?? {}) as Readonly<Record<string, string>>);
  return labels.some((label) => held.has(label))
    ? { type: "container", start: () => Promise.reject(new Error("the test holds it back")) }
    : undefined;
}

let deployment: Deployment;
let operator: Operator;
beforeAll(async () => {
  deployment = await Deployment.open({ fleet: { behaviourOf } });
  operator = new Operator(deployment);
});
afterAll(() => deployment.close());

const messages = ({ diagnostics, stderr }: Outcome) => [...diagnostics.map(({ message }) => message), stderr].join("\n");
const ofType = (type: string) => deployment.workspace.standIns.cloud.all.filter((thing) => thing.type === type);

/**
 * Begins an `up` and kills the CLI and its plugins when something is so. Who was asked to do something meanwhile goes on with it to its end.
 * @param held what AWS does not do before the kill.
 */
async function killedWhen(
  what: string,
  isSo: () => Promise<boolean>,
  { run = up, held: matcher }: { readonly run?: () => Promise<Outcome>; readonly held?: RegExp } = {},
): Promise<void> {
  const { controls } = deployment.workspace.standIns;
  const release = matcher === undefined ? undefined : controls.hold(matcher);
  const interrupted = run();
  await waitFor(what, isSo, { timeoutMs: 180_000 });
  const { stdout } = spawnSync("pgrep", ["-f", join(deployment.workspace.folder, "bin", "pulumi")], { encoding: "utf8" });
  stdout
    .split("\n")
    .filter(Boolean)
    .map(Number)
    .forEach((pid) => process.kill(pid, "SIGKILL"));
  expect((await interrupted).succeeded).toBe(false);
  release?.();
  await waitFor("AWS to end what it was asked for", () => Promise.resolve(controls.pending.length === 0), {
    timeoutMs: 180_000,
    describe: () => Promise.resolve(controls.pending.map(({ operation, type, name }) => `${operation} ${type} ${name}`).join(", ")),
  });
}

/** Deletes by hand what AWS has and the state does not know: what was being made when the process was killed. @returns of which types it was. */
async function deleteUnknown(): Promise<ReadonlySet<string>> {
  const { cloud } = deployment.workspace.standIns;
  const unknown = deployment.workspace.unrecorded();
  for (const { type, id, urn } of unknown) {
    await (type === NODE_GROUP ? deployment.deleteNodeGroup(id) : Promise.resolve(cloud.remove(urn, id)));
  }
  return new Set(unknown.map(({ type }) => type));
}

const isAsked = (type: string, name: string) => () =>
  Promise.resolve(
    deployment.workspace.standIns.controls.log.some((attempt) => attempt.type === type && attempt.name === name && !attempt.isPreview),
  );

async function up(): Promise<Outcome> {
  return deployment.workspace.up({ pack: false });
}

/** What the document says to do before the next `up`, in a cluster that is there. */
async function wayOut(): Promise<void> {
  const commands = commandsOf(SECTION).slice(0, 3);
  expect((await up()).stderr).toContain("pulumi cancel");
  // What `aws eks update-kubeconfig` does: the stack has no outputs before the end of its first `up`.
  operator.getIn();
  for (const command of commands) {
    await operator.do(command);
  }
}

test("while the cluster was being made: it is there, the next up says so, and goes on once it is deleted by hand", async () => {
  await killedWhen("the creation of the cluster", isAsked(CLUSTER, "control-plane-eksCluster"), { held: new RegExp(`^create ${CLUSTER}`) });
  expect(ofType(CLUSTER).length).toBe(1);
  await operator.do("pulumi cancel");
  expect(messages(await up())).toContain("control-plane-eksCluster, interrupted while creating");
  await operator.do("pulumi refresh --clear-pending-creates");
  const next = messages(await up());
  expect(next).not.toContain("interrupted while");
  expect(next).toContain("Cluster already exists with name");
  // aws eks delete-cluster
  expect(await deleteUnknown()).toContain(CLUSTER);
});

test("while a node group was being made: the next up makes another one", async () => {
  await killedWhen("the creation of the node group", isAsked(NODE_GROUP, "a100"), { held: new RegExp(`^create ${NODE_GROUP} a100`) });
  const groups = () => ofType(NODE_GROUP).filter(({ name }) => name === "a100");
  expect(groups().length).toBe(1);
  await wayOut();
  held.add("gpu-operator");
  const isInstalling = async () => (await releases("gpu-operator", "pending-install")).length > 0 && groups().length === 2;
  await killedWhen("both the second node group and the GPU Operator", isInstalling);
  expect(await deleteUnknown()).toContain(NODE_GROUP);
  expect(groups().length).toBeLessThanOrEqual(1);
});

async function releases(namespace: string, status: string): Promise<readonly KubernetesObject[]> {
  return deployment.api.list(`/api/v1/namespaces/${namespace}/secrets`, `labelSelector=owner%3Dhelm%2Cstatus%3D${status}`);
}

test("while a Helm release was being installed", async () => {
  expect((await operator.run("pulumi stack output kubeconfig --show-secrets > kubeconfig.json")).code).not.toBe(0);
  await wayOut();
  held.clear();
  held.add("partition-gate");
  await killedWhen(
    "the partition gate",
    async () => (await deployment.api.list("/apis/batch/v1/namespaces/partition-gate/jobs")).length > 0,
  );
});

test("while an object of the cluster was being made", async () => {
  await wayOut();
  held.clear();
  // Releases of the provider before 4.29 take over what exists by themselves.
  const first = await up();
  if (!first.succeeded) {
    expect(messages(first)).toContain('jobs.batch "partition-gate" already exists');
  }
  // Whatever was being made besides is taken over with it.
  await operator.do("PULUMI_K8S_UPSERT_EXISTING_OBJECTS=true pulumi up");
  const next = await up();
  expect(errorsOf(next)).toEqual([]);
  expect(messages(next)).not.toContain("interrupted while");
  await waitForRunning(deployment.api, "mig-test", "mig-", 3);
  expect((await up()).steps).toEqual([]);
});

test("while a Helm release was being upgraded", async () => {
  held.add("gpu-operator");
  const values = { operator: { nodeSelector: { "kubernetes.io/os": "linux" } } };
  await deployment.configure({ charts: { ...STAND_IN_CHARTS, gpuOperator: { ...STAND_IN_CHARTS.gpuOperator, values } } });
  await killedWhen("the upgrade", async () => (await releases("gpu-operator", "pending-upgrade")).length > 0);
  await wayOut();
  held.clear();
  const next = await up();
  expect(errorsOf(next)).toEqual([]);
  expect(next.steps.map(({ op, name }) => `${op} ${name}`)).toContain("update gpu-operator");
  expect(await operator.do("pulumi up")).toMatch(/^Resources:\n +\d+ unchanged$/m);
  expect((await releases("gpu-operator", "deployed")).length).toBe(1);
});

test("while the stack was being destroyed: another destroy goes on", async () => {
  const { controls, cloud } = deployment.workspace.standIns;
  const isAskedToGo = () =>
    Promise.resolve(controls.pending.some((attempt) => attempt.operation === "delete" && attempt.name === "system"));
  await killedWhen("the deletion of the system pool", isAskedToGo, {
    run: () => deployment.workspace.destroy(),
    held: new RegExp(`^delete ${NODE_GROUP} system`),
  });
  await operator.do("pulumi cancel");
  expect(errorsOf(await deployment.workspace.destroy())).toEqual([]);
  expect(deployment.workspace.state().resources).toEqual([]);
  expect(cloud.all).toEqual([]);
});

remedy("up-interrupted", () => operator);
