/** The recorded partition gate as a Job of a real cluster: its script really runs, as its own service account, against nodes that do not always get there. */
import type { Expectation } from "../../../src/kubernetes/partition-gate/expectation";
import { GATE_NAME } from "../../../src/kubernetes/partition-gate/job";
import { DRA_DRIVER_NAMESPACE, PARTITION_GATE_NAMESPACE } from "../../../src/well-known/namespaces";
import type { Node } from "../../../src/cluster/nodes";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { applyStack, registeredObjects } from "../../support/stack-objects";
import { waitFor } from "../../../src/live/wait";
import { gpuNodes, podsNamed, startCluster, successorOf, waitForDevices, waitForMigState } from "../../harness/fleet/cluster";
import type { Cluster } from "../../harness/fleet/cluster";
import { installOperators } from "../../../src/fleet/operators/operators";

interface Outcome {
  /** Type and reason of the Job's last condition. */
  readonly job: string;
  readonly message: string;
  readonly log: string;
}

/** Patient with the cluster, but quick to look. */
const PACE = { timeoutSeconds: 120, pollSeconds: 0.05, graceSeconds: 0.5 };
/** Out of patience after a second; what is wrong is there to be seen from the start. */
const IMPATIENT = { ...PACE, timeoutSeconds: 1 };

let cluster: Cluster;
let objects: readonly KubernetesObject[];
let node: Node;
beforeAll(async () => {
  // Steps slow enough for the gate to see each of them.
  cluster = await startCluster({}, { stepMs: 1000 });
  const { api, fleet, recording, nodes } = cluster;
  const [gpuNode] = gpuNodes(nodes);
  if (gpuNode === undefined) {
    throw new Error("the dev stack has no GPU node");
  }
  node = gpuNode;
  const all = registeredObjects(recording).map(({ object }) => object);
  objects = all.filter(({ metadata }) => metadata["namespace"] === PARTITION_GATE_NAMESPACE || metadata["name"] === GATE_NAME);
  await applyStack(
    api,
    all.filter(
      ({ kind, metadata }) =>
        kind === "Namespace" || (["ServiceAccount", "ClusterRole", "ClusterRoleBinding"].includes(kind) && metadata["name"] === GATE_NAME),
    ),
  );
  await installOperators(api);
  await fleet.join(nodes.nodes.filter(({ layout }) => layout === undefined));
});
afterAll(() => cluster.stop());
afterEach(async () => {
  const { api } = cluster;
  await Promise.all(["Job", "ConfigMap"].map((kind) => api.delete(gateObject(kind))));
  await waitFor("the end of the gate", async () => (await podsNamed(api, PARTITION_GATE_NAMESPACE, "")).length === 0);
});

function gateObject(kind: string): KubernetesObject {
  const object = objects.find((candidate) => candidate.kind === kind);
  if (object === undefined) {
    throw new Error(`the stack has no ${kind} of the gate`);
  }
  return object;
}

/** Creates the gate as recorded but at another pace. */
async function startGate(pace: Partial<Expectation>): Promise<void> {
  const configMap = gateObject("ConfigMap");
  const expectation = { ...(JSON.parse(String(configMap["data"]["expectation.json"])) as Expectation), ...pace };
  await cluster.api.create({ ...configMap, data: { ...configMap["data"], "expectation.json": JSON.stringify(expectation) } });
  const { warnings, status } = await cluster.api.tryCreate(gateObject("Job"));
  // A namespace that enforces `restricted` warns of a Job whose pods it would not let in.
  expect({ warnings, status }).toEqual({ warnings: [], status: 201 });
}

async function outcome(): Promise<Outcome> {
  const { api, fleet } = cluster;
  const conditions = async () =>
    ((await api.find(gateObject("Job")))?.["status"]?.conditions ?? []) as readonly { readonly type: string; readonly reason?: string }[];
  const last = async () => (await conditions()).find(({ type }) => type === "Complete" || type === "Failed");
  const log = async () =>
    (await podsNamed(api, PARTITION_GATE_NAMESPACE, ""))
      .map(({ metadata }) => fleet.logOf(PARTITION_GATE_NAMESPACE, String(metadata["name"])))
      .join("\n");
  await waitFor("the gate's verdict", async () => (await last()) !== undefined, { timeoutMs: 150_000, describe: log });
  const condition = await last();
  const [gatePod] = await podsNamed(api, PARTITION_GATE_NAMESPACE, "");
  return {
    job: `${condition?.type ?? ""} ${condition?.reason ?? ""}`,
    message: String(gatePod?.["status"].containerStatuses[0].state.terminated.message ?? ""),
    log: await log(),
  };
}

const none = () => undefined;

/** A test with a new GPU node: pods of one that has gone are still bound to its name. */
async function withNode(prepare: (name: string) => void, test: () => Promise<void>): Promise<void> {
  const { api, fleet } = cluster;
  node = successorOf(node);
  prepare(node.name);
  await fleet.join([node]);
  try {
    await test();
  } finally {
    await fleet.leave(node.name);
    await waitForDevices(api, 0);
  }
}

