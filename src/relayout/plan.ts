/** What a relayout does to a pool, before it does anything: which nodes in which order, which pods stop, and what stands against it. */
import type { Counts } from "../cluster/readiness";
import { uncordoned } from "../dra/allocator";
import { devicesPerNode } from "../hardware/node-devices";
import { didYouMean } from "../hardware/nearest";
import type { KINDS } from "../planner/snapshot/kinds";
import type { Snapshot } from "../planner/snapshot/snapshot";
import type { PlannedCluster, PlannedNode } from "../planner/state/cluster";
import { readCluster } from "../planner/state/read";
import { layoutChange, poolNamed } from "../planner/what-if/change";
import type { Change, ResolveLayout } from "../planner/what-if/change";
import { whatIf } from "../planner/what-if/what-if";
import type { WhatIf } from "../planner/what-if/what-if";
import { hasRestarted, isDone } from "./done";
import { problemsOf } from "./obstacles";
import { poolNodes } from "./pool";
import type { PoolNode, PoolPod } from "./pool";
import type { Run } from "./run";
import type { Work, WorkQuestion } from "./work";

export interface RelayoutQuestion {
  /** A pool, or a part of its name. Undefined: the only one. */
  readonly pool: string | undefined;
  readonly work: WorkQuestion;
  /** Only these nodes of the pool; empty: all. */
  readonly nodes: readonly string[];
  /** The kubectl context of the cluster, for commands. Undefined: kubectl's current one. */
  readonly context?: string | undefined;
  /** The stack of the cluster, for commands. */
  readonly stack?: string | undefined;
}

export interface Plan {
  /** As in the question. */
  readonly context: string | undefined;
  /** As in the question. */
  readonly stack: string | undefined;
  /** As in the question. */
  readonly asked: readonly string[];
  readonly pool: string;
  readonly work: Work;
  /** What a node publishes afterwards, by profile, by node. */
  readonly devices: ReadonlyMap<string, Counts>;
  /** The nodes to change, in this order. */
  readonly nodes: readonly string[];
  /** Those of them that an earlier run has cordoned. */
  readonly begun: readonly string[];
  /** The nodes of the pool on which nothing is left to do. */
  readonly done: readonly string[];
  /** The nodes of the pool that are none of a run of reboots, because they have joined since it began. They are left alone. */
  readonly joined: readonly string[];
  /** Every node of the pool: while one of them is cordoned, no other one is. */
  readonly members: readonly string[];
  /** The pods that may be evicted. What their controllers make in their place may be too. */
  readonly evicts: readonly PoolPod[];
  /** Nodes on which MIG Manager has failed, and tries again. */
  readonly retries: readonly string[];
  readonly effect: WhatIf;
}

export type Planning =
  | { readonly type: "plan"; readonly plan: Plan }
  /** Nothing is left to do on these nodes. */
  | {
      readonly type: "done";
      readonly pool: string;
      readonly work: WorkQuestion;
      readonly nodes: readonly string[];
      /** As in a plan. */
      readonly joined: readonly string[];
      /** Whether the question was about the whole pool. */
      readonly isWhole: boolean;
      /** Whether nothing is left of the run of reboots, on these nodes and on others. */
      readonly isRunOver: boolean;
      /** The run that the pool's Lease had noted. */
      readonly noted: Run | undefined;
    }
  | { readonly type: "invalid"; readonly problems: readonly string[] };

/** Without these it is unknown what stops. */
const ESSENTIAL: readonly (keyof typeof KINDS)[] = ["Node", "Pod", "ResourceSlice", "ResourceClaim", "DeviceClass"];

/** The name of the pool that a question is about. Undefined: there is none, or there are several. */
export function poolOf(snapshot: Snapshot, name: string | undefined): string | undefined {
  const reading = poolNamed(readCluster(snapshot), name);
  return reading.type === "invalid" ? undefined : reading.nodes[0]?.pool;
}

