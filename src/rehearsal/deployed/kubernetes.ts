/**
 * Which fields of a Kubernetes object the Pulumi provider changes by another object: `forceNew` of pulumi/pulumi-kubernetes v4,
 * provider/pkg/provider/diff.go (read 2026-11-28). A field also stands for everything below it.
 * For other kinds the provider replaces what has another name or namespace, and updates the rest.
 */
const NAMED = ["metadata.name", "metadata.namespace"];

const OF_POD_SPEC = [
  ...["affinity", "automountServiceAccountToken", "dnsConfig", "dnsPolicy", "enableServiceLinks", "hostAliases", "hostIPC", "hostNetwork"],
  ...[
    "hostPID",
    "hostname",
    "imagePullSecrets",
    "nodeName",
    "nodeSelector",
    "overhead",
    "preemptionPolicy",
    "priority",
    "priorityClassName",
  ],
  ...["readinessGates", "restartPolicy", "runtimeClassName", "schedulerName", "securityContext", "serviceAccount", "serviceAccountName"],
  ...["shareProcessNamespace", "subdomain", "terminationGracePeriodSeconds", "volumes", "containers", "initContainers"],
].map((field) => `spec.${field}`);

const SOURCES_OF_VOLUMES = [
  ...["awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume", "flocker", "gcePersistentDisk"],
  ...["glusterfs", "hostPath", "iscsi", "local", "nfs", "photonPersistentDisk", "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos"],
  "vsphereVolume",
].map((field) => `spec.${field}`);

const ROLE_BINDING = ["roleRef"];

/** Fields by Pulumi's type without its package. */
const REPLACED: Readonly<Record<string, readonly string[]>> = {
  "apps/v1:DaemonSet": ["spec.selector"],
  "apps/v1:Deployment": ["spec.selector"],
  "apps/v1:StatefulSet": ["podManagementPolicy", "revisionHistoryLimit", "selector", "serviceName", "volumeClaimTemplates"].map(
    (field) => `spec.${field}`,
  ),
  "batch/v1:Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "core/v1:ConfigMap": ["binaryData", "data"],
  "core/v1:PersistentVolume": SOURCES_OF_VOLUMES,
  "core/v1:PersistentVolumeClaim": ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  "core/v1:Pod": OF_POD_SPEC,
  "core/v1:ResourceQuota": ["spec.scopes"],
  "core/v1:Secret": ["type", "stringData", "data"],
  "core/v1:Service": ["spec.clusterIP"],
  "rbac.authorization.k8s.io/v1:ClusterRoleBinding": ROLE_BINDING,
  "rbac.authorization.k8s.io/v1:RoleBinding": ROLE_BINDING,
  "storage.k8s.io/v1:StorageClass": ["parameters", "provisioner"],
  // Helm cannot rename a release; everything else it upgrades (helm_release.go, Diff).
  "helm.sh/v3:Release": ["name", "namespace"],
};

/** Whether another value at a path means another object. @param type `kubernetes:core/v1:ConfigMap`. */
export function replaces(type: string, path: string): boolean {
  const fields = [...NAMED, ...(REPLACED[type.replace(/^kubernetes:/, "")] ?? [])];
  return fields.some((field) => path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`));
}
