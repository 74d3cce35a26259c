/**
 * The remedies of docs/operations.md that need `kubectl` only: each fault on simulated nodes under the real control plane, and the commands as the page prints
 * them. Remedies that need `pulumi` or AWS are in test/engine/operations.
 */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Node } from "../../../src/cluster/nodes";
import type { Container, Exit } from "../../../src/fleet/pods/container";
import { installOperators } from "../../../src/fleet/operators/operators";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { waitFor } from "../../../src/live/wait";
import type { Release } from "../../../src/releases/types";
import { MIG_CONFIG_LABEL } from "../../../src/well-known/labels";
import { DRA_DRIVER_NAMESPACE, GPU_OPERATOR_NAMESPACE, MONITORING_NAMESPACE } from "../../../src/well-known/namespaces";
import {
  gpuNodes,
  heldByPod,
  podsNamed,
  publishedDevices,
  startCluster,
  successorOf,
  waitForDevices,
  waitForMigState,
  waitForRunning,
} from "../../harness/fleet/cluster";
import type { Cluster } from "../../harness/fleet/cluster";
import { FaultyFleet } from "../../harness/fleet/faulty-fleet";
import { deployment, namespace, pod, template } from "../../harness/fleet/manifests";
import { migPartedBinary } from "../../harness/gpu-node/binaries";
import { kubectlReader, remedy } from "../../harness/fleet/reader";
import type { Reader } from "../../harness/fleet/reader";
import { applyStack, registeredObjects } from "../../support/stack-objects";
import { testedRelease } from "../../support/tested-release";

const LAB = "lab";
const BALANCED = 32;
const SMALLEST = 56;
const CLIENTS_MS = 5000;
const DCGM_EXPORTER = "nvidia-dcgm-exporter";

/** Whether the processes of the DCGM exporter do not end, not even when they are killed: they hang in the driver. */
let exporterHangs = false;
const released = new EventTarget();
function hangingContainer(): Promise<Container> {
  const exit = once(released, "release").then((): Exit => ({ exitCode: 137, message: "" }));
  return Promise.resolve({ exit, stop: () => exit });
}
function endExporter(): void {
  exporterHangs = false;
  released.dispatchEvent(new Event("release"));
}
const behaviourOf = ({ metadata }: KubernetesObject) =>
  exporterHangs && metadata["labels"]?.["app"] === DCGM_EXPORTER ? ({ type: "container", start: hangingContainer } as const) : undefined;

let cluster: Cluster;
let reader: Reader;
/** The GPU node of the moment. */
let node: Node;
beforeAll(async () => {
  cluster = await startCluster({}, { behaviourOf, clientsMs: CLIENTS_MS });
  const { api, recording, nodes, fleet } = cluster;
  const [first] = gpuNodes(nodes);
  if (first === undefined) {
    throw new Error("the dev stack has no GPU node");
  }
  node = first;
  const objects = registeredObjects(recording).map(({ object }) => object);
  await applyStack(
    api,
    objects.filter(({ kind }) => ["Namespace", "DeviceClass", "StorageClass"].includes(kind)),
  );
  await installOperators(api);
  await fleet.join(nodes.nodes);
  await cluster.apply([namespace(LAB), template("small", LAB, "mig-small.nvidia.com")]);
  reader = await kubectlReader(api);
  await waitForDevices(api, BALANCED);
});
afterAll(() => {
  endExporter();
  return cluster.stop();
});

const SMALL = [{ resourceClaimTemplateName: "small" }];
const service = deployment(2, { name: "service", namespace: LAB, claims: SMALL });
/** On a system node, where nothing of a GPU node's faults may be felt. */
const bystander = deployment(1, { name: "bystander", namespace: LAB, claims: [], isTolerant: false });

const uidsOf = async (prefix: string) => (await podsNamed(cluster.api, LAB, prefix)).map(({ metadata }) => metadata["uid"]);

/** Sets the layout of the node's group. */
async function relabel(layout: string): Promise<void> {
  node = { ...node, labels: { ...node.labels, [MIG_CONFIG_LABEL]: layout } };
  await cluster.fleet.update(node);
}

