/** What becomes of slices, and of the pods that hold them, when layouts change, nodes go and the scheduler is restarted (`docs/operations.md`). */
import { LARGE_TRAINING } from "../../../src/kubernetes/fashion-mnist/workloads";
import { DRA_DRIVER_NAMESPACE, GPU_OPERATOR_NAMESPACE } from "../../../src/well-known/namespaces";
import type { Node } from "../../../src/cluster/nodes";
import { MIG_CONFIG_LABEL } from "../../../src/well-known/labels";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { liveCluster, testUnless } from "../skipped";
import { applyStack, registeredObjects } from "../../support/stack-objects";
import { waitFor } from "../../../src/live/wait";
import {
  deleteGracefully,
  gpuNodes,
  held,
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
import type { Behaviour } from "../../../src/fleet/pods/container";
import { whySimulated } from "../../harness/gpu-node/gpu-nodes";
import { isSimulatedUuid } from "../../harness/gpu-node/nvml/figures";
import { testedRelease } from "../../support/tested-release";
import { deployment, namespace, pod, template } from "../../harness/fleet/manifests";
import { installOperators } from "../../../src/fleet/operators/operators";

const LAB = "lab";
const TIERS = { large: 8, medium: 8, small: 16 };
const BALANCED = Object.values(TIERS).reduce((total, count) => total + count, 0);

/** How the containers of pods with this label `app.kubernetes.io/name` end; others do not. */
const ends = new Map<string, Behaviour>();
const endOf = ({ metadata }: KubernetesObject) => ends.get(String(metadata["labels"]?.["app.kubernetes.io/name"]));

let cluster: Cluster;
let training: KubernetesObject;
/** The GPU node of the moment, which every test leaves as it was: joined, balanced, free. */
let node: Node;
beforeAll(async () => {
  cluster = await startCluster({}, { behaviourOf: endOf });
  const { api, fleet, recording, nodes } = cluster;
  const [first] = gpuNodes(nodes);
  if (first === undefined) {
    throw new Error("the dev stack has no GPU node");
  }
  node = first;
  const objects = registeredObjects(recording).map(({ object }) => object);
  const job = objects.find(({ kind, metadata }) => kind === "Job" && metadata["name"] === LARGE_TRAINING.name);
  if (job === undefined) {
    throw new Error("the dev stack has no training");
  }
  training = job;
  await applyStack(
    api,
    objects.filter(({ kind }) =>
      ["Namespace", "DeviceClass", "ResourceClaimTemplate", "StorageClass", "PersistentVolumeClaim"].includes(kind),
    ),
  );
  await installOperators(api);
  await fleet.join([node]);
  await cluster.apply([namespace(LAB), ...Object.keys(TIERS).map((tier) => template(tier, LAB, `mig-${tier}.nvidia.com`))]);
});
beforeEach(() => waitForDevices(cluster.api, BALANCED));
afterAll(() => cluster.stop());

/** Sets the layout of the node's group. */
async function relabel(layout: string): Promise<void> {
  node = { ...node, labels: { ...node.labels, [MIG_CONFIG_LABEL]: layout } };
  await cluster.fleet.update(node);
}

async function waitForNoClaims(): Promise<void> {
  const path = `/apis/resource.k8s.io/v1/namespaces/${LAB}/resourceclaims`;
  await waitFor("the end of all claims", async () => (await cluster.api.list(path)).length === 0);
}

/** Deletes the pods of a namespace that are on the node; their daemon sets make new ones. */
async function deleteDaemons(space: string, query = ""): Promise<void> {
  await cluster.api.deleteAll(`/api/v1/namespaces/${space}/pods`, `fieldSelector=spec.nodeName%3D${node.name}&${query}`);
}

const claimOf = (tier: keyof typeof TIERS) => [{ resourceClaimTemplateName: tier }];

testUnless(whySimulated(testedRelease()), "the slices of the node are published by NVIDIA's own plugin", async () => {
  const uuids = [...(await publishedDevices(cluster.api)).values()].map(({ attributes }) => String(attributes["uuid"]?.string));
  expect(uuids.filter((uuid) => !isSimulatedUuid(uuid))).toEqual([]);
  expect(uuids).toHaveLength(BALANCED);
});

describe("a change of layout", () => {
  test("replaces the slices in place when no pod uses any, and back", async () => {
    const { api } = cluster;
    await relabel("all-1g.5gb");
    await waitForDevices(api, 56);
    const profiles = [...(await publishedDevices(api)).values()].map(({ attributes }) => attributes["profile"]?.string);
    expect(new Set(profiles)).toEqual(new Set(["1g.5gb"]));
    await relabel("all-balanced");
    await waitForDevices(api, BALANCED);
  });

  test("to a layout that MIG Manager does not know fails, and its slices stay away until it is told another one", async () => {
    await relabel("all-3g.30gb");
    await waitForMigState(cluster.api, node, "failed");
    await waitForDevices(cluster.api, 0);
    await relabel("all-balanced");
    await waitForMigState(cluster.api, node, "success");
  });

  test("under a running pod fails: the pod goes on, the node's other slices are withdrawn, and the same label once more changes nothing", async () => {
    const { api } = cluster;
    const holder = pod({ name: "holder", namespace: LAB, claims: claimOf("small") });
    await cluster.apply([holder]);
    await waitForRunning(api, LAB, "holder", 1);
    const before = await heldByPod(api, LAB);

    await relabel("all-1g.5gb");
    await waitForMigState(api, node, "failed");
    await waitForDevices(api, 0);
    expect(await heldByPod(api, LAB)).toEqual(before);
    expect((await api.find(holder))?.["status"].phase).toBe("Running");

    // Nobody is there to take the slice back: what is deleted cannot go, and a drain of the node would wait for ever.
    await deleteGracefully(api, holder);
    await expect(waitFor("the end of the pod", async () => (await api.find(holder)) === undefined, { timeoutMs: 3000 })).rejects.toThrow(
      "in vain",
    );
    await relabel("all-1g.5gb");
    const waiting = pod({ name: "waiting", namespace: LAB, claims: claimOf("small") });
    await cluster.apply([waiting]);
    await waitFor("the scheduler's word", async () =>
      JSON.stringify((await api.find(waiting))?.["status"]).includes("cannot allocate all claims"),
    );
    await waitForMigState(api, node, "failed");

    // The remedy of the gate and of the runbook: its containers have ended, so that the GPU is free, although the pod is still there.
    await deleteDaemons(GPU_OPERATOR_NAMESPACE, "labelSelector=app%3Dnvidia-mig-manager");
    await waitForDevices(api, 56);
    await waitFor("the end of the pod", async () => (await api.find(holder)) === undefined);
    await waitForRunning(api, LAB, "waiting", 1);
    await api.delete(waiting);
    await waitForNoClaims();
    await relabel("all-balanced");
  });
});

test("a reboot costs the instances, which MIG Manager makes anew, and a pod that is not started again", async () => {
  const { api, fleet } = cluster;
  const once = pod({ name: "once", namespace: LAB, claims: claimOf("small"), restartPolicy: "Never" });
  await cluster.apply([once]);
  await waitForRunning(api, LAB, "once", 1);
  await fleet.reboot(node.name);
  await waitForMigState(cluster.api, node, "success");
  await waitForDevices(api, BALANCED);
  await waitFor("the pod's end", async () => (await api.find(once))?.["status"].phase === "Failed");
  await waitForNoClaims();
  await api.delete(once);
});

describe("the stack's training", () => {
  const ended = async () => {
    const conditions = ((await cluster.api.find(training))?.["status"]?.conditions ?? []) as readonly {
      readonly type: string;
      readonly reason?: string;
    }[];
    return conditions
      .filter(({ type }) => ["Complete", "Failed"].includes(type))
      .map(({ type, reason = "" }) => `${type} ${reason}`)
      .join();
  };
  afterEach(async () => {
    await cluster.api.delete(training);
    await waitFor("the end of its pods", async () => (await podsNamed(cluster.api, "mig-test", LARGE_TRAINING.name)).length === 0);
  });

  test.each<[string, number, string]>([
    ["completes", 0, "Complete CompletionsReached"],
    ["finds itself on a wrong device", 78, "Failed PodFailurePolicy"],
  ])("that %s is run once, and gives its slice back although its pod is still there to be read", async (_, exitCode, verdict) => {
    const { api } = cluster;
    ends.set(LARGE_TRAINING.name, { type: "completes", afterMs: 100, exitCode, message: "as the program says" });
    await cluster.apply([training]);
    await waitFor("the Job's end", async () => (await ended()) !== "", { describe: ended });
    expect(await ended()).toBe(verdict);
    const [only, ...others] = await podsNamed(api, "mig-test", LARGE_TRAINING.name);
    expect(others).toEqual([]);
    expect(only?.["status"].containerStatuses[0].state.terminated).toMatchObject({ exitCode, message: "as the program says" });
    const claims = "/apis/resource.k8s.io/v1/namespaces/mig-test/resourceclaims";
    await waitFor("the slice", async () => (await api.list(claims)).flatMap(held).length === 0);
  });
});

test("a fleet whose connections break makes them anew", async () => {
  const { api } = cluster;
  api.close();
  const after = pod({ name: "after", namespace: LAB, claims: claimOf("small") });
  await cluster.apply([after]);
  await waitForRunning(api, LAB, "after", 1);
  await api.delete(after);
  await waitForNoClaims();
});

describe("a node that goes with pods on it", () => {
  test("takes its slices along at once; its pods and claims stay bound to it until they are deleted, by hand or by the control plane's pod garbage collector", async () => {
    const { api, fleet } = cluster;
    const bare = pod({ name: "bare", namespace: LAB, claims: claimOf("large") });
    const service = deployment(1, { name: "service", namespace: LAB, claims: claimOf("large") });
    await cluster.apply([bare, service]);
    await waitForRunning(api, LAB, "bare", 1);
    await waitForRunning(api, LAB, "service", 1);
    const lost = await heldByPod(api, LAB);
    const gone = node.name;

    await fleet.leave(gone);
    await waitForDevices(api, 0);
    node = successorOf(node);
    await fleet.join([node]);
    await waitForDevices(api, BALANCED);
    expect(await heldByPod(api, LAB)).toEqual(lost);
    expect((await api.find(bare))?.["spec"].nodeName).toBe(gone);

    // By hand: the pod that takes its place is placed on the new node.
    await api.delete(bare);
    await waitFor("the end of the pod", async () => (await podsNamed(api, LAB, "bare")).length === 0);
    await cluster.apply([bare]);
    await waitForRunning(api, LAB, "bare", 1);
    expect((await api.find(bare))?.["spec"].nodeName).toBe(node.name);

    // By itself: pods of unknown nodes are collected, and the Deployment makes another.
    const nodesOfService = async () =>
      (await podsNamed(api, LAB, "service")).map(({ spec, status }) => `${String(spec.nodeName)} ${String(status?.phase)}`);
    await waitFor("the service on the new node", async () => (await nodesOfService()).join() === `${node.name} Running`, {
      timeoutMs: 180_000,
      describe: async () => (await nodesOfService()).join(),
    });
    await Promise.all([bare, service].map((object) => api.delete(object)));
    await waitForNoClaims();
  });
});

test("a pool of which a slice is missing hands out the devices of the others", async () => {
  const { api, fleet } = cluster;
  fleet.spoilPlugin(node.name, { type: "partial" });
  await deleteDaemons(DRA_DRIVER_NAMESPACE);
  await waitForDevices(api, BALANCED / 2);
  const early = pod({ name: "early", namespace: LAB, claims: claimOf("small") });
  await cluster.apply([early]);
  await waitForRunning(api, LAB, "early", 1);
  await api.delete(early);
  await waitForNoClaims();
  await deleteDaemons(DRA_DRIVER_NAMESPACE);
});

const RESTART = "a scheduler that is restarted while it places pods gives no device twice, and fills the node to the last slice";
testUnless(liveCluster("whose processes are not the tests' to restart"), RESTART, async () => {
  const { api, plane } = cluster;
  const all = (Object.keys(TIERS) as (keyof typeof TIERS)[]).map((tier) =>
    deployment(TIERS[tier], { name: `all-${tier}`, namespace: LAB, claims: claimOf(tier) }),
  );
  await cluster.apply(all);
  await waitFor("the first of them", async () => Object.keys(await heldByPod(api, LAB)).length > 0);
  await plane.restart("kube-scheduler");
  await waitForRunning(api, LAB, "all-", BALANCED);
  const devices = (await api.list("/apis/resource.k8s.io/v1/resourceclaims")).flatMap(held);
  expect(devices).toHaveLength(BALANCED);
  expect(new Set(devices).size).toBe(BALANCED);
});
