/** Before the chain of a node: whether a relayout is at the node, or has left it. What the chain would say meanwhile, and the commands for it, would undo the relayout. */
import { RELAYOUT_ANNOTATION } from "../../relayout/record";
import type { RelayoutRecord } from "../../relayout/record";
import { NODE_GROUP_LABEL } from "../../planner/state/nodes";
import { INSTANCE_TYPE_LABEL, MIG_CONFIG_LABEL, MIG_CONFIG_STATE_LABEL } from "../../well-known/labels";
import { HOLDS, broken, notYet, subjectOf } from "../check";
import type { Examined, Link, NodeCheck } from "../check";
import { claimants } from "../cluster";
import type { ObservedNode } from "../cluster";
import { PATIENCE_MS, minutesText } from "../patience";

export const checkRelayout: NodeCheck = (node, examined) => {
  const { relayout } = node;
  switch (relayout.type) {
    case "none":
      return ofItsPool(node, examined);
    case "invalid":
      return broken("relayout-stopped", {
        subject: subjectOf(node),
        seen: `no relayout has written the annotation ${RELAYOUT_ANNOTATION} "${relayout.text}"`,
        commands: [examined.command.kubectl("annotate", "node", node.name, `${RELAYOUT_ANNOTATION}-`)],
      });
    case "record":
      return ofRecord(node, relayout.record, examined);
  }
};

/** The nodes before the one that a relayout is at have another layout than the stack still declares. */
function ofItsPool(node: ObservedNode, { cluster }: Examined): Link {
  const layout = node.labels[MIG_CONFIG_LABEL];
  const nodeGroup = node.labels[NODE_GROUP_LABEL];
  const at = cluster.gpuNodes.find(
    ({ labels, relayout }) =>
      nodeGroup !== undefined &&
      labels[NODE_GROUP_LABEL] === nodeGroup &&
      relayout.type === "record" &&
      [relayout.record.from, relayout.record.to].some((each) => each === layout),
  );
  return node.group !== undefined || at === undefined
    ? HOLDS
    : notYet(node, `the relayout of its pool ends, which is at node ${at.name}. It has its layout: ${layout ?? ""}`);
}

function ofRecord(node: ObservedNode, { from, to }: RelayoutRecord, { declaration: { gpuGroups }, command }: Examined): Link {
  const { relayoutAgeMs, layoutAgeMs, labels } = node;
  const way = `a relayout from ${from} to ${to}`;
  // It drains the node before, and a state of before says nothing of the new layout.
  const hasFailed =
    labels[MIG_CONFIG_LABEL] === to && labels[MIG_CONFIG_STATE_LABEL] === "failed" && (layoutAgeMs ?? Infinity) >= PATIENCE_MS.label;
  const isOld = relayoutAgeMs !== undefined && relayoutAgeMs >= PATIENCE_MS.relayout;
  if (!hasFailed && !isOld) {
    return notYet(node, `${way} ends`);
  }
  const isDeclared = (layout: string) =>
    gpuGroups.some((group) => group.layout === layout && group.instanceType === labels[INSTANCE_TYPE_LABEL]);
  const pool = labels[NODE_GROUP_LABEL];
  const [layout = to] = [to, from].filter(isDeclared);
  return broken("relayout-stopped", {
    subject: subjectOf(node),
    seen: hasFailed
      ? `${way}, and ${MIG_CONFIG_STATE_LABEL}=failed`
      : `${way}, which has written nothing for at least ${minutesText(relayoutAgeMs ?? 0)}`,
    hurts: claimants(node),
    // To what the stack declares, and this node only: whether the others follow is for whoever began it to say.
    commands: [command.relayout(...(pool === undefined ? [] : ["--pool", pool]), "--layout", layout, "--node", node.name)],
  });
}
