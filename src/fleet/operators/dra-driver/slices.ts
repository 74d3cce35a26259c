/** How the ResourceSlices of a node come, change and go in the API server. */
import { setTimeout as sleep } from "node:timers/promises";
import { DRIVER } from "../../../well-known/attributes";
import type { Device } from "../../../dra/types";
import { isPassing } from "../../../live/api/api-server";
import type { ApiServer, KubernetesObject } from "../../../live/api/api-server";

/** Before a pool is published again that somebody else has changed. */
const RETRY_MS = 50;
const PATH = "/apis/resource.k8s.io/v1/resourceslices";

/** The devices of one pool, slice by slice, and how many slices the pool claims to have. */
export interface Pool {
  readonly slices: readonly (readonly Device[])[];
  readonly resourceSliceCount: number;
}

/**
 * Publishes a node's pool as the plugins' common library does: a pool that is one slice and stays one is updated in place, under its generation; any other
 * change is a new generation. What somebody else changes meanwhile makes it begin again. (`dynamic-resource-allocation/resourceslice/resourceslicecontroller.go`,
 * v0.34, which puts a pool back into its queue after an error.)
 *
 * @throws ApiError for what the API server does not take.
 */
export async function publishPool(api: ApiServer, nodeName: string, pool: Pool, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await replacePool(api, nodeName, pool);
      return;
    } catch (error) {
      if (!isPassing(error)) {
        throw error;
      }
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}

async function replacePool(api: ApiServer, nodeName: string, { slices, resourceSliceCount }: Pool): Promise<void> {
  const existing = await slicesOf(api, nodeName);
  const [only] = existing;
  if (only !== undefined && existing.length === 1 && slices.length === 1) {
    const pool = { ...only["spec"].pool, resourceSliceCount };
    await api.merge(only, { spec: { pool, devices: slices[0] } });
    return;
  }
  const generation = Math.max(0, ...existing.map(({ spec }) => Number(spec.pool.generation))) + 1;
  await Promise.all(existing.map((slice) => api.delete(slice)));
  const node = await api.get(`/api/v1/nodes/${nodeName}`);
  for (const devices of slices) {
    await api.create({
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceSlice",
      metadata: {
        generateName: `${nodeName}-${DRIVER}-`,
        ownerReferences: [{ apiVersion: "v1", kind: "Node", name: nodeName, uid: node.metadata.uid, controller: true }],
      },
      spec: { driver: DRIVER, nodeName, pool: { name: nodeName, generation, resourceSliceCount }, devices },
    });
  }
}

/** What a kubelet does at its start, and some time after a plugin has gone. */
export async function wipeSlices(api: ApiServer, nodeName: string): Promise<void> {
  await Promise.all((await slicesOf(api, nodeName)).map((slice) => api.delete(slice)));
}

export async function slicesOf(api: ApiServer, nodeName: string): Promise<readonly KubernetesObject[]> {
  const items = await api.list(PATH, `fieldSelector=spec.nodeName%3D${nodeName},spec.driver%3D${DRIVER}`);
  return items.map((item) => ({ ...item, apiVersion: "resource.k8s.io/v1", kind: "ResourceSlice" }));
}
