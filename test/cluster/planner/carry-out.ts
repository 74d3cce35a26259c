/** Does in a real cluster what a way out says. */
import type { Heartbeats } from "../../../src/fleet/nodes/heartbeats";
import type { ApiServer, KubernetesObject } from "../../../src/live/api/api-server";
import { afterAll } from "../../../src/planner/ask/actions";
import type { Action } from "../../../src/planner/ask/actions";
import type { PlannedCluster } from "../../../src/planner/state/cluster";

const DRA = "resource.k8s.io/v1";

/** @param cluster as it is before all actions. */
export async function carryOut(api: ApiServer, heartbeats: Heartbeats, cluster: PlannedCluster, actions: readonly Action[]): Promise<void> {
  for (const [index, action] of actions.entries()) {
    await carryOutOne(api, heartbeats, action, afterAll(cluster, actions.slice(0, index)), afterAll(cluster, actions.slice(0, index + 1)));
  }
}

async function carryOutOne(
  api: ApiServer,
  heartbeats: Heartbeats,
  action: Action,
  before: PlannedCluster,
  after: PlannedCluster,
): Promise<void> {
  switch (action.type) {
    case "deleteClaim":
      return api.delete({ apiVersion: DRA, kind: "ResourceClaim", metadata: { name: action.name, namespace: action.namespace } });
    case "deletePod":
      return api.delete({ apiVersion: "v1", kind: "Pod", metadata: { name: action.name, namespace: action.namespace } });
    case "raiseQuota": {
      const { quota, key, used, asked } = action.excess;
      const object = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: quota, namespace: action.namespace } };
      await api.merge(object, { spec: { hard: { [key]: String(used + asked) } } });
      return;
    }
    case "uncordon":
      await api.merge(nodeNamed(action.node), { spec: { unschedulable: null } });
      return;
    case "removeTaint": {
      const node = after.state.nodes.find(({ metadata }) => metadata.name === action.node);
      await api.merge(nodeNamed(action.node), { spec: { taints: node?.spec?.taints ?? [] } });
      return;
    }
    case "relayout":
      for (const [index, slice] of after.state.slices.entries()) {
        if (slice !== before.state.slices[index]) {
          const { devices, pool } = slice.spec;
          await api.merge(
            { apiVersion: DRA, kind: "ResourceSlice", metadata: { name: slice.metadata.name } },
            { spec: { devices, pool: { generation: pool.generation + 1 } } },
          );
        }
      }
      return;
    case "addNode": {
      const known = new Set(before.state.nodes.map(({ metadata }) => metadata.name));
      for (const { metadata } of after.state.nodes.filter((node) => !known.has(node.metadata.name))) {
        await createNode(api, heartbeats, after, metadata.name);
      }
    }
  }
}

/** Creates a node that a cluster has, with its slices. */
export async function createNode(api: ApiServer, heartbeats: Heartbeats, { state }: PlannedCluster, name: string): Promise<void> {
  for (const { metadata, spec, status } of state.nodes.filter((node) => node.metadata.name === name)) {
    await api.create({ apiVersion: "v1", kind: "Node", metadata, spec, status } as KubernetesObject);
    await heartbeats.begin(name);
  }
  for (const { metadata, spec } of state.slices.filter((slice) => slice.spec.nodeName === name)) {
    await api.create({ apiVersion: DRA, kind: "ResourceSlice", metadata: { name: metadata.name }, spec });
  }
}

export function nodeNamed(name: string): KubernetesObject {
  return { apiVersion: "v1", kind: "Node", metadata: { name } };
}
