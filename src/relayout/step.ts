/**
 * The next step of a relayout, from what the cluster shows at the moment and nothing else. So it does not matter which process did the steps before, or
 * where it ended: every step is one write, and each write makes another step the next one.
 */
import { kubectlFor } from "../cluster/shell-line";
import { MIG_CONFIG_LABEL } from "../well-known/labels";
import { hasExactly, hasRestarted, isDone } from "./done";
import { contentsProblems, startProblems } from "./obstacles";
import type { Plan } from "./plan";
import type { Instance, PodReference, PoolNode, PoolPod } from "./pool";
import type { Work } from "./work";
import { RELAYOUT_ANNOTATION } from "./record";
import type { LayoutRecord, RebootRecord, RelayoutRecord } from "./record";

export type Step =
  /** Cordons a node and writes the record, in one write. */
  | { readonly type: "begin"; readonly node: PoolNode; readonly record: RelayoutRecord }
  /** Turns a node back that is on its way to another layout. */
  | { readonly type: "turnBack"; readonly node: PoolNode; readonly record: LayoutRecord }
  /** Somebody has uncordoned the node meanwhile. */
  | { readonly type: "cordon"; readonly node: PoolNode }
  | { readonly type: "evict"; readonly node: PoolNode; readonly pods: readonly PoolPod[] }
  /** Sets the node's layout and takes MIG Manager's last state away, so that no state of before is taken for the new one. */
  | { readonly type: "relabel"; readonly node: PoolNode; readonly record: LayoutRecord }
  /** Takes MIG Manager's last state away, and with it the DRA plugin that waits for it: neither is taken for one of after the restart. */
  | { readonly type: "clearState"; readonly node: PoolNode; readonly record: RebootRecord }
  /** Has the node restarted, by whoever can: no API server does that. */
  | { readonly type: "reboot"; readonly node: PoolNode; readonly instance: Instance }
  /** Has MIG Manager try again what has failed. */
  | { readonly type: "retry"; readonly node: PoolNode }
  /** The plugin lists devices once, when it starts: this one did before the GPUs were divided. */
  | { readonly type: "restartPlugin"; readonly node: PoolNode; readonly plugin: PodReference }
  /** Uncordons the node and removes the record, in one write. */
  | { readonly type: "finish"; readonly node: PoolNode }
  | { readonly type: "wait"; readonly node: PoolNode; readonly phase: Phase }
  | { readonly type: "stop"; readonly stop: Stop }
  | { readonly type: "done" };

/** What a node is waited for: its pods to end, another boot ID, MIG Manager, or the slices. */
export type Phase = "drain" | "restart" | "partition" | "publication";

/** Why a relayout does not go on by itself. The node is as it was, or cordoned with its record. */
export type Stop =
  /** Pods that the plan does not name are on the node. */
  | { readonly type: "unplanned"; readonly node: PoolNode; readonly pods: readonly PoolPod[] }
  | { readonly type: "obstacle"; readonly node: PoolNode; readonly problems: readonly string[] }
  /** MIG Manager has failed. */
  | { readonly type: "failed"; readonly node: PoolNode }
  /** A phase has lasted longer than its limit. */
  | { readonly type: "late"; readonly node: PoolNode; readonly phase: Phase; readonly blockers: readonly string[] };

/** What a process has asked for once, of which the cluster shows nothing yet: nodes by name. */
export interface Asked {
  /** MIG Manager was told to try again. */
  readonly retry: ReadonlySet<string>;
  readonly reboot: ReadonlySet<string>;
}

/** @param nodes the members of the pool that there are. */
export function nextStep(plan: Plan, nodes: readonly PoolNode[], asked: Asked): Step {
  const left = plan.nodes.flatMap((name) => nodes.filter((node) => node.name === name && !isDone(node, plan)));
  const current = left.find(({ record }) => record.type !== "none") ?? left[0];
  if (current === undefined) {
    return { type: "done" };
  }
  const other = nodes.find(({ name, isCordoned }) => isCordoned && name !== current.name);
  const cordoning = (step: Step): Step =>
    other === undefined
      ? step
      : obstacle(current, [
          `node ${other.name} is cordoned, and a relayout cordons no other node of the pool at the same time. Once it may: ${kubectlFor(plan.context)("uncordon", other.name)}`,
        ]);
  const { record } = current;
  switch (record.type) {
    case "invalid":
      return changedRecord(current, record.text);
    case "none":
      return cordoning(begin(plan, current));
    case "record":
      return (
        turnedBack(plan, current, record.record) ??
        (current.isCordoned ? change(plan, current, record.record, asked) : cordoning({ type: "cordon", node: current }))
      );
  }
}

function begin(plan: Plan, node: PoolNode): Step {
  const { work } = plan;
  const problems = [...startProblems(node, work.type, plan), ...(work.type === "reboot" ? restartProblems(node, work) : [])];
  return (
    blocked(plan, node, problems) ?? {
      ...{ type: "begin", node },
      record: work.type === "layout" ? { type: "layout", from: node.layout ?? "", to: work.layout } : { type: "reboot" },
    }
  );
}

type RebootWork = Extract<Work, { readonly type: "reboot" }>;

