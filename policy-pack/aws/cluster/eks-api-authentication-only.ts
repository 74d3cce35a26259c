import type { ClusterArgs } from "@pulumi/aws/eks/cluster";
import type { ClusterArgs as ComponentArgs } from "@pulumi/eks/cluster";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { EKS_CLUSTER, EKS_CLUSTER_COMPONENT } from "../../../src/well-known/resource-types";
import { ifKnown } from "../../evaluation/findings";
import type { Finding } from "../../evaluation/findings";
import { onResources, onType } from "../../evaluation/on-resource";
import { field } from "../../evaluation/properties";
import { show } from "../../evaluation/snapshot";

/**
 * Checks that only access entries map AWS identities to Kubernetes users. The other modes read the ConfigMap aws-auth as well. Whoever can edit
 * ConfigMaps in kube-system can use it to become an administrator, and no policy of AWS sees it.
 */
export const eksApiAuthenticationOnly: ResourceValidationPolicy = {
  name: "eks-api-authentication-only",
  displayName: "Authentication by access entries only",
  description: "Checks that an EKS cluster's authentication mode is API.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "eks", "identity"],
  remediationSteps: "Set the authentication mode to API, and grant access with access entries.",
  validateResource: onResources(
    onType<ClusterArgs>(EKS_CLUSTER, (cluster) =>
      modeFindings("accessConfig.authenticationMode", field(cluster, "accessConfig", "authenticationMode")),
    ),
    onType<ComponentArgs>(EKS_CLUSTER_COMPONENT, ({ authenticationMode }) => modeFindings("authenticationMode", authenticationMode)),
  ),
};

function modeFindings(path: string, mode: unknown): readonly Finding[] {
  if (mode === "API") {
    return [];
  }
  const sentence = `"${path}" is ${show(mode)}. Set it to "API": in the other modes the ConfigMap aws-auth grants access, too`;
  return [ifKnown(mode, path, "who can log in", sentence)];
}
