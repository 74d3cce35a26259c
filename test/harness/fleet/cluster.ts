/** A control plane with a fleet and a stack in it, as the tests of this folder use it. */
import { setTimeout as sleep } from "node:timers/promises";
import { publishSlices } from "../../../src/dra/devices";
import type { Device } from "../../../src/dra/types";
import { nodesOf } from "../../../src/rehearsal/recorded/nodes";
import type { Node } from "../../../src/cluster/nodes";
import type { Nodes } from "../../../src/rehearsal/recorded/nodes";
import { MIG_CONFIG_STATE_LABEL } from "../../../src/well-known/labels";
import { testedRelease } from "../../support/tested-release";
import type { ProgramOptions, Recording } from "../../support/program";
import { runProgram } from "../../support/program";
import { errorOf } from "../../../src/live/api/api-server";
import type { ApiServer, KubernetesObject } from "../../../src/live/api/api-server";
import { startControlPlane } from "../control-plane/start";
import type { ControlPlane } from "../control-plane/start";
import { waitFor } from "../../../src/live/wait";
import { provisionVolumes } from "../../../src/fleet/volumes";
import { FaultyFleet } from "./faulty-fleet";
import type { FaultyFleetOptions } from "./faulty-fleet";

export interface Cluster {
  readonly plane: ControlPlane;
  readonly api: ApiServer;
  readonly fleet: FaultyFleet;
  readonly recording: Recording;
  readonly nodes: Nodes;
  /** Creates or changes objects, one after the other. */
  readonly apply: (objects: readonly KubernetesObject[]) => Promise<void>;
  /** Ends everything. */
  readonly stop: () => Promise<void>;
}

/** A control plane and a fleet that no node has joined yet. Volume claims get their volumes. */
export async function startFleet(options: FaultyFleetOptions = {}): Promise<Pick<Cluster, "plane" | "fleet" | "stop">> {
  const plane = await startControlPlane({}, options.release);
  const fleet = new FaultyFleet(plane.api, options);
  const end = new AbortController();
  const volumes = keepProvisioning(plane.api, end.signal);
  const stop = async () => {
    try {
      end.abort();
      await volumes;
      await fleet.stop();
    } finally {
      await plane.stop();
    }
  };
  try {
    await fleet.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { plane, fleet, stop };
}

/** Makes volumes, also after a time in which the API server did not answer. */
async function keepProvisioning(api: ApiServer, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await provisionVolumes(api, signal).catch(() => sleep(1_000));
  }
}

/** The same with the recording of a stack. @param config settings over those of the dev stack. */
export async function startCluster(config: ProgramOptions["config"] = {}, options: FaultyFleetOptions = {}): Promise<Cluster> {
  const recording = await runProgram({ config });
  const started = await startFleet(options);
  const { api } = started.plane;
  const apply = async (objects: readonly KubernetesObject[]) => {
    for (const object of objects) {
      await api.apply(object);
    }
  };
  return { ...started, api, recording, nodes: nodesOf(recording), apply };
}

export function gpuNodes({ nodes }: Nodes): readonly Node[] {
  return nodes.filter(({ layout }) => layout !== undefined);
}

/** An instance that comes after another in its node group: alike in all but its address, which no other node has: theirs differ in the last number. */
export function successorOf(node: Node): Node {
  const name = node.name.replace(/-(\d+)-(\d+)\./, (_, third: string, last: string) => `-${Number(third) + 1}-${last}.`);
  return { ...node, name, labels: { ...node.labels, "kubernetes.io/hostname": name } };
}

/** The devices that a node publishes once its GPUs are divided, in index order. */
export function devicesOf(node: Node): readonly Device[] {
  return node.layout === undefined ? [] : publishSlices(node.name, node.layout, testedRelease()).flatMap(({ spec }) => spec.devices);
}

/** The devices that are published now, by `node/device`. */
export async function publishedDevices(api: ApiServer): Promise<ReadonlyMap<string, Device>> {
  const slices = await api.list("/apis/resource.k8s.io/v1/resourceslices");
  return new Map(
    slices.flatMap(({ spec }) =>
      ((spec.devices ?? []) as readonly Device[]).map((device) => [`${String(spec.pool.name)}/${device.name}`, device] as const),
    ),
  );
}

/** Waits until so many devices are published in the whole cluster. */
export async function waitForDevices(api: ApiServer, count: number): Promise<void> {
  await waitFor(`${count} devices`, async () => (await publishedDevices(api)).size === count, {
    describe: async () => `${(await publishedDevices(api)).size} devices`,
  });
}

/** Waits for a state that MIG Manager reports of a node. */
export async function waitForMigState(api: ApiServer, { name }: Node, state: string): Promise<void> {
  const current = async () => {
    const found = await api.find({ apiVersion: "v1", kind: "Node", metadata: { name } });
    return String(found?.metadata["labels"]?.[MIG_CONFIG_STATE_LABEL]);
  };
  await waitFor(`mig.config.state=${state}`, async () => (await current()) === state, { describe: current });
}

/** What a claim holds, as `node/device`. */
export function held(claim: KubernetesObject): readonly string[] {
  const results = (claim["status"]?.allocation?.devices?.results ?? []) as readonly { readonly pool: string; readonly device: string }[];
  return results.map(({ pool, device }) => `${pool}/${device}`);
}

/** What the claims of a namespace hold, by the pod that each claim was made for. */
export async function heldByPod(api: ApiServer, namespace: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const claims = await api.list(`/apis/resource.k8s.io/v1/namespaces/${namespace}/resourceclaims`);
  const byPod: Record<string, readonly string[]> = {};
  for (const claim of claims) {
    const users = (claim["status"]?.reservedFor ?? []) as readonly { readonly name: string }[];
    for (const { name } of users) {
      byPod[name] = [...(byPod[name] ?? []), ...held(claim)];
    }
  }
  return byPod;
}

/** Deletes a pod as `kubectl delete` does: its kubelet ends it and removes it when it is done. */
export async function deleteGracefully(api: ApiServer, pod: KubernetesObject): Promise<void> {
  const answer = await api.request("DELETE", await api.pathOf(pod));
  if (answer.status >= 400) {
    throw errorOf(answer);
  }
}

/** Pods of a namespace whose names begin like this. */
export async function podsNamed(api: ApiServer, namespace: string, prefix: string): Promise<readonly KubernetesObject[]> {
  const pods = await api.list(`/api/v1/namespaces/${namespace}/pods`);
  return pods
    .filter(({ metadata }) => String(metadata["name"]).startsWith(prefix))
    .map((pod) => ({ ...pod, apiVersion: "v1", kind: "Pod" }));
}

/** Waits until so many pods run. */
export async function waitForRunning(api: ApiServer, namespace: string, prefix: string, count: number): Promise<void> {
  const phases = async () => (await podsNamed(api, namespace, prefix)).map(({ status }) => String(status?.phase));
  await waitFor(
    `${count} running pods ${namespace}/${prefix}*`,
    async () => (await phases()).filter((phase) => phase === "Running").length === count,
    { describe: async () => (await phases()).join(", ") },
  );
}
