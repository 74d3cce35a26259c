/** `fashionMnist.colocate`: three workloads on slices of one physical GPU, in whatever order a node publishes its devices. */
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { applyStack, registeredObjects } from "../../support/stack-objects";
import { gpuNodes, heldByPod, publishedDevices, startCluster, waitForDevices, waitForRunning } from "../../harness/fleet/cluster";
import type { Cluster } from "../../harness/fleet/cluster";
import { namespace, pod, template } from "../../harness/fleet/manifests";
import { installOperators } from "../../../src/fleet/operators/operators";

const LAB = "lab";
const TIERS = ["large", "medium", "small"];
const NODES = 2;
const DEVICES = NODES * 32;
/** Slices that others hold. Fewer than there are GPUs, so that one GPU at least is free in every tier. */
const TAKEN = { large: 6, medium: 4, small: 5 };

const TWO_NODES = {
  gpuPools: [
    {
      name: "a100",
      instanceType: "p4d.24xlarge",
      layout: "all-balanced",
      size: { desired: NODES, min: 1, max: NODES },
      capacity: { type: "onDemand" },
    },
  ],
};
const COLOCATED = { ...TWO_NODES, fashionMnist: { type: "deployed", team: "mig-test", colocate: true } };

let cluster: Cluster;
let workloads: readonly KubernetesObject[];
beforeAll(async () => {
  cluster = await startCluster(COLOCATED, { shuffle: 7 });
  const { api, fleet, recording, nodes } = cluster;
  const objects = registeredObjects(recording).map(({ object }) => object);
  const isWorkload = ({ kind, metadata }: KubernetesObject) =>
    metadata["namespace"] === "mig-test" && ["Job", "Deployment", "ResourceClaim"].includes(kind);
  workloads = objects.filter(isWorkload);
  await applyStack(
    api,
    objects.filter((object) => !isWorkload(object)),
  );
  await installOperators(api);
  await fleet.join(nodes.nodes);
  await waitForDevices(api, DEVICES);
  await cluster.apply([namespace(LAB), ...TIERS.map((tier) => template(tier, LAB, `mig-${tier}.nvidia.com`))]);
});
afterAll(() => cluster.stop());

/** The physical GPU of each device that the pods of a namespace hold, by pod. */
async function parentsByPod(space: string, prefix: string): Promise<readonly (readonly (string | undefined)[])[]> {
  const devices = await publishedDevices(cluster.api);
  return Object.entries(await heldByPod(cluster.api, space))
    .filter(([name]) => name.startsWith(prefix))
    .map(([, held]) => held.map((device) => devices.get(device)?.attributes["parentUUID"]?.string));
}

test("both nodes have joined, and publish their devices in no particular order", async () => {
  const names = [...(await publishedDevices(cluster.api)).keys()];
  expect(gpuNodes(cluster.nodes)).toHaveLength(NODES);
  expect(names).not.toEqual([...names].sort());
});

test("one claim with three requests gets three slices of one GPU, although others hold slices on most of them", async () => {
  const { api } = cluster;
  const others = Object.entries(TAKEN).flatMap(([tier, count]) =>
    Array.from({ length: count }, (_, index) =>
      pod({ name: `other-${tier}-${index}`, namespace: LAB, claims: [{ resourceClaimTemplateName: tier }] }),
    ),
  );
  await cluster.apply(others);
  await waitForRunning(api, LAB, "other", others.length);

  await cluster.apply(workloads);
  await waitForRunning(api, "mig-test", "mig-", 3);
  const parents = await parentsByPod("mig-test", "mig-");
  // Every pod is told all devices of the claim that they share.
  expect(parents).toHaveLength(3);
  expect(parents.map((each) => each.length)).toEqual([3, 3, 3]);
  expect(new Set(parents.flat()).size).toBe(1);
  const [claim] = await api.list("/apis/resource.k8s.io/v1/namespaces/mig-test/resourceclaims");
  const results = claim?.["status"].allocation.devices.results as readonly { readonly request: string; readonly device: string }[];
  expect(Object.fromEntries(results.map(({ request, device }) => [request, /-mig-\w+-(\d+)-\d+$/.exec(device)?.[1]]))).toEqual({
    large: "9",
    medium: "14",
    small: "19",
  });
});

test("three claims of their own are not kept together: a pod with one of each tier gets slices of several GPUs", async () => {
  const { api } = cluster;
  const apart = Array.from({ length: 5 }, (_, index) =>
    pod({ name: `apart-${index}`, namespace: LAB, claims: TIERS.map((tier) => ({ resourceClaimTemplateName: tier })) }),
  );
  await cluster.apply(apart);
  await waitForRunning(api, LAB, "apart", apart.length);
  const spread = (await parentsByPod(LAB, "apart")).map((parents) => new Set(parents).size);
  expect(spread).toHaveLength(apart.length);
  expect(Math.max(...spread)).toBeGreaterThan(1);
});