async function waitForUnplaced(name: string): Promise<void> {
  const object = { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: LAB } };
  await waitFor("the scheduler's word", async () =>
    JSON.stringify((await cluster.api.find(object))?.["status"]).includes("cannot allocate all claims"),
  );
}

async function expectDistinctDevices(pods: number): Promise<void> {
  const devices = Object.values(await heldByPod(cluster.api, LAB)).flat();
  expect(devices).toHaveLength(pods);
  expect(new Set(devices).size).toBe(pods);
}

/** Removes the objects, and waits until no pod and no claim is left of them. */
async function remove(...objects: readonly KubernetesObject[]): Promise<void> {
  await Promise.all(objects.map((object) => cluster.api.delete(object)));
  await waitFor("the end of all claims", async () => {
    const claims = await cluster.api.list(`/apis/resource.k8s.io/v1/namespaces/${LAB}/resourceclaims`);
    return claims.filter(({ metadata }) => metadata["ownerReferences"] !== undefined).length === 0;
  });
}

remedy(
  "failed-in-use",
  () => reader,
  async ([drain = "", tryAgain = "", uncordon = ""]) => {
    const { api } = cluster;
    await cluster.apply([service, bystander]);
    await waitForRunning(api, LAB, "service", 2);
    await waitForRunning(api, LAB, "bystander", 1);
    const untouched = await uidsOf("bystander");

    await relabel("all-1g.5gb");
    await waitForMigState(api, node, "failed");
    await waitForDevices(api, 0);
    const late = pod({ name: "late", namespace: LAB, claims: SMALL });
    await cluster.apply([late]);
    await waitForUnplaced("late");
    // The way back can be barred: the GPU in use may have lost the slices that were free. That depends on the order in which the driver lists them.
    if (migPartedBinary() === undefined) {
      await relabel("all-balanced");
      await sleep(1000);
      await waitForMigState(api, node, "failed");
      await relabel("all-1g.5gb");
      await waitForMigState(api, node, "failed");
    }

    const drained = await reader.run(drain, { NODE: node.name, "2m": "10s" });
    expect(drained.code).not.toBe(0);
    // kubectl says one or the other, whichever of its clocks ends first.
    expect(drained.stderr).toMatch(/global timeout reached: 10s|context deadline exceeded/);
    const going = (await podsNamed(api, LAB, "service")).filter(({ metadata }) => metadata["deletionTimestamp"] !== undefined);
    expect(going).toHaveLength(2);

    await reader.do(tryAgain, { NODE: node.name });
    await waitForDevices(api, SMALLEST);
    await reader.do(uncordon, { NODE: node.name });
    await waitForRunning(api, LAB, "service", 2);
    await waitForRunning(api, LAB, "late", 1);
    await expectDistinctDevices(3);
    expect(await uidsOf("bystander")).toEqual(untouched);
    await remove(service, late, bystander);
    await relabel("all-balanced");
    await waitForDevices(api, BALANCED);
  },
);

remedy(
  "stuck-pending",
  () => reader,
  async ([look = "", tryAgain = ""]) => {
    const { api } = cluster;
    const labels = async () => (await api.get(`/api/v1/nodes/${node.name}`)).metadata.labels as Readonly<Record<string, string>>;
    const exporters = () => podsNamed(api, GPU_OPERATOR_NAMESPACE, DCGM_EXPORTER);
    const before = (await exporters()).map(({ metadata }) => metadata["uid"] as string);
    exporterHangs = true;
    await api.deleteAll(`/api/v1/namespaces/${GPU_OPERATOR_NAMESPACE}/pods`, `labelSelector=app%3D${DCGM_EXPORTER}`);
    await waitFor("another exporter", async () =>
      (await exporters()).some(({ metadata, status }) => status?.phase === "Running" && !before.includes(String(metadata["uid"]))),
    );
    await relabel("all-1g.5gb");
    await waitForMigState(api, node, "pending");
    await sleep(CLIENTS_MS + 1000);
    expect(await reader.do(look, { NODE: node.name })).toMatch(new RegExp(`${DCGM_EXPORTER}\\S* .*Terminating`));
    endExporter();
    await waitFor("the end of the exporter", async () => (await exporters()).length === 0);
    // Nothing holds it up any more, and nobody tries.
    await sleep(2000);
    expect(await labels()).toMatchObject({
      "nvidia.com/mig.config.state": "pending",
      "nvidia.com/gpu.deploy.dcgm-exporter": "paused-for-mig-change",
    });
    expect((await publishedDevices(api)).size).toBe(0);

    await reader.do(tryAgain, { NODE: node.name });
    await waitForDevices(api, SMALLEST);
    await waitForRunning(api, GPU_OPERATOR_NAMESPACE, DCGM_EXPORTER, 1);
    await relabel("all-balanced");
    await waitForDevices(api, BALANCED);
  },
);

