/** A pool of three simulated nodes with running pods, and somebody who has the documented roles. */
import type { Node } from "../../../src/cluster/nodes";
import { installOperators } from "../../../src/fleet/operators/operators";
import type { ApiServer } from "../../../src/live/api/api-server";
import {
  gpuNodes,
  heldByPod,
  podsNamed,
  publishedDevices,
  startCluster,
  successorOf,
  waitForDevices,
  waitForRunning,
} from "../../harness/fleet/cluster";
import type { Cluster } from "../../harness/fleet/cluster";
import { deployment, namespace, template } from "../../harness/fleet/manifests";
import type { Shell } from "../../harness/fleet/reader";
import { applyStack, registeredObjects } from "../../support/stack-objects";
import { inTheNameOfTheRoles } from "./command";

export const LAB = "lab";
export const CONTEXT = "shared-gpu";
/** Slices of a node in the layout all-balanced. */
export const BALANCED = 32;
/** Pods of the service, each with a slice. */
export const REPLICAS = 6;
/** A busy machine needs its time for each of the nodes. */
export const PATIENCE = { timeoutMs: 180_000 };

export interface Pool {
  readonly cluster: Cluster;
  readonly nodes: readonly Node[];
  readonly operator: ApiServer;
  readonly shell: Shell;
}

/** A service with slices, and a bystander without, run on the pool. */
export async function startPool(): Promise<Pool> {
  const cluster = await startCluster();
  const { api, recording, fleet, nodes: known } = cluster;
  const [first] = gpuNodes(known);
  if (first === undefined) {
    throw new Error("the dev stack has no GPU node");
  }
  const nodes = [first, successorOf(first), successorOf(successorOf(first))];
  const objects = registeredObjects(recording).map(({ object }) => object);
  await applyStack(
    api,
    objects.filter(({ kind }) => ["Namespace", "DeviceClass", "StorageClass"].includes(kind)),
  );
  await installOperators(api);
  await fleet.join([...known.nodes.filter(({ layout }) => layout === undefined), ...nodes]);
  await cluster.apply([namespace(LAB), template("small", LAB, "mig-small.nvidia.com")]);
  const [operator, shell] = await inTheNameOfTheRoles(cluster, LAB);
  await waitForDevices(api, 3 * BALANCED);
  await cluster.apply([
    deployment(REPLICAS, { name: "service", namespace: LAB, claims: [{ resourceClaimTemplateName: "small" }] }),
    deployment(1, { name: "bystander", namespace: LAB, claims: [], isTolerant: false }),
  ]);
  await waitForRunning(api, LAB, "service", REPLICAS);
  await waitForRunning(api, LAB, "bystander", 1);
  return { cluster, nodes, operator, shell };
}

/** Names of the pods that begin so, sorted. */
export async function namesOf({ api }: Cluster, prefix: string): Promise<readonly string[]> {
  return (await podsNamed(api, LAB, prefix)).map(({ metadata }) => String(metadata["name"])).sort();
}

/** Every pod of the service runs, with a published slice of its own. */
export async function expectAllRunning(cluster: Cluster): Promise<void> {
  await waitForRunning(cluster.api, LAB, "service", REPLICAS);
  // A claim goes some time after its pod.
  const held = await heldByPod(cluster.api, LAB);
  const devices = (await namesOf(cluster, "service")).flatMap((name) => held[name] ?? []);
  expect(devices).toHaveLength(REPLICAS);
  expect(new Set(devices).size).toBe(REPLICAS);
  const published = await publishedDevices(cluster.api);
  expect(devices.filter((device) => !published.has(device))).toEqual([]);
}
