import type { ClusterArgs } from "@pulumi/aws/eks/cluster";
import type { ClusterArgs as ComponentArgs } from "@pulumi/eks/cluster";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { EKS_CLUSTER, EKS_CLUSTER_COMPONENT } from "../../../src/well-known/resource-types";
import { ifKnown, undetermined } from "../../evaluation/findings";
import type { Finding } from "../../evaluation/findings";
import { onResources, onType } from "../../evaluation/on-resource";
import { entries, field } from "../../evaluation/properties";
import type { PropertiesOf } from "../../evaluation/properties";
import { UNKNOWN, show } from "../../evaluation/snapshot";

const WHAT = "whether Secrets are encrypted";

/**
 * Checks that Kubernetes Secrets are encrypted with a key of the account's own. EKS encrypts what etcd stores by itself, with a key that the
 * account neither controls nor can revoke.
 */
export const eksSecretsEncrypted: ResourceValidationPolicy = {
  name: "eks-secrets-encrypted",
  displayName: "Kubernetes Secrets encrypted with KMS",
  description: "Checks that an EKS cluster encrypts Kubernetes Secrets with a KMS key of the account.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "eks", "encryption"],
  remediationSteps: "Name a KMS key: set encryptionConfig with resources [secrets], or encryptionConfigKeyArn of eks.Cluster.",
  validateResource: onResources(
    onType<ClusterArgs>(EKS_CLUSTER, clusterFindings),
    onType<ComponentArgs>(EKS_CLUSTER_COMPONENT, ({ encryptionConfigKeyArn }) =>
      hasValue(encryptionConfigKeyArn) ? [] : [withoutKey("encryptionConfigKeyArn")],
    ),
  ),
};

function clusterFindings(cluster: PropertiesOf<ClusterArgs>): readonly Finding[] {
  const config = cluster.encryptionConfig;
  if (config === UNKNOWN) {
    return [undetermined("encryptionConfig", WHAT)];
  }
  // The key is usually the output of another resource, and unknown. It is enough that there is one.
  if (!hasValue(field(config, "provider", "keyArn"))) {
    return [withoutKey("encryptionConfig.provider.keyArn")];
  }
  const resources = field(config, "resources");
  if (entries(resources).includes("secrets")) {
    return [];
  }
  const sentence = `"encryptionConfig.resources" is ${show(resources)}. Add "secrets", otherwise the key does not encrypt Secrets`;
  return [ifKnown(resources, "encryptionConfig.resources", WHAT, sentence)];
}

function withoutKey(path: string): string {
  return `"${path}" is not set, so Secrets are not encrypted with a key of yours. Set it to the ARN of a KMS key`;
}

function hasValue(value: unknown): boolean {
  return value === UNKNOWN || (typeof value === "string" && value !== "");
}
