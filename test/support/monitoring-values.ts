import type { KubePrometheusStackValuesArgs } from "../../src/releases/helm/kube-prometheus-stack";

/** The values of kube-prometheus-stack as the dev stack has them: metrics stay in the cluster, and nobody is told of alerts. */
export const MONITORING_VALUES: KubePrometheusStackValuesArgs = {
  grafanaAdminSecret: "grafana-admin",
  storageClass: "gp3",
  retentionDays: 15,
  storageGiB: 50,
  alertmanager: undefined,
  remoteWrite: undefined,
  extraValues: {},
};
