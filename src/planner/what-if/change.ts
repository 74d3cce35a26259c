/** A change of a cluster that somebody thinks about: `layout=all-1g.5gb`, `nodes=+1`, `drain=NODE`, `team=NAME`. */
import { didYouMean } from "../../hardware/nearest";
import { resolveLayout } from "../../hardware/layouts";
import type { LayoutResult } from "../../hardware/layouts";
import type { GpuModel, NodeLayout } from "../../hardware/types";
import type { Release } from "../../releases/types";
import { groupBy } from "../group-by";
import type { PlannedCluster, PlannedNode } from "../state/cluster";

/** As it is written: the cluster says whether it can be made. */
export type ChangeText =
  | { readonly type: "layout"; readonly layout: string; readonly pool: string | undefined }
  | { readonly type: "nodes"; readonly count: number; readonly pool: string | undefined }
  | { readonly type: "drain"; readonly node: string }
  | { readonly type: "team"; readonly team: string };

export type Change =
  /** Every GPU of a pool is divided otherwise. */
  | LayoutChange
  | { readonly type: "add"; readonly like: PlannedNode; readonly count: number }
  /** Some nodes of these go: those with which the fewest pods stop. */
  | { readonly type: "remove"; readonly from: readonly PlannedNode[]; readonly count: number }
  /** Nothing new is placed on a node, and what is there stops. */
  | { readonly type: "drain"; readonly node: string }
  /** Everything in the namespaces of a team is deleted. */
  | { readonly type: "team"; readonly namespaces: readonly string[] }
  /** Nodes restart one after the other, drained before. They come back with the slices that they had. */
  | { readonly type: "reboot"; readonly nodes: readonly PlannedNode[] }
  /** The control plane gets another version, and then these nodes, one after the other and drained before. */
  | { readonly type: "upgrade"; readonly release: Release; readonly nodes: readonly PlannedNode[] };

export interface LayoutChange {
  readonly type: "layout";
  readonly layout: NodeLayout;
  readonly nodes: readonly PlannedNode[];
  /** `allAtOnce`: of cordoned nodes, whose pods with claims end. `oneByOne`: the node of the moment is cordoned, and drained of all its pods. */
  readonly roll: "allAtOnce" | "oneByOne";
}

interface Invalid {
  readonly type: "invalid";
  readonly reason: string;
}

export type ChangeReading = { readonly type: "change"; readonly change: Change } | Invalid;

/** What a name of a layout means on a node with such GPUs. */
export type ResolveLayout = (name: string, model: GpuModel, gpuCount: number) => LayoutResult;

/** Whether a cluster has what a change is about. */
export function changeOf(cluster: PlannedCluster, text: ChangeText): ChangeReading {
  switch (text.type) {
    case "layout": {
      const reading = layoutChange(cluster, text, resolveLayout);
      return reading.type === "invalid" ? reading : { type: "change", change: { ...reading, roll: "allAtOnce" } };
    }
    case "nodes":
      return nodesChange(cluster, text);
    case "drain": {
      const names = cluster.nodes.map(({ name }) => name);
      return names.includes(text.node)
        ? { type: "change", change: text }
        : { type: "invalid", reason: `there is no node "${text.node}"${didYouMean(text.node, names)}` };
    }
    case "team": {
      const namespaces = [...cluster.teams].filter(([namespace, team]) => team === text.team || namespace === text.team);
      return namespaces.length > 0
        ? { type: "change", change: { type: "team", namespaces: namespaces.map(([namespace]) => namespace) } }
        : { type: "invalid", reason: `there is no team "${text.team}"${didYouMean(text.team, [...new Set(cluster.teams.values())])}` };
    }
  }
}

/** Every node of a pool in another layout, for whatever way to get there. */
export function layoutChange(
  cluster: PlannedCluster,
  { layout, pool }: Pick<Extract<ChangeText, { type: "layout" }>, "layout" | "pool">,
  resolve: ResolveLayout,
): Omit<LayoutChange, "roll"> | Invalid {
  const nodes = poolNamed(cluster, pool);
  if (nodes.type === "invalid") {
    return nodes;
  }
  const [first, ...others] = nodes.nodes;
  const { model, count } = first?.gpus ?? {};
  if (model === undefined || count === undefined || others.some(({ gpus }) => gpus?.model !== model || gpus.count !== count)) {
    return {
      type: "invalid",
      reason: `the nodes of pool "${first?.pool ?? ""}" have no GPUs, or different ones: name the pool of one instance type`,
    };
  }
  const resolved = resolve(layout, model, count);
  if (resolved.type === "invalid") {
    const nearest = resolved.nearest.map((name) => `"${name}"`).join(" or ");
    return { type: "invalid", reason: `${resolved.reason}${nearest === "" ? "" : `; did you mean ${nearest}?`}` };
  }
  return { type: "layout", layout: resolved.layout, nodes: nodes.nodes };
}

function nodesChange(cluster: PlannedCluster, { count, pool }: Extract<ChangeText, { type: "nodes" }>): ChangeReading {
  const nodes = poolNamed(cluster, pool);
  if (nodes.type === "invalid") {
    return nodes;
  }
  const [like] = nodes.nodes;
  if (count > 0 && like !== undefined) {
    return { type: "change", change: { type: "add", like, count } };
  }
  const most = nodes.nodes.length;
  return -count <= most
    ? { type: "change", change: { type: "remove", from: nodes.nodes, count: -count } }
    : { type: "invalid", reason: `pool "${like?.pool ?? ""}" has ${String(most)} nodes: write at most nodes=-${String(most)}` };
}

type NodesReading = { readonly type: "nodes"; readonly nodes: readonly PlannedNode[] } | Invalid;

/** The nodes of a pool with GPUs: of the one with this name, or of the only one with this part in its name. Without a name: of the only one. */
export function poolNamed({ nodes }: PlannedCluster, name: string | undefined): NodesReading {
  const pools = groupBy(
    nodes.filter(({ gpus }) => gpus !== undefined),
    ({ pool }) => pool,
  );
  const names = [...pools.keys()];
  const matching = name === undefined ? names : pools.has(name) ? [name] : names.filter((each) => each.includes(name));
  const [pool, another] = matching;
  const own = pools.get(pool ?? "");
  if (own !== undefined && another === undefined) {
    return { type: "nodes", nodes: own };
  }
  const reason =
    names.length === 0
      ? "no node has GPUs that can be divided"
      : name === undefined
        ? `there are several pools: write --pool with one of ${names.join(", ")}`
        : another !== undefined
          ? `--pool ${name} is in the names of several pools: write one of ${matching.join(", ")}`
          : `there is no pool "${name}" with GPUs${didYouMean(name, names)}`;
  return { type: "invalid", reason };
}