test("it opens once every slice is published, having told of each step on the way", async () => {
  await startGate(PACE);
  await waitFor("the gate to look", async () =>
    (await podsNamed(cluster.api, PARTITION_GATE_NAMESPACE, "")).some(({ status }) => status.phase === "Running"),
  );
  const late = (name: string) => cluster.fleet.spoilPlugin(name, { type: "late", afterMs: 1000 });
  await withNode(late, async () => {
    const { job, log, message } = await outcome();
    expect({ job, message }).toEqual({ job: "Complete CompletionsReached", message: "" });
    const told = [
      "mig.config.state not set",
      "mig.config.state=pending",
      "not Ready (mig.config.state=rebooting)",
      "mig.config.state=success, nothing published",
      "32 of 32 devices published: complete",
    ];
    expect(told.map((text) => log.includes(text))).toEqual(told.map(() => true));
  });
});

test("a node that never joins is told when time is up", async () => {
  await startGate(IMPATIENT);
  expect(await outcome()).toMatchObject({
    job: "Failed BackoffLimitExceeded",
    message: expect.stringMatching(
      /^The GPUs were not divided as configured within 1 s\.\np4d\.24xlarge with all-balanced: 0 of 1 nodes have joined/,
    ) as string,
  });
});

test("a node whose plugin publishes nothing is told with its state and where to look", async () => {
  const { api, fleet } = cluster;
  const silent = (name: string) => fleet.spoilPlugin(name, { type: "silent" });
  await withNode(silent, async () => {
    await waitForMigState(cluster.api, node, "success");
    await startGate(IMPATIENT);
    const { job, message } = await outcome();
    expect(job).toBe("Failed BackoffLimitExceeded");
    expect(message).toContain(`${node.name}: mig.config.state=success, nothing published for`);
    expect(message).toContain(`kubectl -n ${DRA_DRIVER_NAMESPACE} get pods --field-selector spec.nodeName=${node.name}`);
  });
  expect(await api.list("/apis/resource.k8s.io/v1/resourceslices")).toEqual([]);
});

test("a pool of which a slice is missing does not count", async () => {
  const partial = (name: string) => cluster.fleet.spoilPlugin(name, { type: "partial" });
  await withNode(partial, async () => {
    await waitForDevices(cluster.api, 16);
    await startGate(IMPATIENT);
    const { job, message } = await outcome();
    expect(job).toBe("Failed BackoffLimitExceeded");
    expect(message).toContain(`${node.name}: mig.config.state=success, 1 of 2 slices published for`);
  });
});

test("a layout that the driver refuses ends it early, with the state and the way out, which works", async () => {
  const { api, fleet } = cluster;
  const refusing = (name: string) => fleet.spoilDriver(name, true);
  await withNode(refusing, async () => {
    await startGate(PACE);
    const { job, message } = await outcome();
    expect(job).toBe("Failed BackoffLimitExceeded");
    expect(message).toMatch(/^The GPUs are not divided as configured, and waiting longer does not help\.\n/);
    expect(message).toContain(`${node.name}: mig.config.state=failed`);
    const [, space = "", selector = ""] = /kubectl -n (\S+) delete pod -l (\S+) --field-selector spec\.nodeName=/.exec(message) ?? [];
    fleet.spoilDriver(node.name, false);
    await api.deleteAll(`/api/v1/namespaces/${space}/pods`, `labelSelector=${selector}&fieldSelector=spec.nodeName%3D${node.name}`);
    await waitForDevices(api, 32);
  });
});

test("whole GPUs of a plugin that started too early are told, and the remedy that is told helps", async () => {
  const { api, fleet } = cluster;
  const stale = (name: string) => fleet.spoilPlugin(name, { type: "stale" });
  await withNode(stale, async () => {
    await waitForDevices(api, 8);
    await startGate(IMPATIENT);
    const { job, message } = await outcome();
    expect(job).toBe("Failed BackoffLimitExceeded");
    expect(message).toContain("0 of 32 devices (missing 16x 1g.5gb, 8x 2g.10gb, 8x 3g.20gb, unexpected 8x whole GPU)");
    const [, space = ""] = /kubectl -n (\S+) delete pod --field-selector spec\.nodeName=/.exec(message) ?? [];
    await api.deleteAll(`/api/v1/namespaces/${space}/pods`, `fieldSelector=spec.nodeName%3D${node.name}`);
    await waitForDevices(api, 32);
  });
});

test("without its role binding it says what it may not do", async () => {
  const { api } = cluster;
  const binding = gateObject("ClusterRoleBinding");
  await api.delete(binding);
  await startGate(PACE);
  const { job, message } = await outcome();
  expect(job).toBe("Failed BackoffLimitExceeded");
  expect(message).toMatch(
    /^API server: 403 nodes is forbidden: User "system:serviceaccount:partition-gate:partition-gate" cannot list resource "nodes"/,
  );
  expect(message).toContain("The gate's service account must be allowed to list nodes and resourceslices.");
  await api.apply(binding);
});

test("a pod that is evicted is replaced, and its successor gives the verdict", async () => {
  const { api } = cluster;
  await startGate(PACE);
  const isRunning = ({ status }: KubernetesObject) => status.phase === "Running";
  await waitFor("the gate to run", async () => (await podsNamed(api, PARTITION_GATE_NAMESPACE, "")).some(isRunning));
  const [first] = await podsNamed(api, PARTITION_GATE_NAMESPACE, "");
  const path = `/api/v1/namespaces/${PARTITION_GATE_NAMESPACE}/pods/${String(first?.metadata["name"])}/eviction`;
  const content = {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { name: first?.metadata["name"], namespace: PARTITION_GATE_NAMESPACE },
  };
  expect((await api.request("POST", path, { contentType: "application/json", content })).status).toBe(201);
  await withNode(none, async () => {
    expect(await outcome()).toMatchObject({ job: "Complete CompletionsReached", message: "" });
  });
});
