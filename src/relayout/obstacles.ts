/** What stands against the work on a node, with what mends it. */
import { podTitle } from "../cluster/objects";
import { kubectlFor } from "../cluster/shell-line";
import { NODE_GROUP_LABEL } from "../planner/state/nodes";
import { MIG_CONFIG_LABEL, MIG_CONFIG_STATE_LABEL } from "../well-known/labels";
import { doctorLine, relayoutLine } from "./command-lines";
import type { CommandScope } from "./command-lines";
import type { PoolNode } from "./pool";
import { RELAYOUT_ANNOTATION } from "./record";
import type { RelayoutRecord } from "./record";
import type { WorkQuestion } from "./work";

/** What the commands of a problem are about. */
export interface PoolScope extends CommandScope {
  readonly pool: string;
}

/** What has to be mended before anything is done. @param isChanged whether the work is about the node. */
export function problemsOf(node: PoolNode, work: WorkQuestion, isChanged: boolean, scope: PoolScope): readonly string[] {
  const { name, record } = node;
  switch (record.type) {
    case "invalid":
      return [
        `node ${name}: no relayout has written the annotation ${RELAYOUT_ANNOTATION} "${record.text}". Remove it: ${kubectlFor(scope.context)("annotate", "node", name, `${RELAYOUT_ANNOTATION}-`)}`,
      ];
    case "record":
      return isChanged && isOf(record.record, work) ? contentsProblems(node, scope) : [otherWork(name, record.record, scope)];
    case "none":
      return [...(isChanged ? startProblems(node, work.type, scope) : []), ...cordonProblem(node, scope)];
  }
}

/** Whether the work goes on with what has been begun, or takes it back. */
function isOf(record: RelayoutRecord, work: WorkQuestion): boolean {
  return record.type === "reboot"
    ? work.type === "reboot"
    : work.type === "layout" && (record.to === work.layout || record.from === work.layout);
}

function otherWork(name: string, record: RelayoutRecord, scope: PoolScope): string {
  const line = (...args: readonly string[]) => relayoutLine(scope, "--pool", scope.pool, ...args, "--node", name);
  switch (record.type) {
    case "layout": {
      const { from, to } = record;
      return `node ${name} is on its way from ${from} to ${to}. To go on with it: ${line("--layout", to)}. To take it back: ${line("--layout", from)}`;
    }
    case "reboot":
      return `node ${name} is on its way to a restart. To go on with it: ${line("--reboot")}`;
  }
}

/** At most one node of a pool is cordoned at a time. */
function cordonProblem({ name, isCordoned }: PoolNode, { context }: CommandScope): readonly string[] {
  return isCordoned
    ? [
        `node ${name} is cordoned, and a relayout cordons no other node of the pool at the same time. Uncordon it first: ${kubectlFor(context)("uncordon", name)}`,
      ]
    : [];
}

/** Why nothing is begun on a node. */
export function startProblems(node: PoolNode, work: WorkQuestion["type"], scope: CommandScope): readonly string[] {
  const { name, nodeGroup, layout, isReady, migState } = node;
  return [
    ...(nodeGroup === undefined && work === "layout"
      ? [
          `node ${name} has no label ${NODE_GROUP_LABEL}, so its pool changes its name with the layout. Change the layout of such nodes as docs/operations.md#changing-a-layout says`,
        ]
      : []),
    ...(layout === undefined ? [`node ${name} has no label ${MIG_CONFIG_LABEL}. ${doctorLine(scope)} says what mends it`] : []),
    ...(isReady ? [] : [`node ${name} is not Ready. ${doctorLine(scope)} says what mends it`]),
    ...(migState === "success"
      ? []
      : [
          `node ${name} has ${MIG_CONFIG_STATE_LABEL}=${migState ?? ""}, and must have "success" first. ${doctorLine(scope)} says what mends it`,
        ]),
    ...contentsProblems(node, scope),
  ];
}

/** Pods that a drain cannot end without harm, or cannot end at all. */
export function contentsProblems({ name, pods, holders }: PoolNode, { context }: CommandScope): readonly string[] {
  return [
    ...pods
      .filter(({ owner, isEnding }) => owner.type === "none" && !isEnding)
      .map(
        (pod) =>
          `Pod ${podTitle(pod)} on node ${name} has no controller, so an eviction deletes it for good. Once its team agrees: ${kubectlFor(context)("-n", pod.namespace, "delete", "pod", pod.name)}`,
      ),
    ...holders.map(
      (pod) =>
        `Pod ${podTitle(pod)} has claims and is of a DaemonSet, so a drain leaves it on node ${name}. Give the DaemonSet a node selector that leaves this node out`,
    ),
  ];
}
