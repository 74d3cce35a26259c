/** Node groups among the other resources of a stack. */
import { LAUNCH_TEMPLATE } from "../src/well-known/resource-types";
import { readNodeGroup } from "./aws-node-groups";
import type { NodeGroup } from "./aws-node-groups";
import type { StackMember } from "./on-stack";
import { UNKNOWN } from "./snapshot";

export interface StackNodeGroup {
  readonly member: StackMember;
  readonly group: NodeGroup;
}

/** Reads a resource of one of the types `NODE_GROUPS`. */
export function stackNodeGroup(member: StackMember): StackNodeGroup {
  return { member, group: readNodeGroup(member.type, member.props) };
}

/**
 * The instance types of a node group; `UNKNOWN` among them for one that cannot be seen. Where the node group names none, its launch template
 * does (capacity blocks have it there), and is found by the dependency: ids are unknown in the first preview.
 */
export function instanceTypesOf({ member, group }: StackNodeGroup): readonly unknown[] {
  if (group.instanceTypes === UNKNOWN) return [UNKNOWN];
  if (group.instanceTypes !== undefined) return group.instanceTypes;
  const templates = member.sourcesOf("launchTemplate").filter(({ type }) => type === LAUNCH_TEMPLATE);
  return [...new Set(templates.map(({ props }) => props["instanceType"]).filter((type) => type !== undefined))];
}
