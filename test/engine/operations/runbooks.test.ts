/**
 * The remedies of docs/operations.md that need `pulumi` or AWS. One deployment goes through them from the first look into the cluster to its end.
 * Remedies that need `kubectl` only are in test/cluster/fleet.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { podsNamed, publishedDevices, waitForDevices, waitForRunning } from "../../harness/fleet/cluster";
import { pod } from "../../harness/fleet/manifests";
import { remedy } from "../../harness/fleet/reader";
import { waitFor } from "../../../src/live/wait";
import { blocksOf, commandsOf, section } from "../../support/operations";
import { Deployment, STAND_IN_CHARTS } from "../../harness/engine/deployment";
import { Operator } from "../../harness/engine/operator";
import { errorsOf } from "../../harness/engine/workspace";
import { POOL } from "./changes-table";

const TEAM = "mig-test";
const PODS = 3;
const BALANCED = 32;

let deployment: Deployment;
let operator: Operator;
beforeAll(async () => {
  deployment = await Deployment.open({ config: { deletionProtection: true } });
  const outcome = await deployment.workspace.up({ pack: false });
  if (!outcome.succeeded) {
    throw new Error([...errorsOf(outcome), outcome.stderr].join("\n"));
  }
  operator = new Operator(deployment);
  await waitForRunning(deployment.api, TEAM, "mig-", PODS);
});
afterAll(() => deployment.close());

/** The commands of a section's blocks in order, of which a test runs each. */
const steps = (heading: string) => commandsOf(section(heading));

async function gpuNodes(): Promise<readonly string[]> {
  const nodes = await deployment.api.list("/api/v1/nodes", "labelSelector=node-role%3Dgpu");
  return nodes.map(({ metadata }) => String(metadata["name"]));
}

async function gpuNode(): Promise<string> {
  const [node = ""] = await gpuNodes();
  return node;
}

/** The name of the GPU pool's node group, as nodes have it. */
async function nodeGroup(): Promise<string> {
  const { metadata } = await deployment.api.get(`/api/v1/nodes/${await gpuNode()}`);
  return String(metadata.labels["eks.amazonaws.com/nodegroup"]);
}

remedy(
  "getting-in",
  () => operator,
  async ([first = "", second = ""]) => {
    await operator.do(first);
    expect(await operator.do(second)).toContain(await gpuNode());
  },
);

const PANIC = "Kernel panic - not syncing: Fatal exception";

remedy(
  "instance-never-joins",
  () => operator,
  async ([describe = "", list = "", joined = "", look = "", terminate = ""]) => {
    const { api, workspace, fleet } = deployment;
    const group = { CLUSTER: "shared-gpu", NODEGROUP: await nodeGroup() };
    const running = await podsNamed(api, TEAM, "mig-");
    deployment.strandNext("a100", PANIC);
    await deployment.configure({ gpuPools: [{ ...POOL, size: { ...POOL.size, desired: 2 } }] });
    const up = workspace.up({ pack: false });
    const gateLog = async () =>
      (await podsNamed(api, "partition-gate", "")).map(({ metadata }) => fleet.logOf("partition-gate", String(metadata["name"]))).join();
    await waitFor("the gate to miss a node", async () => (await gateLog()).includes("1 of 2 nodes have joined"), {
      timeoutMs: 180_000,
      describe: gateLog,
    });

    expect(await operator.do(describe, group)).toContain('"issues": []');
    const ids = (await operator.do(list, group)).trim().split("\t");
    const nodes = await operator.do(joined, group);
    const [missing = "", ...others] = ids.filter((id) => !nodes.includes(id));
    expect([ids.length, others]).toEqual([2, []]);
    expect(await operator.do(look, { INSTANCE: missing })).toContain(PANIC);
    await operator.do(terminate, { INSTANCE: missing });
    expect(errorsOf(await up)).toEqual([]);
    await waitForDevices(api, 2 * BALANCED);
    expect((await podsNamed(api, TEAM, "mig-")).map(({ metadata }) => metadata["uid"])).toEqual(
      running.map(({ metadata }) => metadata["uid"]),
    );
  },
);

