/**
 * The next step of a relayout, from what the cluster shows at the moment and nothing else. So it does not matter which process did the steps before, or
 * where it ended: every step is one write, and each write makes another step the next one.
 */
import { kubectlFor } from "../cluster/shell-line";
import { contentsProblems, hasExactly, isDone, startProblems } from "./plan";
import type { Plan } from "./plan";
import type { PodReference, PoolNode, PoolPod } from "./pool";
import { RELAYOUT_ANNOTATION } from "./record";
import type { RelayoutRecord } from "./record";

export type Step =
  /** Cordons a node and writes the record, in one write. */
  | { readonly type: "begin"; readonly node: PoolNode; readonly record: RelayoutRecord }
  /** Turns a node back that is on its way to another layout. */
  | { readonly type: "turnBack"; readonly node: PoolNode; readonly record: RelayoutRecord }
  /** Somebody has uncordoned the node meanwhile. */
  | { readonly type: "cordon"; readonly node: PoolNode }
  | { readonly type: "evict"; readonly node: PoolNode; readonly pods: readonly PoolPod[] }
  /** Sets the node's layout and takes MIG Manager's last state away, so that no state of before is taken for the new one. */
  | { readonly type: "relabel"; readonly node: PoolNode; readonly record: RelayoutRecord }
  /** Has MIG Manager try again what has failed. */
  | { readonly type: "retry"; readonly node: PoolNode }
  /** The plugin lists devices once, when it starts: this one did before the GPUs were divided. */
  | { readonly type: "restartPlugin"; readonly node: PoolNode; readonly plugin: PodReference }
  /** Uncordons the node and removes the record, in one write. */
  | { readonly type: "finish"; readonly node: PoolNode }
  | { readonly type: "wait"; readonly node: PoolNode; readonly phase: Phase }
  | { readonly type: "stop"; readonly stop: Stop }
  | { readonly type: "done" };

/** What a node is waited for: its pods to end, MIG Manager, or the slices. */
export type Phase = "drain" | "partition" | "publication";

/** Why a relayout does not go on by itself. The node is as it was, or cordoned with its record. */
export type Stop =
  /** Pods that the plan does not name are on the node. */
  | { readonly type: "unplanned"; readonly node: PoolNode; readonly pods: readonly PoolPod[] }
  | { readonly type: "obstacle"; readonly node: PoolNode; readonly problems: readonly string[] }
  /** MIG Manager has failed. */
  | { readonly type: "failed"; readonly node: PoolNode }
  /** A phase has lasted longer than its limit. */
  | { readonly type: "late"; readonly node: PoolNode; readonly phase: Phase; readonly blockers: readonly string[] };

/**
 * @param nodes the members of the pool that there are.
 * @param retried nodes on which MIG Manager was told to try again.
 */
export function nextStep(plan: Plan, nodes: readonly PoolNode[], retried: ReadonlySet<string>): Step {
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
      return obstacle(current, [`somebody has changed the annotation ${RELAYOUT_ANNOTATION} of node ${current.name} to "${record.text}"`]);
    case "none":
      return cordoning(begin(plan, current));
    case "record":
      if (record.record.to !== plan.layout) {
        return { type: "turnBack", node: current, record: { from: record.record.to, to: plan.layout } };
      }
      return current.isCordoned ? change(plan, current, record.record, retried) : cordoning({ type: "cordon", node: current });
  }
}

function begin(plan: Plan, node: PoolNode): Step {
  return (
    blocked(plan, node, startProblems(node, kubectlFor(plan.context))) ?? {
      type: "begin",
      node,
      record: { from: node.layout ?? "", to: plan.layout },
    }
  );
}

function change(plan: Plan, node: PoolNode, record: RelayoutRecord, retried: ReadonlySet<string>): Step {
  return node.layout === plan.layout ? settle(plan, node, record, retried) : drain(plan, node, record);
}

function drain(plan: Plan, node: PoolNode, record: RelayoutRecord): Step {
  const stop = blocked(plan, node, contentsProblems(node, kubectlFor(plan.context)));
  if (stop !== undefined) {
    return stop;
  }
  const pods = node.pods.filter(({ isEnding }) => !isEnding);
  if (pods.length > 0) {
    return { type: "evict", node, pods };
  }
  if (node.pods.length > 0) {
    return { type: "wait", node, phase: "drain" };
  }
  const [plugin] = node.plugins.filter(({ isEnding }) => !isEnding);
  // MIG Manager compares the label with the last one that it has read: one that changes back before is no change.
  return node.migState !== "success" && node.migState !== "failed"
    ? { type: "wait", node, phase: "partition" }
    : { type: "relabel", node, record: { ...record, ...(plugin === undefined ? {} : { plugin: plugin.uid }) } };
}

function settle(plan: Plan, node: PoolNode, record: RelayoutRecord, retried: ReadonlySet<string>): Step {
  if (node.migState === "failed") {
    return plan.retries.includes(node.name) && !retried.has(node.name)
      ? { type: "retry", node }
      : { type: "stop", stop: { type: "failed", node } };
  }
  if (node.migState !== "success" || !node.isReady) {
    return { type: "wait", node, phase: "partition" };
  }
  const stale = node.plugins.find(({ uid }) => uid === record.plugin);
  if (stale !== undefined && !stale.isEnding) {
    return { type: "restartPlugin", node, plugin: stale };
  }
  // What a plugin of before has published stays for a while, and can look the same.
  const isPublishing = stale === undefined && node.plugins.some(({ isEnding, isReady }) => isReady && !isEnding);
  return isPublishing && hasExactly(node.devices, plan.devices) ? { type: "finish", node } : { type: "wait", node, phase: "publication" };
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

function obstacle(node: PoolNode, problems: readonly string[]): Step {
  return { type: "stop", stop: { type: "obstacle", node, problems } };
}
