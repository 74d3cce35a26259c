/** What a relayout does to a pool, before it does anything: which nodes in which order, which pods stop, and what stands against it. */
import { podTitle } from "../cluster/objects";
import { kubectlFor } from "../cluster/shell-line";
import type { Kubectl } from "../cluster/shell-line";
import { beyond } from "../cluster/readiness";
import type { Counts } from "../cluster/readiness";
import { uncordoned } from "../dra/allocator";
import { devicesPerNode } from "../hardware/node-devices";
import { didYouMean } from "../hardware/nearest";
import type { KINDS } from "../planner/snapshot/kinds";
import type { Snapshot } from "../planner/snapshot/snapshot";
import type { PlannedCluster } from "../planner/state/cluster";
import { NODE_GROUP_LABEL } from "../planner/state/nodes";
import { readCluster } from "../planner/state/read";
import { layoutChange } from "../planner/what-if/change";
import type { ResolveLayout } from "../planner/what-if/change";
import { whatIf } from "../planner/what-if/what-if";
import type { WhatIf } from "../planner/what-if/what-if";
import { MIG_CONFIG_LABEL, MIG_CONFIG_STATE_LABEL } from "../well-known/labels";
import { poolNodes } from "./pool";
import type { PoolNode, PoolPod } from "./pool";
import { RELAYOUT_ANNOTATION } from "./record";

export interface RelayoutQuestion {
  /** A pool, or a part of its name. Undefined: the only one. */
  readonly pool: string | undefined;
  readonly layout: string;
  /** Only these nodes of the pool; empty: all. */
  readonly nodes: readonly string[];
  /** The kubectl context of the cluster, for commands. Undefined: kubectl's current one. */
  readonly context?: string | undefined;
}

export interface Plan {
  /** As in the question. */
  readonly context: string | undefined;
  readonly pool: string;
  readonly layout: string;
  /** What each node publishes afterwards, by profile. */
  readonly devices: Counts;
  /** The nodes to change, in this order. */
  readonly nodes: readonly string[];
  /** Those of them that an earlier run has cordoned. */
  readonly begun: readonly string[];
  /** The nodes of the pool that have the layout already. */
  readonly done: readonly string[];
  /** Every node of the pool: while one of them is cordoned, no other one is. */
  readonly members: readonly string[];
  /** The pods that may be evicted. What their controllers make in their place may be too. */
  readonly evicts: readonly PoolPod[];
  /** Nodes on which MIG Manager has failed, and tries again. */
  readonly retries: readonly string[];
  /** Layouts of before, by node. */
  readonly from: ReadonlyMap<string, string>;
  readonly effect: WhatIf;
}

export type Planning =
  | { readonly type: "plan"; readonly plan: Plan }
  /** Every node has the layout. */
  | { readonly type: "done"; readonly pool: string; readonly layout: string; readonly nodes: readonly string[] }
  | { readonly type: "invalid"; readonly problems: readonly string[] };

/** Without these it is unknown what stops. */
const ESSENTIAL: readonly (keyof typeof KINDS)[] = ["Node", "Pod", "ResourceSlice", "ResourceClaim", "DeviceClass"];

/** @param resolve says what a name of a layout means to the MIG Manager of the cluster. */
export function planRelayout(snapshot: Snapshot, question: RelayoutQuestion, resolve: ResolveLayout): Planning {
  const gaps = snapshot.gaps.filter(({ kind }) => ESSENTIAL.includes(kind));
  if (gaps.length > 0) {
    return invalid(gaps.map(({ kind, reason }) => `without ${kind} objects it is unknown which pods stop: ${reason}`));
  }
  const cluster = readCluster(snapshot);
  const change = layoutChange(cluster, question, resolve);
  if (change.type === "invalid") {
    return invalid([change.reason]);
  }
  const members = change.nodes.map(({ name }) => name);
  const strangers = question.nodes.filter((name) => !members.includes(name));
  if (strangers.length > 0) {
    return invalid(strangers.map((name) => `--node ${name}: the pool has no such node${didYouMean(name, members)}`));
  }
  const [layout, devices] = [question.layout, devicesPerNode(change.layout)];
  const pool = change.nodes[0]?.pool ?? "";
  const all = poolNodes(snapshot.objects, (name) => members.includes(name));
  const wanted = all.filter(({ name }) => question.nodes.length === 0 || question.nodes.includes(name));
  const left = wanted.filter((node) => !isDone(node, { layout, devices }));
  const { context } = question;
  const problems = all.flatMap((node) => problemsOf(node, layout, left.includes(node), kubectlFor(context)));
  if (problems.length > 0) {
    return invalid(problems);
  }
  const done = wanted.filter((node) => !left.includes(node)).map(({ name }) => name);
  if (left.length === 0) {
    return { type: "done", pool, layout, nodes: done };
  }
  const names = new Set(left.map(({ name }) => name));
  const nodes = change.nodes.filter(({ name }) => names.has(name));
  const effect = whatIf(withoutCordons(cluster, names), { ...change, nodes, roll: "oneByOne" });
  const begun = left.filter(({ record }) => record.type === "record").map(({ name }) => name);
  const order = effect.steps.flatMap((step) => step.nodes);
  return {
    type: "plan",
    plan: {
      ...{ context, pool, layout, devices, begun, done, members, effect },
      nodes: [...begun, ...order.filter((name) => !begun.includes(name))],
      evicts: left.flatMap(({ pods }) => pods),
      retries: left.filter((node) => isBegun(node, layout) && node.migState === "failed").map(({ name }) => name),
      from: new Map(left.map((node) => [node.name, formerLayout(node, layout)])),
    },
  };
}