/**
 * @param resolve says what a name of a layout means to the MIG Manager of the cluster.
 * @param begunRun of reboots that has begun and not ended. @default none
 */
export function planRelayout(snapshot: Snapshot, question: RelayoutQuestion, resolve: ResolveLayout, begunRun?: Run): Planning {
  const gaps = snapshot.gaps.filter(({ kind }) => ESSENTIAL.includes(kind));
  if (gaps.length > 0) {
    return invalid(gaps.map(({ kind, reason }) => `without ${kind} objects it is unknown which pods stop: ${reason}`));
  }
  const cluster = readCluster(snapshot);
  const target = targetOf(cluster, question, resolve, snapshot);
  if (target.type === "invalid") {
    return target;
  }
  const { context, stack, nodes: asked } = question;
  const { devices } = target;
  const members = target.nodes.map(({ name }) => name);
  const strangers = asked.filter((name) => !members.includes(name));
  if (strangers.length > 0) {
    return invalid(strangers.map((name) => `--node ${name}: the pool has no such node${didYouMean(name, members)}`));
  }
  const pool = target.nodes[0]?.pool ?? "";
  const all = poolNodes(snapshot.objects, (name) => members.includes(name));
  // Other nodes have come in the place of all that a run was about: nothing is left of it.
  const run = all.some(({ name }) => begunRun?.boots.has(name) === true) ? begunRun : undefined;
  const isOfRun = (name: string) => run?.isWhole !== true || run.boots.has(name);
  const wanted = all.filter(({ name }) => (asked.length === 0 ? isOfRun(name) : asked.includes(name)));
  const joined = asked.length === 0 ? members.filter((name) => !isOfRun(name)) : [];
  const work = workOn(wanted, question, run);
  const left = wanted.filter((node) => !isDone(node, { work, devices }));
  const problems = all.flatMap((node) => problemsOf(node, question.work, left.includes(node), { context, stack, pool }));
  if (problems.length > 0) {
    return invalid(problems);
  }
  const done = wanted.filter((node) => !left.includes(node)).map(({ name }) => name);
  if (left.length === 0) {
    const isRunOver = all.every(({ name, bootId }) => run?.boots.has(name) !== true || hasRestarted(bootId, run.boots.get(name)));
    return { type: "done", pool, work: question.work, nodes: done, joined, isWhole: asked.length === 0, isRunOver, noted: begunRun };
  }
  const names = new Set(left.map(({ name }) => name));
  const effect = whatIf(withoutCordons(cluster, names), target.change(target.nodes.filter(({ name }) => names.has(name))));
  const begun = left.filter(({ record }) => record.type === "record").map(({ name }) => name);
  const order = effect.steps.flatMap((step) => step.nodes);
  return {
    type: "plan",
    plan: {
      ...{ context, stack, asked, pool, work, devices, begun, done, joined, members, effect },
      nodes: [...begun, ...order.filter((name) => !begun.includes(name))],
      evicts: left.flatMap(({ pods }) => pods),
      retries: left.filter((node) => isDivided(node, question.work) && node.migState === "failed").map(({ name }) => name),
    },
  };
}

interface Target {
  readonly type: "target";
  /** The pool. */
  readonly nodes: readonly PlannedNode[];
  readonly devices: ReadonlyMap<string, Counts>;
  /** What the planner is asked about. */
  readonly change: (nodes: readonly PlannedNode[]) => Change;
}

type Invalid = Extract<Planning, { readonly type: "invalid" }>;

