import type { ClusterArgs as ComponentArgs } from "@pulumi/eks/cluster";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { EKS_CLUSTER_COMPONENT } from "../../../src/well-known/resource-types";
import { onResources, onType } from "../../evaluation/on-resource";
import { field } from "../../evaluation/properties";
import { NODE_GROUPS, onNodeGroups } from "../../resources/node-groups";

/**
 * Checks that a node group of the component package `eks` names its subnets. One that does not gets all subnets of the cluster, including the public
 * ones (pulumi-eks 4.3, nodes/nodegroup.ts). `aws.eks` requires them.
 */
export const nodeGroupNamesSubnets: ResourceValidationPolicy = {
  name: "node-group-names-subnets",
  displayName: "Node groups name their subnets",
  description: "Checks that node groups of the eks components name their subnets, because the default includes public ones.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "eks", "network"],
  remediationSteps: "Give the node group private subnets. Give eks.Cluster skipDefaultNodeGroup: true.",
  validateResource: onResources(
    onNodeGroups(NODE_GROUPS, ({ subnets: { path, value } }) =>
      value === undefined
        ? [`"${path}" is not set, so the node group gets every subnet of the cluster, including public ones. Set it to private subnets`]
        : [],
    ),
    onType<ComponentArgs>(EKS_CLUSTER_COMPONENT, ({ skipDefaultNodeGroup, nodeSubnetIds, autoMode }) =>
      skipDefaultNodeGroup === true || nodeSubnetIds !== undefined || field(autoMode, "enabled") === true
        ? []
        : [
            `"skipDefaultNodeGroup" is not true, so the default node group gets every subnet of the cluster, including public ones. Set it to true`,
          ],
    ),
  ),
};
