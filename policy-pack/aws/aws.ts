import type { Policies } from "@pulumi/policy";
import { gpuAmiIgnoresVisibleDevices, nodeAmiReleasePinned } from "./ami";
import { eksApiAuthenticationOnly, eksApiServerNotOpenToWorld, eksControlPlaneLogsOn, eksSecretsEncrypted } from "./cluster";
import { gpuNodesHardenToolkit } from "./gpu-toolkit";
import { gpuPoolKeepsANode, gpuPoolLabelsLeftToAgents, gpuPoolLayoutLegal, gpuPoolTainted } from "./gpu-pools";
import { iamDocumentsKnown, iamNoAdministratorPolicies, iamNoWildcards } from "./iam";
import { nodeGroupNamesSubnets, nodeGroupsInPrivateSubnets } from "./network";
import { nodesImdsv2OneHop, nodesWithoutPublicAddresses, volumesEncrypted } from "./nodes";

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
