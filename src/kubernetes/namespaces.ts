import type { NamespaceArgs } from "@pulumi/kubernetes/core/v1";

/** Level of the Pod Security Standards that a namespace enforces. */
export type PodSecurityLevel = "privileged" | "restricted";

/** Namespace of kube-prometheus-stack. */
export const MONITORING_NAMESPACE = "monitoring";
/** Namespace of the GPU Operator and of everything it deploys. */
export const GPU_OPERATOR_NAMESPACE = "gpu-operator";
/** Namespace of NVIDIA's DRA driver; its chart refuses `default`. */
export const DRA_DRIVER_NAMESPACE = "nvidia-dra-driver";
/** Namespace of the Job that waits for the slices. */
export const PARTITION_GATE_NAMESPACE = "partition-gate";

/**
 * A Namespace that enforces a Pod Security level. `restricted` also warns and audits, so that the author of a Deployment learns at once why it makes no pods.
 * The level's version is `latest`: a cluster upgrade brings its own definition.
 */
export function namespace(name: string, podSecurity: PodSecurityLevel, labels: Readonly<Record<string, string>> = {}): NamespaceArgs {
  const modes = podSecurity === "restricted" ? ["enforce", "warn", "audit"] : ["enforce"];
  return {
    metadata: {
      name,
      labels: { ...labels, ...Object.fromEntries(modes.map((mode) => [`pod-security.kubernetes.io/${mode}`, podSecurity])) },
    },
  };
}
