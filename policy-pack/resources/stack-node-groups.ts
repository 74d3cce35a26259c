/** Node groups among the other resources of a stack. */
import type { LaunchTemplateArgs } from "@pulumi/aws/ec2/launchTemplate";
import { LAUNCH_TEMPLATE } from "../../src/well-known/resource-types";
import { ofType } from "../evaluation/on-stack";
import type { MemberProperties, StackMember } from "../evaluation/on-stack";
import { UNKNOWN } from "../evaluation/snapshot";
import { readNodeGroup } from "./node-groups";
import type { NodeGroup } from "./node-groups";

export interface StackNodeGroup {
  readonly member: StackMember;
  readonly group: NodeGroup;
}

/** Reads a resource of one of the types `NODE_GROUPS`. */
export function stackNodeGroup(member: StackMember): StackNodeGroup {
  return { member, group: readNodeGroup(member) };
}

/** The launch templates of a node group. It finds them by the dependency, because ids are unknown in the first preview. */
export function launchTemplatesOf(member: StackMember): readonly MemberProperties<LaunchTemplateArgs>[] {
  return member.sourcesOf("launchTemplate").flatMap((source) => ofType<LaunchTemplateArgs>(source, LAUNCH_TEMPLATE) ?? []);
}

/**
 * The instance types of a node group, with `UNKNOWN` for one that is unknown. If the node group names none, its launch template does (for capacity
 * blocks it must).
 */
export function instanceTypesOf({ member, group }: StackNodeGroup): readonly unknown[] {
  if (group.instanceTypes === UNKNOWN) {
    return [UNKNOWN];
  }
  if (group.instanceTypes !== undefined) {
    return group.instanceTypes;
  }
  const types = launchTemplatesOf(member).map(({ instanceType }) => instanceType);
  return [...new Set(types.filter((type) => type !== undefined))];
}