remedy(
  "silent-plugin",
  () => reader,
  async ([look = "", restart = ""]) => {
    const { api, fleet } = cluster;
    const faults = [
      { type: "silent", devices: 0 },
      { type: "partial", devices: BALANCED / 2 },
      { type: "stale", devices: 8 },
    ] as const;
    for (const { type, devices } of faults) {
      fleet.spoilPlugin(node.name, { type });
      await api.deleteAll(`/api/v1/namespaces/${DRA_DRIVER_NAMESPACE}/pods`, `fieldSelector=spec.nodeName%3D${node.name}`);
      await waitForDevices(api, devices);
      expect(await reader.do(look)).toContain(node.name);
      await reader.do(restart, { NODE: node.name });
      await waitForDevices(api, BALANCED);
    }
  },
);

remedy(
  "volume-zone",
  () => reader,
  async ([look = "", zones = "", deleteClaim = "", deletePod = ""]) => {
    const { api, fleet, nodes } = cluster;
    const prometheus = prometheusStatefulSet();
    const pods = () => podsNamed(api, MONITORING_NAMESPACE, "prometheus-");
    await cluster.apply([prometheus]);
    await waitForRunning(api, MONITORING_NAMESPACE, "prometheus-", 1);
    const [first] = await pods();
    const zoneOf = (name: unknown) => nodes.nodes.find((candidate) => candidate.name === name)?.zone;
    const zone = zoneOf(first?.["spec"].nodeName);
    const lost = nodes.nodes.filter((candidate) => candidate.layout === undefined && candidate.zone === zone);
    // They are rolled, and their successors come in other zones.
    await Promise.all(lost.map(({ name }) => fleet.leave(name)));
    await api.delete({ apiVersion: "v1", kind: "Pod", metadata: { name: "prometheus-main-0", namespace: MONITORING_NAMESPACE } });
    await waitFor(
      "a pod that fits nowhere",
      async () => JSON.stringify(await pods()).includes("didn't match PersistentVolume's node affinity"),
      {
        describe: async () => JSON.stringify((await pods()).map(({ status }) => status?.conditions as object)),
      },
    );

    expect(await reader.do(look)).toMatch(/prometheus-main-0 .*Pending/);
    expect(await reader.do(zones)).not.toContain(` ${String(zone)}\n`);
    await reader.do(deleteClaim);
    await reader.do(deletePod);
    await waitForRunning(api, MONITORING_NAMESPACE, "prometheus-", 1);
    const [second] = await pods();
    expect(zoneOf(second?.["spec"].nodeName)).not.toBe(zone);
    await api.delete(prometheus);
    await fleet.join(lost.map(successorOf));
  },
);

/** As the Prometheus operator makes it of the chart's resource (prometheus-operator `pkg/prometheus/server/statefulset.go`): the labels of its selector go to the volume claim too. */
function prometheusStatefulSet(): KubernetesObject {
  const labels = { "app.kubernetes.io/name": "prometheus" };
  const spec: unknown = pod({ name: "main", namespace: MONITORING_NAMESPACE, claims: [], isTolerant: false })["spec"];
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "prometheus-main", namespace: MONITORING_NAMESPACE },
    spec: {
      serviceName: "prometheus",
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec },
      volumeClaimTemplates: [
        {
          metadata: { name: "db" },
          spec: { storageClassName: "gp3", accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "50Gi" } } },
        },
      ],
    },
  };
}

