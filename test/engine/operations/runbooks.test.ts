/**
 * docs/operations.md, done: every command that it gives is run by a person's hands, or stands in NOT_RUN with the reason. One deployment goes through it from the
 * first look into the cluster to its end.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import { MIG_CONFIG_LABEL } from "../../../src/well-known/labels";
import { podsNamed, publishedDevices, waitForDevices, waitForRunning } from "../../harness/fleet/cluster";
import { pod } from "../../harness/fleet/manifests";
import { waitFor } from "../../../src/live/wait";
import { blocksOf, commandsOf, section, sections } from "../../support/operations";
import { Deployment } from "../../harness/engine/deployment";
import { Operator } from "../../harness/engine/operator";
import { errorsOf } from "../../harness/engine/workspace";
import { POOL } from "./changes-table";

/** Sections whose commands another file runs. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "An `up` that was interrupted": "interrupted.test.ts",
  "The cluster is gone already": "destroy.test.ts",
};
const NOT_RUN: readonly (readonly [RegExp, string])[] = [
  [/^aws /, "there is no AWS"],
  [/^kubectl .* logs /, "no kubelet answers for a log: the container runs as a process of the test"],
];

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

async function gpuNode(): Promise<string> {
  const [node] = await deployment.api.list("/api/v1/nodes", "labelSelector=node-role%3Dgpu");
  return String(node?.metadata["name"]);
}

const label = (node: string, layout: string) =>
  deployment.api.merge(
    { apiVersion: "v1", kind: "Node", metadata: { name: node } },
    { metadata: { labels: { [MIG_CONFIG_LABEL]: layout } } },
  );

test("Getting in", async () => {
  const [first = "", second = ""] = steps("Getting in");
  await operator.do(first);
  expect(await operator.do(second)).toContain(await gpuNode());
});

test("a plugin that publishes nothing", async () => {
  const node = await gpuNode();
  deployment.fleet.spoilPlugin(node, { type: "silent" });
  await deployment.api.deleteAll("/api/v1/namespaces/nvidia-dra-driver/pods", `fieldSelector=spec.nodeName%3D${node}`);
  await waitForDevices(deployment.api, 0);
  expect(await operator.do("kubectl -n nvidia-dra-driver get pods -o wide")).toContain(node);
  await operator.do("kubectl -n nvidia-dra-driver delete pod --field-selector spec.nodeName=NODE", { NODE: node });
  await waitForDevices(deployment.api, BALANCED);
});

test("A node whose layout has failed", async () => {
  const { api } = deployment;
  const node = await gpuNode();
  const [drain = "", tryAgain = "", uncordon = ""] = steps("A node whose layout has failed");
  await label(node, "all-1g.5gb");
  await waitFor("the failure", async () => {
    const { metadata } = await api.get(`/api/v1/nodes/${node}`);
    return metadata.labels["nvidia.com/mig.config.state"] === "failed";
  });
  await waitForDevices(api, 0);
  const drained = await operator.run(drain, { NODE: node, "2m": "20s" });
  expect(drained.code).not.toBe(0);
  // kubectl says one or the other, whichever of its clocks ends first.
  expect(drained.stderr).toMatch(/global timeout reached: 20s|context deadline exceeded/);
  await operator.do(tryAgain, { NODE: node });
  await waitForDevices(api, 56);
  await operator.do(uncordon, { NODE: node });
  await waitForRunning(api, TEAM, "mig-small-inference", 1);

  await operator.do(drain, { NODE: node, "2m": "60s" });
  await label(node, "all-balanced");
  await waitForDevices(api, BALANCED);
  await operator.do(uncordon, { NODE: node });
  await waitForRunning(api, TEAM, "mig-", PODS);
});

test("Changing a layout, and back", async () => {
  const { api } = deployment;
  const [show = "", find = "", drain = "", up = "", uncordon = "", back = ""] = steps("Changing a layout").filter(
    (command) => !command.endsWith("--force"),
  );
  const [yaml = ""] = blocksOf(section("Changing a layout"), "yaml");
  deployment.workspace.configure({ gpuPools: parse(yaml) });
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
  expect((await publishedDevices(api)).size).toBe(4 * 4 + 4 * 7);
  await waitForRunning(api, TEAM, "mig-", PODS);

  await operator.do(drain, { NODEGROUP: group });
  await operator.do(back);
  await operator.do("pulumi up --skip-preview");
  await operator.do(uncordon, { NODEGROUP: group });
  expect((await publishedDevices(api)).size).toBe(BALANCED);
  await waitForRunning(api, TEAM, "mig-", PODS);
});

test("A node is lost", async () => {
  const { api } = deployment;
  const node = await gpuNode();
  const lost = await podsNamed(api, TEAM, "mig-");
  await deployment.loseInstance(node);
  const [command = ""] = steps("A node is lost");
  for (const { metadata } of lost) {
    const { code, stderr } = await operator.run(command, { NAMESPACE: TEAM, POD: String(metadata["name"]) });
    // The control plane may have been faster.
    expect([code === 0 || stderr.includes("NotFound"), stderr]).toEqual([true, stderr]);
  }
  await deployment.endJobBackOff();
  await waitForRunning(api, TEAM, "mig-", PODS);
  expect(await gpuNode()).not.toBe(node);
});

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

test("Teardown that leaves nothing behind", async () => {
  const { api, workspace } = deployment;
  await prometheus();
  const commands = steps("Teardown that leaves nothing behind").filter((command) => !command.startsWith("aws "));
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
});

test("nothing that the document gives to be run has been left out", () => {
  const left = sections()
    .filter(({ heading }) => ELSEWHERE[heading] === undefined)
    .flatMap(({ heading }) => operator.left(heading))
    .filter((command) => !NOT_RUN.some(([pattern]) => pattern.test(command)));
  expect(left).toEqual([]);
});
