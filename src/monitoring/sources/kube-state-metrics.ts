/** What kube-state-metrics says of Kubernetes itself, as far as rules and dashboards use it. */

/**
 * Metrics with their labels; kube-prometheus-stack keeps `namespace` and `pod` of the object they are about.
 * Source: `docs/metrics/` of kube-state-metrics v2.20.0 (read 2026-11-28).
 */
export const KUBE_STATE_METRICS = {
  kube_resourcequota: ["namespace", "resourcequota", "resource", "type"],
  kube_pod_info: ["namespace", "pod", "node", "created_by_kind", "created_by_name"],
  kube_pod_status_ready: ["namespace", "pod", "condition"],
  kube_pod_status_unschedulable: ["namespace", "pod"],
} as const;
