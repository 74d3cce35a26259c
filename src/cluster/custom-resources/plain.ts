/** Custom resources of a namespace that concern neither GPUs nor rights. */
import type { CustomKinds } from "./types";

const plain = (group: string, kinds: readonly string[], because: string): CustomKinds => ({ type: "plain", group, kinds, because });

/**
 * Kinds whose controllers create pods (Prometheus, Alertmanager), or reach beyond their namespace (ClusterIssuer, ClusterSecretStore), are not here.
 * Sources, read 2026-11-27: the API references of the Prometheus operator, cert-manager, External Secrets, Gateway API and the CSI snapshotter.
 */
export const PLAIN: readonly CustomKinds[] = [
  plain(
    "monitoring.coreos.com",
    ["ServiceMonitor", "PodMonitor", "PrometheusRule", "Probe", "ScrapeConfig", "AlertmanagerConfig"],
    "it says what is measured",
  ),
  plain("cert-manager.io", ["Certificate", "CertificateRequest", "Issuer"], "it writes certificates into Secrets of its namespace"),
  plain(
    "external-secrets.io",
    ["ExternalSecret", "SecretStore", "PushSecret"],
    "it writes Secrets of its namespace with the rights of that namespace",
  ),
  plain(
    "gateway.networking.k8s.io",
    ["Gateway", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute"],
    "the platform installs no controller for it, as for Ingress",
  ),
  plain("inference.networking.k8s.io", ["InferencePool"], "it names pods for a gateway, for which the platform installs no controller"),
  plain(
    "inference.networking.x-k8s.io",
    ["InferencePool", "InferenceModel", "InferenceObjective"],
    "it names pods for a gateway, for which the platform installs no controller",
  ),
  plain("snapshot.storage.k8s.io", ["VolumeSnapshot"], "it copies a volume of its namespace"),
];

/** Kinds whose controllers change what pods of others request. Source: kubernetes/autoscaler `vertical-pod-autoscaler`, read 2026-11-28. */
export const SIZING: readonly CustomKinds[] = [
  plain("autoscaling.k8s.io", ["VerticalPodAutoscaler"], "it sizes CPU and memory within the quota"),
];
