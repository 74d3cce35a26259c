/** What somebody can do so that a demand fits: each is a change of the cluster that can be simulated. */
import type { ClusterObject } from "../../cluster/objects";
import { objectAt } from "../../cluster/objects";
import { uncordoned } from "../../dra/allocator";
import type { Excess } from "../../cluster/quota";
import { formatAmount } from "../../dra/manifest/resources";
import type { ResourceClaim } from "../../dra/claims";
import { publishDevices } from "../../dra/devices";
import type { Device, ResourceSlice } from "../../dra/types";
import { countProfiles, formatProfileCounts } from "../../hardware/placement";
import type { GpuModel, Placement } from "../../hardware/types";
import { DRIVER } from "../../well-known/attributes";
import type { PlannedCluster, PlannedNode } from "../state/cluster";

export type Action =
  /** Ends a claim that no pod uses. */
  | {
      readonly type: "deleteClaim";
      readonly namespace: string;
      readonly name: string;
      readonly node: string;
      /** So many devices of the node. */
      readonly holds: number;
    }
  /** Ends a pod that waits, with the claims that were made for it. */
  | { readonly type: "deletePod"; readonly namespace: string; readonly name: string }
  | { readonly type: "raiseQuota"; readonly namespace: string; readonly excess: Excess }
  | { readonly type: "uncordon"; readonly node: string }
  | { readonly type: "removeTaint"; readonly node: string; readonly taint: string }
  /** Divides a GPU that nobody uses otherwise. */
  | {
      readonly type: "relayout";
      readonly node: string;
      readonly gpu: FreeGpu;
      readonly placements: readonly Placement[];
    }
  | { readonly type: "addNode"; readonly like: PlannedNode };

/** A GPU of which no device is held. */
export interface FreeGpu {
  readonly node: string;
  /** As the names of its devices say. */
  readonly index: number;
  readonly model: GpuModel;
  /** The names of its devices. */
  readonly devices: readonly string[];
  /** `2g.10gb x1, 1g.5gb x2`, or `whole GPU x1`. */
  readonly layout: string;
}

/** What an action adds to the bill. Undefined: nobody lists it. */
export function usdPerHourOf(action: Action): number | undefined {
  return action.type === "addNode" ? action.like.usdPerHour : 0;
}

/** An action as an instruction. */
export function describeAction(action: Action): string {
  switch (action.type) {
    case "deleteClaim":
      return `delete ResourceClaim ${action.namespace}/${action.name}, which holds ${devices(action.holds)} and is used by no pod`;
    case "deletePod":
      return `delete the pending Pod ${action.namespace}/${action.name}: its claims count on the quota`;
    case "raiseQuota": {
      const { quota, key, limit, used, asked } = action.excess;
      const amount = (value: number) => formatAmount(key.replace(/^(requests|limits)\./, ""), value);
      return `raise ${key} of ResourceQuota ${action.namespace}/${quota} from ${amount(limit)} to ${amount(used + asked)}`;
    }
    case "uncordon":
      return `uncordon node ${action.node}`;
    case "removeTaint":
      return `remove taint ${action.taint} from node ${action.node}`;
    case "relayout": {
      const { node, index, layout } = action.gpu;
      return `divide GPU ${String(index)} of node ${node}, which nobody uses, into ${formatProfileCounts(countProfiles(action.placements))} in place of ${layout}`;
    }
    case "addNode":
      return `add a node to pool ${action.like.pool} (${action.like.instanceType?.name ?? "of its type"})`;
  }
}

function devices(count: number): string {
  return count === 1 ? "1 device" : `${String(count)} devices`;
}

/** The cluster once an action has been carried out. */
function after(cluster: PlannedCluster, action: Action): PlannedCluster {
  switch (action.type) {
    case "deleteClaim":
      return withoutClaims(cluster, action.namespace, new Set([action.name]));
    case "deletePod": {
      const isIt = ({ namespace, name }: { readonly namespace: string; readonly name: string }) =>
        namespace === action.namespace && name === action.name;
      const left = withoutUsed({ ...cluster, pending: cluster.pending.filter(({ pod }) => !isIt(pod)) }, action.namespace);
      const made = new Set(
        cluster.claims
          .filter(({ claim, madeFor }) => claim.namespace === action.namespace && madeFor === action.name)
          .map(({ claim }) => claim.name),
      );
      return withoutClaims(left, action.namespace, made);
    }
    case "raiseQuota":
      return { ...cluster, limits: cluster.limits.map((object) => raised(object, action)) };
    case "uncordon":
      return changeNode(cluster, action.node, uncordoned);
    case "removeTaint":
      return changeNode(cluster, action.node, (node) => ({
        ...node,
        spec: { ...node.spec, taints: node.spec?.taints?.filter(({ key }) => key !== action.taint) ?? [] },
      }));
    case "relayout":
      return { ...cluster, state: { ...cluster.state, slices: divided(cluster, action) } };
    case "addNode":
      return withNode(cluster, action.like);
  }
}

/** The cluster once all actions have been carried out. */
export function afterAll(cluster: PlannedCluster, actions: readonly Action[]): PlannedCluster {
  return actions.reduce(after, cluster);
}

