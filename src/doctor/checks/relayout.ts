/** Before the chain of a node: whether a relayout is at the node, or has left it. What the chain would say meanwhile, and the commands for it, would undo the relayout. */
import { lastingCommands } from "../../relayout/lasting";
import { RELAYOUT_ANNOTATION } from "../../relayout/record";
import type { LayoutRecord } from "../../relayout/record";
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
      return relayout.record.type === "layout" ? ofLayout(node, relayout.record, examined) : ofReboot(node, examined);
  }
};

/** The nodes before the one that a relayout is at have another layout than the stack still declares, and so have all of them until `pulumi up`. */
function ofItsPool(node: ObservedNode, examined: Examined): Link {
  const { cluster, rollout } = examined;
  const layout = node.labels[MIG_CONFIG_LABEL];
  const nodeGroup = node.labels[NODE_GROUP_LABEL];
  if (node.group !== undefined || layout === undefined || nodeGroup === undefined) {
    return HOLDS;
  }
  const members = cluster.gpuNodes.filter(({ labels }) => labels[NODE_GROUP_LABEL] === nodeGroup);
  const at = members.find(
    ({ relayout }) =>
      relayout.type === "record" &&
      relayout.record.type === "layout" &&
      [relayout.record.from, relayout.record.to].some((each) => each === layout),
  );
  if (at !== undefined) {
    return notYet(node, `the relayout of its pool ends, which is at node ${at.name}. It has its layout: ${layout}`);
  }
  const isAtWork = rollout.type === "running" || rollout.type === "otherConfiguration";
  return node.isRelayouted && !isAtWork ? ofDone(node, members, { layout, nodeGroup }, examined) : HOLDS;
}

/** A relayout has given the node its layout, and the stack declares another one. */
function ofDone(
  node: ObservedNode,
  members: readonly ObservedNode[],
  { layout, nodeGroup }: { readonly layout: string; readonly nodeGroup: string },
  { declaration, command }: Examined,
): Link {
  const declared = declaration.gpuGroups.find(({ instanceType }) => instanceType === node.labels[INSTANCE_TYPE_LABEL])?.layout;
  if (declared === undefined) {
    return HOLDS;
  }
  if (!members.every(({ labels }) => labels[MIG_CONFIG_LABEL] === layout)) {
    return broken("relayout-not-in-stack", {
      subject: subjectOf(node),
      seen: `a relayout has given it ${layout}, and not the whole of its pool. The stack declares ${declared}`,
      hurts: claimants(node),
      // Only a person knows whether the other nodes are to follow. What the stack declares is what everybody has agreed on.
      commands: [command.relayout("--pool", nodeGroup, "--layout", declared, "--node", node.name)],
    });
  }
  const [first = node] = members.filter(({ isRelayouted }) => isRelayouted);
  return first.name !== node.name
    ? notYet(node, `pulumi up makes its layout last: ${layout}`)
    : broken("relayout-not-in-stack", {
        subject: `pool ${nodeGroup}`,
        seen: `a relayout has given ${layout} to all of its nodes, and the stack declares ${declared}`,
        commands: lastingCommands(layout, nodeGroup, declaration),
      });
}

function ofLayout(node: ObservedNode, { from, to }: LayoutRecord, { declaration: { gpuGroups }, command }: Examined): Link {
  const { labels } = node;
  const way = `a relayout from ${from} to ${to}`;
  // It drains the node before, and a state of before says nothing of the new layout.
  const stop = stopOf(node, labels[MIG_CONFIG_LABEL] === to);
  if (stop === undefined) {
    return notYet(node, `${way} ends`);
  }
  const isDeclared = (layout: string) =>
    gpuGroups.some((group) => group.layout === layout && group.instanceType === labels[INSTANCE_TYPE_LABEL]);
  const pool = labels[NODE_GROUP_LABEL];
  const [layout = to] = [to, from].filter(isDeclared);
  return broken("relayout-stopped", {
    subject: subjectOf(node),
    seen: `${way}, ${stop}`,
    hurts: claimants(node),
    // To what the stack declares, and this node only: whether the others follow is for whoever began it to say.
    commands: [command.relayout(...(pool === undefined ? [] : ["--pool", pool]), "--layout", layout, "--node", node.name)],
  });
}

/** A relayout restarts the node, which keeps its layout. */
function ofReboot(node: ObservedNode, { command }: Examined): Link {
  const way = "a relayout that restarts it";
  const stop = stopOf(node, true);
  const pool = node.labels[NODE_GROUP_LABEL];
  return stop === undefined
    ? notYet(node, `${way} ends`)
    : broken("relayout-stopped", {
        subject: subjectOf(node),
        seen: `${way}, ${stop}`,
        hurts: claimants(node),
        commands: [command.relayout(...(pool === undefined ? [] : ["--pool", pool]), "--reboot", "--node", node.name)],
      });
}

/** Why a relayout does not go on by itself. Undefined: it may be at work. @param isDivided whether what MIG Manager says is of after the change. */
function stopOf({ labels, layoutAgeMs, relayoutAgeMs }: ObservedNode, isDivided: boolean): string | undefined {
  if (isDivided && labels[MIG_CONFIG_STATE_LABEL] === "failed" && (layoutAgeMs ?? Infinity) >= PATIENCE_MS.label) {
    return `and ${MIG_CONFIG_STATE_LABEL}=failed`;
  }
  return relayoutAgeMs !== undefined && relayoutAgeMs >= PATIENCE_MS.relayout
    ? `which has written nothing for at least ${minutesText(relayoutAgeMs)}`
    : undefined;
}
