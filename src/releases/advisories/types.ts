/** What is known of holes and faults in the versions that a stack installs. */

/** The parts that an advisory or a fault is about. */
export type ComponentName =
  | "gpu-operator"
  | "dra-driver"
  /** `nvidia-cdi-hook` and the runtime, which run as root for every container with a GPU. */
  | "container-toolkit"
  | "dcgm-exporter"
  | "mig-manager"
  /** The kernel driver of NVIDIA's data center GPUs. */
  | "nvidia-driver"
  /** An AL2023 image of EKS, by the date of its release. */
  | "eks-ami"
  /** The container runtime of nodes, which pulls and starts whatever image a tenant names. */
  | "containerd"
  | "runc"
  | "vpc-cni"
  | "coredns"
  | "prometheus"
  | "grafana";

/** What messages call a component. */
export const TITLES: Readonly<Record<ComponentName, string>> = {
  "gpu-operator": "GPU Operator",
  "dra-driver": "DRA driver",
  "container-toolkit": "NVIDIA Container Toolkit",
  "dcgm-exporter": "DCGM Exporter",
  "mig-manager": "MIG Manager",
  "nvidia-driver": "NVIDIA driver",
  "eks-ami": "EKS image",
  containerd: "containerd",
  runc: "runc",
  "vpc-cni": "add-on vpc-cni",
  coredns: "add-on coredns",
  prometheus: "Prometheus",
  grafana: "Grafana",
};

/**
 * Components that nothing of a tenant's reaches: network policies keep the pods of teams from them, and teams have no account there. What is unknown of them is
 * of medium severity; of every other component it is high.
 */
const BEYOND_TENANTS: readonly ComponentName[] = ["prometheus", "grafana"];

/** The severity of what is unknown of a component: its version, or the score of a vulnerability. */
export function severityOfUnknown(component: ComponentName): Severity {
  return BEYOND_TENANTS.includes(component) ? "medium" : "high";
}

export type Severity = "low" | "medium" | "high" | "critical";

/** From the first version that has it to the first that does not, each as the publisher writes it. */
export interface AffectedRange {
  readonly component: ComponentName;
  /** @default the oldest */
  readonly from?: string;
  readonly fixedIn: string;
  /** Kubernetes versions of the images that have it. @default all */
  readonly kubernetes?: readonly string[];
}

interface Entry {
  readonly affected: readonly AffectedRange[];
  /** What somebody with a slice and an image of their own could do, or what happens to everybody. Without a full stop. */
  readonly impact: string;
  readonly source: string;
  /** The day on which the source was read, ISO. */
  readonly read: string;
}

/** A published vulnerability. */
export interface Advisory extends Entry {
  /** CVE number. If a bulletin has several with the same fix, the one that gives a tenant most. */
  readonly id: `CVE-${number}-${number}`;
  /** CVSS base score of the publisher; undefined where the project has not read it. */
  readonly score: number | undefined;
  /** The publisher's word for it, if it gives no score. */
  readonly rating?: Severity;
}

/** A fault that is no vulnerability and still takes slices from everybody. */
export interface Fault extends Entry {
  /** A name in kebab-case, for exceptions. */
  readonly id: string;
  readonly severity: Severity;
}

/** The rating of a CVSS base score. Source: FIRST, CVSS v3.1 specification, section 5, and v4.0, section 6 (read 2026-11-28). */
export function severityOf(score: number): Severity {
  return score >= 9 ? "critical" : score >= 7 ? "high" : score >= 4 ? "medium" : "low";
}

/** Whether something of this severity needs an exception before it is deployed. */
export function isHighOrWorse(severity: Severity): boolean {
  return severity === "high" || severity === "critical";
}