function targetOf(
  cluster: PlannedCluster,
  { pool, work }: RelayoutQuestion,
  resolve: ResolveLayout,
  { objects }: Snapshot,
): Target | Invalid {
  switch (work.type) {
    case "layout": {
      const change = layoutChange(cluster, { layout: work.layout, pool }, resolve);
      return change.type === "invalid"
        ? invalid([change.reason])
        : {
            ...{ type: "target", nodes: change.nodes },
            devices: new Map(change.nodes.map(({ name }) => [name, devicesPerNode(change.layout)])),
            change: (nodes) => ({ ...change, nodes, roll: "oneByOne" }),
          };
    }
    case "reboot": {
      const reading = poolNamed(cluster, pool);
      if (reading.type === "invalid") {
        return invalid([reading.reason]);
      }
      const members = new Set(reading.nodes.map(({ name }) => name));
      const layouts = new Map(poolNodes(objects, (name) => members.has(name)).map(({ name, layout }) => [name, layout]));
      const devices = reading.nodes.map((node) => devicesOf(node, layouts.get(node.name), resolve));
      const problems = devices.flatMap(({ problem }) => problem ?? []);
      return problems.length > 0
        ? invalid(problems)
        : {
            ...{ type: "target", nodes: reading.nodes },
            devices: new Map(devices.map(({ name, counts }) => [name, counts ?? {}])),
            change: (nodes) => ({ type: "reboot", nodes }),
          };
    }
  }
}

/** What a node publishes in the layout that it has. Without a label it has none, which is a problem of that node (`startProblems`). */
function devicesOf(
  { name, gpus }: PlannedNode,
  layout: string | undefined,
  resolve: ResolveLayout,
): { readonly name: string; readonly counts?: Counts; readonly problem?: string } {
  if (layout === undefined || gpus === undefined) {
    return { name };
  }
  const resolved = resolve(layout, gpus.model, gpus.count);
  return resolved.type === "invalid"
    ? { name, problem: `node ${name}: ${resolved.reason}` }
    : { name, counts: devicesPerNode(resolved.layout) };
}

function workOn(nodes: readonly PoolNode[], { work, nodes: asked }: RelayoutQuestion, run: Run | undefined): Work {
  switch (work.type) {
    case "layout":
      return { ...work, from: new Map(nodes.map((node) => [node.name, formerLayout(node, work.layout)])) };
    case "reboot": {
      const before = run?.boots ?? new Map<string, string>();
      const boots = nodes.flatMap(({ name, bootId, record }) => {
        const boot = before.get(name) ?? begunWith(record) ?? bootId;
        return boot === undefined ? [] : [[name, boot] as const];
      });
      return {
        type: "reboot",
        run: { isWhole: asked.length === 0 || run?.isWhole === true, boots: new Map([...before, ...boots]) },
        layouts: new Map(nodes.map(({ name, layout }) => [name, layout ?? ""])),
      };
    }
  }
}

function begunWith(record: PoolNode["record"]): string | undefined {
  return record.type === "record" && record.record.type === "reboot" ? record.record.bootId : undefined;
}

/** Whether MIG Manager is at what the work is about: what it reports is of the new layout, or of after the restart. */
function isDivided({ record, layout, bootId }: PoolNode, work: WorkQuestion): boolean {
  if (record.type !== "record") {
    return false;
  }
  return record.record.type === "reboot"
    ? hasRestarted(bootId, record.record.bootId)
    : work.type === "layout" && record.record.to === work.layout && layout === work.layout;
}

/** The layout of before the relayout to `target`. */
function formerLayout({ record, layout }: PoolNode, target: string): string {
  return record.type === "record" && record.record.type === "layout"
    ? record.record.to === target
      ? record.record.from
      : record.record.to
    : (layout ?? "");
}

/** As the cluster is while no relayout is at work: what is evicted now may come back to every node of the pool. */
function withoutCordons(cluster: PlannedCluster, names: ReadonlySet<string>): PlannedCluster {
  const nodes = cluster.state.nodes.map((node) => (names.has(node.metadata.name) ? uncordoned(node) : node));
  return { ...cluster, state: { ...cluster.state, nodes } };
}

function invalid(problems: readonly string[]): Invalid {
  return { type: "invalid", problems };
}