async function changeLayout([show = "", find = "", drain = "", up = "", uncordon = "", back = ""]: readonly string[]): Promise<void> {
  const { api } = deployment;
  const [yaml = ""] = blocksOf(section("Changing a layout"), "yaml");
  // With a second node, because all nodes of a pool change at once.
  const pools = (parse(yaml) as readonly (typeof POOL)[]).map((pool) => ({ ...pool, size: { ...pool.size, desired: 2 } }));
  deployment.workspace.configure({ gpuPools: pools });
  await operator.do(show);
  const [, group = ""] = /(\S+)\s*$/m.exec((await operator.do(find)).split("\n").slice(1).join("\n")) ?? [];

  // A pod that nothing would make anew.
  const bare = pod({ name: "bare", namespace: TEAM, claims: [{ resourceClaimTemplateName: "mig-small-template" }] });
  await api.create(bare);
  await waitForRunning(api, TEAM, "bare", 1);
  const refused = await operator.run(drain, { NODEGROUP: group });
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("cannot delete Pods that declare no controller (use --force to override)");
  expect((await podsNamed(api, TEAM, "mig-")).map(({ metadata }) => metadata["deletionTimestamp"])).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect((await operator.run(`${drain} --force`, { NODEGROUP: group })).code).toBe(0);
  expect(await podsNamed(api, TEAM, "bare")).toEqual([]);

  expect(await operator.do(up)).toContain("partition-gate");
  await operator.do(uncordon, { NODEGROUP: group });
  expect((await publishedDevices(api)).size).toBe(2 * (4 * 4 + 4 * 7));
  await waitForRunning(api, TEAM, "mig-", PODS);

  await operator.do(drain, { NODEGROUP: group });
  await operator.do(back);
  await operator.do("pulumi up --skip-preview");
  await operator.do(uncordon, { NODEGROUP: group });
  expect((await publishedDevices(api)).size).toBe(2 * BALANCED);
  await waitForRunning(api, TEAM, "mig-", PODS);
}
remedy("change-layout", () => operator, changeLayout);

/** Pods of the team that are bound to a node. */
async function podsOn(node: string): Promise<readonly KubernetesObject[]> {
  return (await podsNamed(deployment.api, TEAM, "mig-")).filter(({ spec }) => spec.nodeName === node);
}

async function loseNode([command = ""]: readonly string[]): Promise<void> {
  const { api } = deployment;
  const [first] = await podsNamed(api, TEAM, "mig-");
  const node = String(first?.["spec"].nodeName);
  const lost = await podsOn(node);
  await deployment.loseInstance(node);
  for (const { metadata } of lost) {
    const { code, stderr } = await operator.run(command, { NAMESPACE: TEAM, POD: String(metadata["name"]) });
    // The control plane may have been faster.
    expect([code === 0 || stderr.includes("NotFound"), stderr]).toEqual([true, stderr]);
  }
  await deployment.endJobBackOff();
  await waitForRunning(api, TEAM, "mig-", PODS);
  expect(await gpuNodes()).not.toContain(node);
}
remedy("lost-node", () => operator, loseNode);

remedy(
  "dead-node",
  () => operator,
  async ([look = "", terminate = ""]) => {
    const { api, workspace, fleet } = deployment;
    const dead = await gpuNode();
    await fleet.die(dead);
    // Whatever changes a DaemonSet of a chart.
    const tolerations = [{ key: "nvidia.com/gpu", operator: "Exists" }];
    const draDriver = { ...STAND_IN_CHARTS.draDriver, values: { kubeletPlugin: { tolerations } } };
    await deployment.configure({ charts: { ...STAND_IN_CHARTS, draDriver } });
    let hasEnded = false;
    const up = workspace.up({ pack: false }).finally(() => (hasEnded = true));
    const path = "/apis/apps/v1/namespaces/nvidia-dra-driver/daemonsets";
    const counts = async () =>
      (await api.list(path)).map(({ status }) => [status?.updatedNumberScheduled, status?.desiredNumberScheduled].join("/")).join();
    // The pod on the dead node is to be replaced too, and nobody ends it.
    await waitFor("the update to begin", async () => (await counts()) !== "2/2", { timeoutMs: 120_000, describe: counts });
    await sleep(5000);
    expect([(await counts()) === "2/2", hasEnded]).toEqual([false, false]);

    const line = (await operator.do(look)).split("\n").find((candidate) => candidate.startsWith(`${dead} `)) ?? "";
    const [, state, instance = ""] = line.split(/\s+/);
    expect(state).toBe("Unknown");
    await operator.do(terminate, { INSTANCE: instance.split("/").at(-1) ?? "" });
    expect(errorsOf(await up)).toEqual([]);
    await waitForDevices(api, 2 * BALANCED);
    await Promise.all((await podsOn(dead)).map((lost) => api.delete(lost)));
    await deployment.endJobBackOff();
    await waitForRunning(api, TEAM, "mig-", PODS);
  },
);

