import type { ComponentName } from "../types";

/** A part of kube-prometheus-stack that has advisories of its own. */
export interface MonitoringPart {
  readonly component: ComponentName;
  /** Path in the chart's values of whether the part is installed, and of its image: `tag`, `repository` and `sha`. */
  readonly enabled: readonly string[];
  readonly image: readonly string[];
  /** The last part of the image's name, which a mirror keeps. */
  readonly names: readonly string[];
}

export const MONITORING_PARTS = [
  { component: "prometheus", enabled: ["prometheus", "enabled"], image: ["prometheus", "prometheusSpec", "image"], names: ["prometheus"] },
  { component: "grafana", enabled: ["grafana", "enabled"], image: ["grafana", "image"], names: ["grafana"] },
] as const satisfies readonly MonitoringPart[];

type Parts = Readonly<Record<(typeof MONITORING_PARTS)[number]["component"], string>>;

/**
 * What each release of the chart installs.
 * Sources: `Chart.yaml` and `values.yaml` of prometheus-community/helm-charts, charts/kube-prometheus-stack, at the version; for Grafana `appVersion` of the chart
 * of grafana-community/helm-charts in the version that it depends on, 12.11.1 (read 2026-11-28).
 */
export const PARTS_OF_KUBE_PROMETHEUS_STACK: Readonly<Record<string, Parts>> = {
  "88.5.3": { prometheus: "v3.14.0-distroless", grafana: "13.2.0" },
};