/** Whether a node has the layout, and is as every other one. */
export function isDone({ record, layout, migState, devices }: PoolNode, target: Pick<Plan, "layout" | "devices">): boolean {
  return record.type === "none" && layout === target.layout && migState === "success" && hasExactly(devices, target.devices);
}

/** Whether exactly these devices are published. */
export function hasExactly(devices: Counts | undefined, wanted: Counts): boolean {
  return devices !== undefined && beyond(devices, wanted) === "" && beyond(wanted, devices) === "";
}

function isBegun({ record, layout }: PoolNode, target: string): boolean {
  return record.type === "record" && record.record.to === target && layout === target;
}

/** The layout of before the relayout to `target`. */
function formerLayout({ record, layout }: PoolNode, target: string): string {
  return record.type === "record" ? (record.record.to === target ? record.record.from : record.record.to) : (layout ?? "");
}

/** What has to be mended before. @param isChanged whether the relayout is about the node. */
function problemsOf(node: PoolNode, layout: string, isChanged: boolean, kubectl: Kubectl): readonly string[] {
  const { name, record } = node;
  switch (record.type) {
    case "invalid":
      return [
        `node ${name}: no relayout has written the annotation ${RELAYOUT_ANNOTATION} "${record.text}". Remove it: ${kubectl("annotate", "node", name, `${RELAYOUT_ANNOTATION}-`)}`,
      ];
    case "record": {
      const { from, to } = record.record;
      return isChanged && (to === layout || from === layout)
        ? contentsProblems(node, kubectl)
        : [
            `node ${name} is on its way from ${from} to ${to}. Go on with --layout ${to}, or take the node back with --layout ${from} --node ${name}`,
          ];
    }
    case "none":
      return [...(isChanged ? startProblems(node, kubectl) : []), ...cordonProblem(node, kubectl)];
  }
}

/** At most one node of a pool is cordoned at a time. */
function cordonProblem({ name, isCordoned }: PoolNode, kubectl: Kubectl): readonly string[] {
  return isCordoned
    ? [
        `node ${name} is cordoned, and a relayout cordons no other node of the pool at the same time. Uncordon it first: ${kubectl("uncordon", name)}`,
      ]
    : [];
}

/** Why nothing is begun on a node. */
export function startProblems(node: PoolNode, kubectl: Kubectl): readonly string[] {
  const { name, nodeGroup, layout, isReady, migState } = node;
  return [
    ...(nodeGroup === undefined
      ? [
          `node ${name} has no label ${NODE_GROUP_LABEL}, so its pool changes its name with the layout. Change the layout of such nodes as docs/operations.md#changing-a-layout says`,
        ]
      : []),
    ...(layout === undefined ? [`node ${name} has no label ${MIG_CONFIG_LABEL}. npm run doctor says what mends it`] : []),
    ...(isReady ? [] : [`node ${name} is not Ready. npm run doctor says what mends it`]),
    ...(migState === "success"
      ? []
      : [`node ${name} has ${MIG_CONFIG_STATE_LABEL}=${migState ?? ""}, and must have "success" first. npm run doctor says what mends it`]),
    ...contentsProblems(node, kubectl),
  ];
}

/** Pods that a drain cannot end without harm, or cannot end at all. */
export function contentsProblems({ name, pods, holders }: PoolNode, kubectl: Kubectl): readonly string[] {
  return [
    ...pods
      .filter(({ owner, isEnding }) => owner.type === "none" && !isEnding)
      .map(
        (pod) =>
          `Pod ${podTitle(pod)} on node ${name} has no controller, so an eviction deletes it for good. Once its team agrees: ${kubectl("-n", pod.namespace, "delete", "pod", pod.name)}`,
      ),
    ...holders.map(
      (pod) =>
        `Pod ${podTitle(pod)} has claims and is of a DaemonSet, so a drain leaves it on node ${name}. Give the DaemonSet a node selector that leaves this node out`,
    ),
  ];
}

/** As the cluster is while no relayout is at work: what is evicted now may come back to every node of the pool. */
function withoutCordons(cluster: PlannedCluster, names: ReadonlySet<string>): PlannedCluster {
  const nodes = cluster.state.nodes.map((node) => (names.has(node.metadata.name) ? uncordoned(node) : node));
  return { ...cluster, state: { ...cluster.state, nodes } };
}

function invalid(problems: readonly string[]): Extract<Planning, { type: "invalid" }> {
  return { type: "invalid", problems };
}
