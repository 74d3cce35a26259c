/** Where a Helm chart is fetched from. */
export interface ChartSource {
  /** A name in the repository, or an `oci://` reference. */
  readonly chart: string;
  readonly repository: string | undefined;
}

const NVIDIA = "https://helm.ngc.nvidia.com/nvidia";

/** The charts of the platform at their publishers (read 2026-11-28). Versions are the release's. */
export const CHART_SOURCES = {
  kubePrometheusStack: { chart: "kube-prometheus-stack", repository: "https://prometheus-community.github.io/helm-charts" },
  gpuOperator: { chart: "gpu-operator", repository: NVIDIA },
  draDriver: { chart: "oci://registry.k8s.io/dra-driver-nvidia/charts/dra-driver-nvidia-gpu", repository: undefined },
} as const satisfies Readonly<Record<string, ChartSource>>;

export type ChartName = keyof typeof CHART_SOURCES;

/** Where the DRA driver's chart was before the driver moved to Kubernetes with 0.4. */
const DRA_DRIVER_OF_NVIDIA: ChartSource = { chart: "nvidia-dra-driver-gpu", repository: NVIDIA };

/** Where a version of a chart is at its publisher. */
export function chartSource(name: ChartName, version: string): ChartSource {
  return name === "draDriver" && /^v?25\./.test(version) ? DRA_DRIVER_OF_NVIDIA : CHART_SOURCES[name];
}

/** What a chart is called at its publisher, and at every mirror of it. */
export function chartNames(name: ChartName): readonly string[] {
  const { chart } = CHART_SOURCES[name];
  const published = chart.slice(chart.lastIndexOf("/") + 1);
  return name === "draDriver" ? [published, DRA_DRIVER_OF_NVIDIA.chart] : [published];
}