test("Rolling GPU nodes: a pool is parked, and the rehearsal says whose pods wait meanwhile", async () => {
  for (const command of steps("Rolling GPU nodes (AMI, Kubernetes version, volume size)")) {
    await operator.do(command);
  }
  const rehearsed = await operator.run("npm start");
  expect(rehearsed.code).toBe(1);
  expect(rehearsed.stdout).toContain("Job mig-test/mig-large-training");
  expect(await deployment.api.list("/api/v1/nodes", "labelSelector=node-role%3Dgpu")).toEqual([]);
});

test("Adding a node, a pool, a team: the parked pool gets its node again", async () => {
  deployment.workspace.configure({ gpuPools: [{ ...POOL, size: { desired: 1, min: 1, max: 2 } }] });
  for (const command of steps("Adding a node, a pool, a team")) {
    await operator.do(command);
  }
  await deployment.endJobBackOff();
  await waitForRunning(deployment.api, TEAM, "mig-", PODS);
});

/** What Prometheus' operator makes of its resource, and the volume that the CSI driver has made for it. */
async function prometheus(): Promise<void> {
  const { api } = deployment;
  const names = { kind: "Prometheus", listKind: "PrometheusList", plural: "prometheuses", singular: "prometheus" };
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  await api.create({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "prometheuses.monitoring.coreos.com" },
    spec: { group: "monitoring.coreos.com", scope: "Namespaced", names, versions: [{ name: "v1", served: true, storage: true, schema }] },
  });
  const path = "/apis/monitoring.coreos.com/v1/namespaces/monitoring/prometheuses";
  const resource = { apiVersion: "monitoring.coreos.com/v1", kind: "Prometheus", metadata: { name: "main", namespace: "monitoring" } };
  const created = async () => (await api.request("POST", path, { contentType: "application/json", content: resource })).status;
  await waitFor("Prometheus' API", async () => (await created()) === 201);
  const { metadata } = await api.get(`${path}/main`);
  const storage = { storageClassName: "gp3", accessModes: ["ReadWriteOnce"] };
  await api.create({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "pvc-prometheus" },
    spec: {
      ...storage,
      capacity: { storage: "50Gi" },
      persistentVolumeReclaimPolicy: "Delete",
      csi: { driver: "ebs.csi.aws.com", volumeHandle: "vol-1" },
    },
  });
  const labels = { app: "prometheus" };
  await api.create({
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: {
      name: "prometheus-main",
      namespace: "monitoring",
      ownerReferences: [{ apiVersion: resource.apiVersion, kind: resource.kind, name: "main", uid: metadata.uid, controller: true }],
    },
    spec: {
      serviceName: "prometheus",
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "stand-in" }] } },
      volumeClaimTemplates: [{ metadata: { name: "db" }, spec: { ...storage, resources: { requests: { storage: "50Gi" } } } }],
    },
  });
  await waitForRunning(api, "monitoring", "prometheus-main", 1);
}

/** Deletes volumes that no claim holds any more, as the CSI driver does, until it is stopped. */
function csiDriver(): () => Promise<void> {
  const { api } = deployment;
  let isOn = true;
  const work = (async () => {
    while (isOn) {
      const volumes = await api.list("/api/v1/persistentvolumes");
      const released = volumes.filter(({ status }) => status?.phase === "Released");
      await Promise.all(released.map((volume) => api.delete({ ...volume, apiVersion: "v1", kind: "PersistentVolume" })));
      await sleep(200);
    }
  })();
  return () => {
    isOn = false;
    return work;
  };
}

async function teardown(commands: readonly string[]): Promise<void> {
  const { api, workspace } = deployment;
  await prometheus();
  const protectedStack = await workspace.destroy();
  expect(errorsOf(protectedStack).join("\n")).toMatch(/protected/);
  const stopDriver = csiDriver();
  try {
    for (const command of commands) {
      await operator.do(command);
      if (command.startsWith("kubectl wait")) {
        expect(await api.list("/api/v1/persistentvolumes")).toEqual([]);
      }
    }
  } finally {
    await stopDriver();
  }
  expect(workspace.state().resources).toEqual([]);
  expect(workspace.standIns.cloud.all).toEqual([]);
}
remedy("teardown", () => operator, teardown);
