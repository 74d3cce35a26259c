import { MONITORING_NAMESPACE } from "./namespaces";

/** The service account of the stack's Prometheus, which can have an AWS role. */
export const PROMETHEUS_SERVICE_ACCOUNT = { namespace: MONITORING_NAMESPACE, serviceAccount: "kube-prometheus-stack-prometheus" } as const;
