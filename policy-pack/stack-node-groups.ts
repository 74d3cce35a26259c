/** Node groups among the other resources of a stack. */
import type { PolicyResource } from "@pulumi/policy";
import type { NodeGroup } from "./aws-node-groups";
import { UNKNOWN, field, snapshot } from "./snapshot";

export interface StackNodeGroup {
  readonly resource: PolicyResource;
  readonly group: NodeGroup;
}

/**
 * The instance types of a node group; `UNKNOWN` among them for one that cannot be seen. Where the node group names none, its launch template
 * does (capacity blocks have it there), and is found by the dependency: ids are not known in the first preview.
 */
export function instanceTypesOf({ resource, group }: StackNodeGroup): readonly unknown[] {
  if (group.instanceTypes === UNKNOWN) return [UNKNOWN];
  if (group.instanceTypes !== undefined) return group.instanceTypes;
  const templates = (resource.propertyDependencies.launchTemplate ?? []).filter(
    ({ type }) => type === "aws:ec2/launchTemplate:LaunchTemplate",
  );
  return [...new Set(templates.map(({ props }) => field(snapshot(props), "instanceType")).filter((type) => type !== undefined))];
}
