/**
 * CNCF's AI conformance checklists, by Kubernetes version: which requirements there are, and how binding they are. What each asks for stands there.
 * Sources, read 2026-11-28: cncf/k8s-ai-conformance `docs/AIConformance-1.33.md` to `-1.35.md` (c20ddff) and `docs/AIConformance-1.37.yaml` (287b44f);
 * kubernetes-sigs/ai-conformance `conformance-versions/KubernetesAIConformance-1.36.yaml` (cd66e3b).
 */

export type Level = "MUST" | "SHOULD";

/** What evidence is collected for. */
export const COVERED = ["dra_support", "gpu_sharing", "secure_accelerator_access", "accelerator_metrics"] as const;

export type RequirementId = (typeof COVERED)[number];

export interface Checklist {
  readonly kubernetesVersion: string;
  readonly source: string;
  readonly requirements: Readonly<Record<string, Level>>;
}

/** In every checklist so far. */
const ALWAYS = {
  ai_inference: "MUST",
  gang_scheduling: "MUST",
  cluster_autoscaling: "MUST",
  pod_autoscaling: "MUST",
  accelerator_metrics: "MUST",
  ai_service_metrics: "MUST",
  secure_accelerator_access: "MUST",
  robust_controller: "MUST",
} as const;

const SINCE_1_35 = { driver_runtime_management: "SHOULD", gpu_sharing: "SHOULD", virtualized_accelerator: "SHOULD" } as const;

/** From 1.36 on, the conformance tests of Kubernetes itself cover `dra_support` (KAR-0051). */
const SINCE_1_36 = {
  advanced_inference_ingress: "SHOULD",
  high_performance_networking: "SHOULD",
  disaggregated_inference: "SHOULD",
} as const;

const CNCF = "https://github.com/cncf/k8s-ai-conformance/blob/main/docs";
const WORKING_GROUP = "https://github.com/kubernetes-sigs/ai-conformance/blob/main/conformance-versions";

const CHECKLISTS: readonly Checklist[] = [
  { kubernetesVersion: "1.33", source: `${CNCF}/AIConformance-1.33.md`, requirements: { dra_support: "SHOULD", ...ALWAYS } },
  { kubernetesVersion: "1.34", source: `${CNCF}/AIConformance-1.34.md`, requirements: { dra_support: "MUST", ...ALWAYS } },
  { kubernetesVersion: "1.35", source: `${CNCF}/AIConformance-1.35.md`, requirements: { dra_support: "MUST", ...SINCE_1_35, ...ALWAYS } },
  {
    kubernetesVersion: "1.36",
    source: `${WORKING_GROUP}/KubernetesAIConformance-1.36.yaml`,
    requirements: { ...SINCE_1_35, ...SINCE_1_36, ...ALWAYS },
  },
  {
    kubernetesVersion: "1.37",
    source: `${CNCF}/AIConformance-1.37.yaml`,
    requirements: { ...SINCE_1_35, ...SINCE_1_36, ...ALWAYS, workload_sandboxing: "SHOULD" },
  },
];

/** Undefined for a version whose checklist was not read. */
export function checklistOf(kubernetesVersion: string | undefined): Checklist | undefined {
  return CHECKLISTS.find((checklist) => checklist.kubernetesVersion === kubernetesVersion);
}
