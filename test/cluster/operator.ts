/**
 * Somebody who may do everything in the cluster except change admission policies, which is what makes a cluster administrator for the guardrails: so that they are
 * asked about what no tenant has a right to in the first place.
 */
import type { ApiServer } from "../../src/live/api/api-server";

export const OPERATOR = "operator";

const GROUPS = [
  ...["", "apps", "autoscaling", "batch", "policy", "networking.k8s.io", "node.k8s.io", "rbac.authorization.k8s.io", "resource.k8s.io"],
  ...[
    "coordination.k8s.io",
    "discovery.k8s.io",
    "storage.k8s.io",
    "scheduling.k8s.io",
    "certificates.k8s.io",
    "apiregistration.k8s.io",
    "authentication.k8s.io",
  ],
  // Kinds that charts bring; whether the API server serves them or not.
  ...["monitoring.coreos.com", "nvidia.com", "resource.nvidia.com", "nfd.k8s-sigs.io", "ray.io", "jobset.x-k8s.io", "serving.knative.dev"],
  ...["yaml.example.com", "karpenter.sh"],
  // A group that older API servers had.
  "extensions",
];

export async function makeOperator(api: ApiServer): Promise<void> {
  const metadata = { name: OPERATOR };
  await api.apply({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata,
    rules: [
      { apiGroups: GROUPS, resources: ["*"], verbs: ["*"] },
      {
        apiGroups: ["admissionregistration.k8s.io"],
        resources: ["mutatingadmissionpolicies", "mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
        verbs: ["*"],
      },
    ],
  });
  await api.apply({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: OPERATOR },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: OPERATOR }],
  });
}
