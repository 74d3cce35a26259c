/** Resources that decide what EC2 instances are like. */
import type { InstanceArgs as OnDemandArgs } from "@pulumi/aws/ec2/instance";
import type { LaunchConfigurationArgs } from "@pulumi/aws/ec2/launchConfiguration";
import type { SpotInstanceRequestArgs } from "@pulumi/aws/ec2/spotInstanceRequest";
import type { NodeGroupArgs } from "@pulumi/aws/eks/nodeGroup";
import { EKS_NODE_GROUP } from "../../src/well-known/resource-types";
import type { Finding } from "../evaluation/findings";
import { onType } from "../evaluation/on-resource";
import type { TypedRule } from "../evaluation/on-resource";

/** Everything with the metadata options, addresses and disks of instances, apart from launch templates. */
export const INSTANCES: readonly string[] = [
  "aws:ec2/instance:Instance",
  "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
  "aws:ec2/launchConfiguration:LaunchConfiguration",
];

/** The arguments of {@link INSTANCES}. */
export type InstanceArgs = OnDemandArgs | SpotInstanceRequestArgs | LaunchConfigurationArgs;

/** EC2 takes booleans as strings, too. */
export function isOn(value: unknown): boolean {
  return value === true || value === "true";
}

/** A rule for node groups without a launch template: what they leave to EKS is nowhere in the program. @param subject what EKS then decides. */
export function onNodeGroupsWithoutTemplate(subject: string): TypedRule {
  return onType<NodeGroupArgs>(EKS_NODE_GROUP, ({ launchTemplate }): readonly Finding[] =>
    launchTemplate === undefined ? [`this node group has no launch template, so this policy cannot check ${subject}`] : [],
  );
}