const shared: KubernetesObject = {
  apiVersion: "resource.k8s.io/v1",
  kind: "ResourceClaim",
  metadata: { name: "shared", namespace: LAB },
  spec: { devices: { requests: [{ name: "slice", exactly: { deviceClassName: "mig-small.nvidia.com" } }] } },
};
const pair = deployment(2, { name: "pair", namespace: LAB, claims: [{ resourceClaimName: "shared" }] });
const restartsOf = async (prefix: string) =>
  (await podsNamed(cluster.api, LAB, prefix)).map(({ status }) => Number(status?.containerStatuses?.[0].restartCount));

async function runWorkloads(): Promise<void> {
  await cluster.apply([shared, service, pair]);
  await waitForRunning(cluster.api, LAB, "service", 2);
  await waitForRunning(cluster.api, LAB, "pair", 2);
}

async function expectReady(prefix: string): Promise<void> {
  const ready = async () =>
    (await podsNamed(cluster.api, LAB, prefix)).map(({ status }) => status?.containerStatuses?.[0].ready as boolean);
  await waitFor(`${prefix} to be ready`, async () => (await ready()).join() === "true,true", {
    describe: async () => (await ready()).join(),
  });
}

/** A reboot after which every container is started once more, on the slice that its pod has held before. */
async function expectSurvivedReboot(fleet: FaultyFleet): Promise<void> {
  const { api } = cluster;
  await runWorkloads();
  const before = [await uidsOf("service"), await uidsOf("pair"), await heldByPod(api, LAB)];
  await fleet.reboot(node.name);
  await waitForDevices(api, BALANCED);
  await expectReady("service");
  await expectReady("pair");
  expect(await restartsOf("")).toEqual([1, 1, 1, 1]);
  expect([await uidsOf("service"), await uidsOf("pair"), await heldByPod(api, LAB)]).toEqual(before);
  await remove(service, pair, shared);
}

/** Has a node with another version of the DRA driver take the place of the node. */
async function withDriver(draDriver: Release["draDriver"], body: (fleet: FaultyFleet) => Promise<void>): Promise<void> {
  const { api, fleet } = cluster;
  await fleet.leave(node.name);
  await waitForDevices(api, 0);
  const second = new FaultyFleet(api, { release: { ...testedRelease(), draDriver } });
  await second.start();
  try {
    node = successorOf(node);
    await second.join([node]);
    await waitForDevices(api, BALANCED);
    await body(second);
    await second.leave(node.name);
    await waitForDevices(api, 0);
  } finally {
    await second.stop();
  }
  node = successorOf(node);
  await fleet.join([node]);
  await waitForDevices(api, BALANCED);
}

remedy(
  "reboot-with-claims",
  () => reader,
  () => expectSurvivedReboot(cluster.fleet),
);

remedy(
  "reboot-with-claims-25.8",
  () => reader,
  () => withDriver({ version: "25.8.1", line: "25.8" }, expectSurvivedReboot),
);

remedy(
  "reboot-with-claims-25.12",
  () => reader,
  ([look = "", drain = "", uncordon = ""]) =>
    withDriver({ version: "25.12.0", line: "25.12" }, async (fleet) => {
      const { api } = cluster;
      await runWorkloads();
      await fleet.reboot(node.name);
      await waitForDevices(api, BALANCED);
      const stuck = async () =>
        (await reader.do(look, { NODE: node.name })).split("\n").filter((line) => line.includes("CreateContainerError"));
      await waitFor("four pods that cannot start", async () => (await stuck()).length === 4, {
        describe: async () => (await stuck()).join("\n"),
      });
      const [one] = await podsNamed(api, LAB, "pair");
      expect(JSON.stringify(one?.["status"])).toContain("unresolvable CDI devices");
      // Of pods with one claim, a single one deleted helps nobody: its successor finds the claim as it was.
      await api.request("DELETE", await api.pathOf(one as KubernetesObject));
      await waitFor("its successor", async () =>
        (await podsNamed(api, LAB, "pair")).every(({ metadata }) => metadata["uid"] !== one?.metadata["uid"]),
      );
      await waitFor("four pods that cannot start", async () => (await stuck()).length === 4, {
        describe: async () => (await stuck()).join("\n"),
      });

      await reader.do(drain, { NODE: node.name });
      await reader.do(uncordon, { NODE: node.name });
      await expectReady("service");
      await expectReady("pair");
      expect(await restartsOf("")).toEqual([0, 0, 0, 0]);
      await remove(service, pair, shared);
    }),
);
