/** Who reaches metrics and dashboards: nobody but monitoring itself. A port-forward of an administrator comes from the node, which network policies let in. */
import type { NetworkPolicyArgs } from "@pulumi/kubernetes/networking/v1";
import { NAMESPACE_NAME_LABEL } from "../../well-known/labels";
import { GPU_OPERATOR_NAMESPACE, MONITORING_NAMESPACE } from "../../well-known/namespaces";
import { SLICE_EXPORTER_LABELS } from "./slice-exporter/objects";

type NamedPolicy = NetworkPolicyArgs & { readonly metadata: { readonly name: string } };

/** Pods of kube-prometheus-stack that hold or serve metrics. Its operator is not here, because the API server calls it; node exporters share the node's network. */
const SERVED = ["prometheus", "alertmanager", "grafana", "kube-state-metrics"];

const fromMonitoring = { namespaceSelector: { matchLabels: { [NAMESPACE_NAME_LABEL]: MONITORING_NAMESPACE } } };

/** The policies of the namespace of monitoring. */
export function monitoringNetworkPolicies(): readonly NamedPolicy[] {
  return [...SERVED.map((name) => ({ "app.kubernetes.io/name": name })), SLICE_EXPORTER_LABELS].map((labels) =>
    ingressFromMonitoring(labels["app.kubernetes.io/name"], MONITORING_NAMESPACE, labels),
  );
}

/** The policy for DCGM Exporter, whose metrics name the GPUs and pods of every team. */
export function dcgmNetworkPolicy(): NamedPolicy {
  return ingressFromMonitoring("dcgm-exporter", GPU_OPERATOR_NAMESPACE, { app: "nvidia-dcgm-exporter" });
}

function ingressFromMonitoring(name: string, namespace: string, matchLabels: Readonly<Record<string, string>>): NamedPolicy {
  return {
    metadata: { name: `${name}-from-monitoring`, namespace },
    spec: { podSelector: { matchLabels }, policyTypes: ["Ingress"], ingress: [{ from: [fromMonitoring] }] },
  };
}
