/** Where a Helm chart is fetched from. */
export interface ChartSource {
  readonly chart: string;
  readonly repository: string;
}

/** The charts of the platform at their publishers (read 2026-11-23). Versions are the release's. */
export const CHART_SOURCES = {
  kubePrometheusStack: { chart: "kube-prometheus-stack", repository: "https://prometheus-community.github.io/helm-charts" },
  gpuOperator: { chart: "gpu-operator", repository: "https://helm.ngc.nvidia.com/nvidia" },
  draDriver: { chart: "nvidia-dra-driver-gpu", repository: "https://helm.ngc.nvidia.com/nvidia" },
} as const satisfies Readonly<Record<string, ChartSource>>;

export type ChartName = keyof typeof CHART_SOURCES;
