/** Namespace of the GPU Operator and of everything it deploys. */
export const GPU_OPERATOR_NAMESPACE = "gpu-operator";
/** Namespace of NVIDIA's DRA driver; its chart refuses `default`. */
export const DRA_DRIVER_NAMESPACE = "nvidia-dra-driver";
/** Namespace of the Job that waits for the slices. */
export const PARTITION_GATE_NAMESPACE = "partition-gate";
/** Namespace of kube-prometheus-stack. */
export const MONITORING_NAMESPACE = "monitoring";

/** Namespaces that this stack makes for itself: no team can have one of these names, and nobody but the platform makes objects in them. */
export const PLATFORM_NAMESPACES: readonly string[] = [
  GPU_OPERATOR_NAMESPACE,
  DRA_DRIVER_NAMESPACE,
  PARTITION_GATE_NAMESPACE,
  MONITORING_NAMESPACE,
];

/** Namespace of the cluster's own agents. */
export const KUBE_SYSTEM_NAMESPACE = "kube-system";

/** Namespaces of the cluster itself: its agents, what everybody may read, and the leases of its nodes. */
export const CLUSTER_NAMESPACES: readonly string[] = [KUBE_SYSTEM_NAMESPACE, "kube-public", "kube-node-lease"];

/** Namespaces that every cluster has. */
export const BUILT_IN_NAMESPACES: readonly string[] = ["default", ...CLUSTER_NAMESPACES];

/** Namespaces with pods that have every GPU of their node, or the node. */
export const PRIVILEGED_NAMESPACES: readonly string[] = [GPU_OPERATOR_NAMESPACE, DRA_DRIVER_NAMESPACE, KUBE_SYSTEM_NAMESPACE];
