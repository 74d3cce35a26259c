import type { ConfigMapArgs } from "@pulumi/kubernetes/core/v1";
import { DASHBOARDS } from "../../monitoring/dashboards/dashboards";
import { MONITORING_NAMESPACE } from "../../well-known/namespaces";

type NamedConfigMap = ConfigMapArgs & { readonly metadata: { readonly name: string }; readonly data: Readonly<Record<string, string>> };

/**
 * The label by which the sidecar of kube-prometheus-stack's Grafana finds dashboards.
 * Source: `grafana.sidecar.dashboards` in `values.yaml` of chart kube-prometheus-stack.
 */
const FOUND_BY = { grafana_dashboard: "1" };

/** A ConfigMap for each dashboard. */
export function dashboardConfigMaps(): readonly NamedConfigMap[] {
  return DASHBOARDS.map((dashboard) => ({
    metadata: { name: dashboard.uid, namespace: MONITORING_NAMESPACE, labels: FOUND_BY },
    data: { [`${dashboard.uid}.json`]: JSON.stringify(dashboard) },
  }));
}
