import type { Policies } from "@pulumi/policy";
import { gpuAmiIgnoresVisibleDevices, nodeAmiReleasePinned } from "./aws-ami";
import { eksApiAuthenticationOnly, eksApiServerNotOpenToWorld, eksControlPlaneLogsOn, eksSecretsEncrypted } from "./aws-cluster";
import { gpuNodesHardenToolkit } from "./aws-gpu-toolkit";
import { gpuPoolKeepsANode, gpuPoolLabelsLeftToAgents, gpuPoolLayoutLegal, gpuPoolTainted } from "./aws-gpu-pools";
import { iamDocumentsKnown, iamNoAdministratorPolicies, iamNoWildcards } from "./aws-iam";
import { nodeGroupNamesSubnets, nodeGroupsInPrivateSubnets } from "./aws-network";
import { nodesImdsv2OneHop, nodesWithoutPublicAddresses, volumesEncrypted } from "./aws-nodes";

/** Policies for what the stack makes in AWS. */
export const awsPolicies: Policies = [
  eksApiServerNotOpenToWorld,
  eksSecretsEncrypted,
  eksControlPlaneLogsOn,
  eksApiAuthenticationOnly,
  nodesImdsv2OneHop,
  volumesEncrypted,
  nodesWithoutPublicAddresses,
  nodeGroupNamesSubnets,
  nodeGroupsInPrivateSubnets,
  nodeAmiReleasePinned,
  gpuAmiIgnoresVisibleDevices,
  gpuNodesHardenToolkit,
  gpuPoolTainted,
  gpuPoolLayoutLegal,
  gpuPoolLabelsLeftToAgents,
  gpuPoolKeepsANode,
  iamNoWildcards,
  iamDocumentsKnown,
  iamNoAdministratorPolicies,
];