/** Without these nobody could say which instance to restart, whether it has restarted, or what it must publish. */
function restartProblems({ name, instance, bootId, layout }: PoolNode, { run, layouts }: RebootWork): readonly string[] {
  return [
    ...(instance === undefined ? [`node ${name}: spec.providerID and the label of its region name no instance of EC2`] : []),
    ...(bootId === undefined || !run.boots.has(name)
      ? [`node ${name}: its kubelet reports no boot ID, or did not when the plan was made, so nothing would show that it has restarted`]
      : []),
    ...(layout === layouts.get(name) ? [] : [`node ${name}: somebody has changed the label ${MIG_CONFIG_LABEL} since the plan was made`]),
  ];
}

function turnedBack({ work }: Plan, node: PoolNode, record: RelayoutRecord): Step | undefined {
  return work.type === "layout" && record.type === "layout" && record.to !== work.layout
    ? { type: "turnBack", node, record: { type: "layout", from: record.to, to: work.layout } }
    : undefined;
}

function change(plan: Plan, node: PoolNode, record: RelayoutRecord, asked: Asked): Step {
  const { work } = plan;
  if (work.type === "layout" && record.type === "layout") {
    return node.layout === work.layout ? settle(plan, node, record, asked) : (drain(plan, node) ?? relabel(node, record));
  }
  if (work.type === "reboot" && record.type === "reboot") {
    return hasRestarted(node.bootId, record.bootId)
      ? settle(plan, node, record, asked)
      : (drain(plan, node) ?? restart(node, record, asked));
  }
  return changedRecord(node, JSON.stringify(record));
}

/** Undefined: the node is empty, and MIG Manager is at nothing. */
function drain(plan: Plan, node: PoolNode): Step | undefined {
  const stop = blocked(plan, node, contentsProblems(node, plan));
  if (stop !== undefined) {
    return stop;
  }
  const pods = node.pods.filter(({ isEnding }) => !isEnding);
  if (pods.length > 0) {
    return { type: "evict", node, pods };
  }
  return node.pods.length > 0 ? { type: "wait", node, phase: "drain" } : undefined;
}

function relabel(node: PoolNode, record: LayoutRecord): Step {
  // MIG Manager compares the label with the last one that it has read: one that changes back before is no change.
  return isAtRest(node) ? { type: "relabel", node, record: { ...record, ...pluginOf(node) } } : { type: "wait", node, phase: "partition" };
}

function restart(node: PoolNode, record: RebootRecord, asked: Asked): Step {
  if (node.migState !== undefined || record.bootId === undefined) {
    return isAtRest(node)
      ? {
          type: "clearState",
          node,
          record: { ...record, ...(node.bootId === undefined ? {} : { bootId: node.bootId }), ...pluginOf(node) },
        }
      : { type: "wait", node, phase: "partition" };
  }
  // A node that is not Ready may be on its way down already: an earlier process has had it restarted.
  return asked.reboot.has(node.name) || !node.isReady || node.instance === undefined
    ? { type: "wait", node, phase: "restart" }
    : { type: "reboot", node, instance: node.instance };
}

/** Whether MIG Manager has ended what it was at. */
function isAtRest({ migState }: PoolNode): boolean {
  return migState === "success" || migState === "failed";
}

function pluginOf({ plugins }: PoolNode): Pick<RelayoutRecord, "plugin"> {
  const [plugin] = plugins.filter(({ isEnding }) => !isEnding);
  return plugin === undefined ? {} : { plugin: plugin.uid };
}

function settle(plan: Plan, node: PoolNode, { plugin }: RelayoutRecord, asked: Asked): Step {
  const { name, migState, isReady, plugins } = node;
  if (migState === "failed") {
    return plan.retries.includes(name) && !asked.retry.has(name)
      ? { type: "retry", node }
      : { type: "stop", stop: { type: "failed", node } };
  }
  if (migState !== "success" || !isReady) {
    return { type: "wait", node, phase: "partition" };
  }
  const stale = plugins.find(({ uid }) => uid === plugin);
  if (stale !== undefined && !stale.isEnding) {
    return { type: "restartPlugin", node, plugin: stale };
  }
  // What a plugin of before has published stays for a while, and can look the same.
  const isPublishing = stale === undefined && plugins.some((each) => each.isReady && !each.isEnding);
  return isPublishing && hasExactly(node.devices, plan.devices.get(name))
    ? { type: "finish", node }
    : { type: "wait", node, phase: "publication" };
}

/** What keeps the pods of a node from being evicted. */
function blocked({ evicts }: Plan, node: PoolNode, problems: readonly string[]): Step | undefined {
  const uids = new Set(evicts.map(({ uid }) => uid));
  const owners = new Set(evicts.flatMap(({ owner }) => (owner.type === "controller" ? [owner.uid] : [])));
  const unplanned = node.pods.filter(
    ({ uid, owner, isEnding }) => !isEnding && !uids.has(uid) && !(owner.type === "controller" && owners.has(owner.uid)),
  );
  return unplanned.length > 0
    ? { type: "stop", stop: { type: "unplanned", node, pods: unplanned } }
    : problems.length > 0
      ? obstacle(node, problems)
      : undefined;
}

function changedRecord(node: PoolNode, text: string): Step {
  return obstacle(node, [`somebody has changed the annotation ${RELAYOUT_ANNOTATION} of node ${node.name} to "${text}"`]);
}

function obstacle(node: PoolNode, problems: readonly string[]): Step {
  return { type: "stop", stop: { type: "obstacle", node, problems } };
}
