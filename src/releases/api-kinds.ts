/** The kinds that the API server of Kubernetes serves itself. Every other kind is a custom resource, whatever its group is called. */

/**
 * Kinds by API group; empty for the core group. Kinds that a version of the catalogue no longer serves are not here.
 * Source: the API groups of Kubernetes v1.34.4 to v1.36 (`pkg/controlplane/instance.go`, `k8s.io/api`), as @pulumi/kubernetes 4.34 has them (read 2026-11-27).
 */
const KINDS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    "",
    [
      ...["Binding", "ConfigMap", "Endpoints", "Event", "LimitRange", "Namespace", "Node", "PersistentVolume", "PersistentVolumeClaim"],
      ...["Pod", "PodTemplate", "ReplicationController", "ResourceQuota", "Secret", "Service", "ServiceAccount"],
    ],
  ],
  [
    "admissionregistration.k8s.io",
    [
      ...["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration"],
      ...["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration"],
    ],
  ],
  ["apiextensions.k8s.io", ["CustomResourceDefinition"]],
  ["apiregistration.k8s.io", ["APIService"]],
  ["apps", ["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"]],
  ["autoscaling", ["HorizontalPodAutoscaler"]],
  ["batch", ["CronJob", "Job"]],
  ["certificates.k8s.io", ["CertificateSigningRequest", "ClusterTrustBundle", "PodCertificateRequest"]],
  ["coordination.k8s.io", ["Lease", "LeaseCandidate"]],
  ["discovery.k8s.io", ["EndpointSlice"]],
  ["events.k8s.io", ["Event"]],
  ["flowcontrol.apiserver.k8s.io", ["FlowSchema", "PriorityLevelConfiguration"]],
  ["networking.k8s.io", ["IPAddress", "Ingress", "IngressClass", "NetworkPolicy", "ServiceCIDR"]],
  ["node.k8s.io", ["RuntimeClass"]],
  ["policy", ["Eviction", "PodDisruptionBudget"]],
  ["rbac.authorization.k8s.io", ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]],
  [
    "resource.k8s.io",
    ["DeviceClass", "DeviceTaintRule", "ResourceClaim", "ResourceClaimTemplate", "ResourcePoolStatusRequest", "ResourceSlice"],
  ],
  ["scheduling.k8s.io", ["PodGroup", "PriorityClass", "Workload"]],
  ["storage.k8s.io", ["CSIDriver", "CSINode", "CSIStorageCapacity", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"]],
  ["storagemigration.k8s.io", ["StorageVersionMigration"]],
]);

/** Whether the API server serves the kind itself. */
export function isBuiltInKind(group: string, kind: string): boolean {
  return KINDS.get(group)?.includes(kind) === true;
}
