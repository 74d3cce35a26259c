/** Labels and taints that several parts write or read. */

/** Label that tells the pools apart; its value is `system` or `gpu`. */
export const NODE_ROLE_LABEL = "node-role";

/** Label that names the layout MIG Manager applies to a node. */
export const MIG_CONFIG_LABEL = "nvidia.com/mig.config";

/** Label in which MIG Manager reports how far it is: `pending`, `rebooting`, `success` or `failed`. */
export const MIG_CONFIG_STATE_LABEL = "nvidia.com/mig.config.state";

/** Label that the GPU Operator sets on nodes with NVIDIA GPUs. */
export const GPU_PRESENT_LABEL = "nvidia.com/gpu.present";

/** Label that GPU Feature Discovery sets on nodes whose GPUs can be partitioned; it starts MIG Manager. */
export const MIG_CAPABLE_LABEL = "nvidia.com/mig.capable";

/** Taint of every GPU node. The daemon sets of the GPU Operator and of Node Feature Discovery tolerate this key by default. */
export const GPU_TAINT = { key: "nvidia.com/gpu", value: "true", effect: "NoSchedule" } as const;

/** Kubernetes' own label with a node's EC2 instance type. */
export const INSTANCE_TYPE_LABEL = "node.kubernetes.io/instance-type";

/** Kubernetes' own label with a node's host name. */
export const HOSTNAME_LABEL = "kubernetes.io/hostname";

/** Kubernetes' own label with a node's availability zone. */
export const ZONE_LABEL = "topology.kubernetes.io/zone";

/** Kubernetes' own label with a node's region. */
export const REGION_LABEL = "topology.kubernetes.io/region";

/** Label of every namespace with its name. The API server itself keeps the two equal. */
export const NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name";

/** Label of every team's namespace, with the team's name. Admission policies apply where it is; nobody but cluster administrators can take it off. */
export const TEAM_LABEL = "shared-gpu/team";

/** Label of a namespace whose claims may have admin access to devices. */
export const ADMIN_ACCESS_LABEL = "resource.kubernetes.io/admin-access";

/** Label with what a namespace does about a level of the Pod Security Standards; the value is the level. */
export function podSecurityLabel(mode: "enforce" | "warn" | "audit"): string {
  return `pod-security.kubernetes.io/${mode}`;
}