/** Of a part of a cluster, the scheduler has fewer claims than quotas count. */
function withoutClaims(cluster: PlannedCluster, namespace: string, names: ReadonlySet<string>): PlannedCluster {
  const isIt = (claim: ResourceClaim) => claim.namespace === namespace && names.has(claim.name);
  const claims = without(cluster.claims, names.size, ({ claim }) => isIt(claim));
  return claims.length === cluster.claims.length
    ? cluster
    : withoutUsed({ ...cluster, claims, state: { ...cluster.state, claims: without(cluster.state.claims, names.size, isIt) } }, namespace);
}

/** A list without some of its items. Others are not asked about once they are found: lists of a large cluster are long, and many changes are tried. */
function without<T>(items: readonly T[], maximum: number, isIt: (item: T) => boolean): readonly T[] {
  const kept = items.slice();
  for (let found = 0; found < maximum; found++) {
    const index = kept.findIndex(isIt);
    if (index < 0) {
      break;
    }
    kept.splice(index, 1);
  }
  return kept;
}

/** Quotas of a namespace count what there is, once something is gone that their status counts. */
function withoutUsed(cluster: PlannedCluster, namespace: string): PlannedCluster {
  const limits = cluster.limits.map((object) =>
    object.namespace === namespace && object.kind === "ResourceQuota" ? { ...object, body: { ...object.body, status: {} } } : object,
  );
  return { ...cluster, limits };
}

function raised(object: ClusterObject, { namespace, excess }: Extract<Action, { type: "raiseQuota" }>): ClusterObject {
  if (object.kind !== "ResourceQuota" || object.namespace !== namespace || object.name !== excess.quota) {
    return object;
  }
  const spec = objectAt(object.body, "spec");
  const amount = excess.used + excess.asked;
  const isCpu = excess.key.replace(/^(requests|limits)\./, "") === "cpu";
  const hard = { ...objectAt(spec, "hard"), [excess.key]: isCpu ? `${String(amount)}m` : String(amount) };
  return { ...object, body: { ...object.body, spec: { ...spec, hard } } };
}

type KubernetesNode = PlannedCluster["state"]["nodes"][number];

function changeNode(cluster: PlannedCluster, name: string, change: (node: KubernetesNode) => KubernetesNode): PlannedCluster {
  const nodes = cluster.state.nodes.map((node) => (node.metadata.name === name ? change(node) : node));
  return { ...cluster, state: { ...cluster.state, nodes } };
}

/** The slices with the devices of one GPU replaced, in the slice that had the first of them. */
function divided({ state, release }: PlannedCluster, { gpu, placements }: Extract<Action, { type: "relayout" }>): readonly ResourceSlice[] {
  const gone = new Set(gpu.devices);
  const gpus = Array.from({ length: gpu.index + 1 }, (_, index) => ({
    type: "mig" as const,
    placements: index === gpu.index ? placements : [],
  }));
  const made = publishDevices({ name: "changed", model: gpu.model, gpus }, release, gpu.node);
  let isPlaced = false;
  return state.slices.map((slice) => {
    const { driver, nodeName, devices: published } = slice.spec;
    if (driver !== DRIVER || nodeName !== gpu.node || !published.some(({ name }) => gone.has(name))) {
      return slice;
    }
    const [first] = published.filter(({ name }) => gone.has(name));
    const added: readonly Device[] = isPlaced ? [] : made;
    isPlaced = true;
    const kept = published.flatMap((device) => (device === first ? added : gone.has(device.name) ? [] : [device]));
    return { ...slice, spec: { ...slice.spec, devices: kept } };
  });
}

/** What the next node that is added is called. */
export function newNodeName(cluster: PlannedCluster): string {
  return `${NEW_NODE}${String(newNodesOf(cluster).length)}`;
}

/** The nodes that have been added. */
export function newNodesOf({ state }: PlannedCluster): readonly string[] {
  return state.nodes.map(({ metadata }) => metadata.name).filter((name) => name.startsWith(NEW_NODE));
}

const NEW_NODE = "new-node-";

/** A node like another one, empty: with its labels, taints and slices. */
function withNode(cluster: PlannedCluster, like: PlannedNode): PlannedCluster {
  const name = newNodeName(cluster);
  const pattern = cluster.state.nodes.find(({ metadata }) => metadata.name === like.name);
  if (pattern === undefined) {
    throw new RangeError(`there is no node ${like.name}`);
  }
  const labels = Object.fromEntries(
    Object.entries(pattern.metadata.labels ?? {}).map(([key, value]) => [key, value === like.name ? name : value]),
  );
  // What is wrong with one node is not wrong with the next: those taints come from the node's own state.
  const taints = (pattern.spec?.taints ?? []).filter(({ key }) => !key.startsWith("node.kubernetes.io/"));
  const slices = cluster.state.slices
    .filter(({ spec }) => spec.nodeName === like.name)
    .map((slice): ResourceSlice => ({
      ...slice,
      metadata: { name: `${slice.metadata.name}-${name}` },
      spec: {
        ...slice.spec,
        nodeName: name,
        pool: { ...slice.spec.pool, name: slice.spec.pool.name === like.name ? name : `${slice.spec.pool.name}-${name}` },
      },
    }));
  const node = { ...pattern, metadata: { name, labels }, spec: { taints } };
  return {
    ...cluster,
    nodes: [...cluster.nodes, { ...like, name }],
    state: { ...cluster.state, nodes: [...cluster.state.nodes, node], slices: [...cluster.state.slices, ...slices] },
  };
}
