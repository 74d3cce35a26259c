import type { ClusterArgs as ControlPlaneArgs } from "@pulumi/aws/eks/cluster";
import type { ClusterArgs as ComponentArgs } from "@pulumi/eks/cluster";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { EKS_CLUSTER, EKS_CLUSTER_COMPONENT } from "../../../src/well-known/resource-types";
import { undetermined } from "../../evaluation/findings";
import type { Finding } from "../../evaluation/findings";
import { onResources, onType } from "../../evaluation/on-resource";
import { field } from "../../evaluation/properties";
import { UNKNOWN, show } from "../../evaluation/snapshot";
import { INSTANCES } from "../../resources/instances";
import type { InstanceArgs } from "../../resources/instances";
import { isKnownWithoutGpus } from "../../resources/node-groups";

const POOLS = "Write a node group (aws.eks.NodeGroup), or a pool in `gpuPools` of the platform's configuration";

/**
 * Checks that nodes come from node groups, which the policies for node groups judge: their image, their taint and their layout. EKS Auto Mode and the default
 * node group of the component choose nodes by themselves, and an instance with GPUs can join a cluster by its user data.
 */
export const nodesFromNodeGroups: ResourceValidationPolicy = {
  name: "nodes-from-node-groups",
  displayName: "Nodes come from node groups",
  description: "Checks that a cluster has neither Auto Mode nor a default node group, and that single instances are of types without GPUs.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["aws", "eks", "gpu", "tenancy"],
  remediationSteps: `${POOLS}. Set skipDefaultNodeGroup to true on eks.Cluster, and leave Auto Mode off.`,
  validateResource: onResources(
    onType<ControlPlaneArgs>(EKS_CLUSTER, ({ computeConfig }) => autoMode("computeConfig.enabled", field(computeConfig, "enabled"))),
    onType<ComponentArgs>(EKS_CLUSTER_COMPONENT, ({ autoMode: mode, skipDefaultNodeGroup, fargate }) => [
      ...autoMode("autoMode.enabled", field(mode, "enabled")),
      ...defaultNodeGroup(skipDefaultNodeGroup, fargate !== undefined && fargate !== false),
    ]),
    onType<InstanceArgs>(INSTANCES, ({ instanceType }) => instanceFindings(instanceType)),
  ),
};

function autoMode(path: string, enabled: unknown): readonly Finding[] {
  if (enabled === UNKNOWN) {
    return [undetermined(path, "who chooses the nodes")];
  }
  return enabled === undefined || enabled === false
    ? []
    : [`"${path}" is ${show(enabled)}, so EKS starts nodes that no policy sees. Remove it. ${POOLS}`];
}

function defaultNodeGroup(skip: unknown, isFargate: boolean): readonly Finding[] {
  if (skip === UNKNOWN) {
    return [undetermined("skipDefaultNodeGroup", "whether the component makes nodes of its own")];
  }
  return skip === true || (isFargate && skip === undefined)
    ? []
    : [
        `"skipDefaultNodeGroup" is ${show(skip)}, so the component makes nodes that no policy for node groups sees. Set it to true. ${POOLS}`,
      ];
}

function instanceFindings(type: unknown): readonly Finding[] {
  if (type === UNKNOWN) {
    return [undetermined("instanceType", "whether the instance has GPUs")];
  }
  return isKnownWithoutGpus(type)
    ? []
    : [`"instanceType" is ${show(type)}, and an instance with GPUs beside the node groups bypasses every rule for GPU nodes. ${POOLS}`];
}
