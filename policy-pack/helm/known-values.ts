/**
 * Values of the platform's charts that say how much, how long and whether, and nothing of images, rights, names and objects. What is not here is not known.
 * Source: `values.yaml` of kube-prometheus-stack 88.5.3, gpu-operator v25.10.1 and nvidia-dra-driver-gpu 25.8.1, and what their templates make of each value.
 */
import { MONITORING_NAMESPACE } from "../../src/well-known/namespaces";
import { DRA_DRIVERS, GPU_OPERATOR, KUBE_PROMETHEUS_STACK } from "../resources/charts";

export interface KnownValue {
  /** Keys from the top of the values; `*` is any one of them. Everything below is known, too. */
  readonly path: readonly string[];
  /** The only ones that are known. @default any */
  readonly values?: readonly unknown[];
}

const known = (path: string, values?: readonly unknown[]): KnownValue => ({ path: path.split("."), ...(values && { values }) });

/** What a pod gets of the system's nodes. GPUs are not among it. */
const sizes = (at: string): readonly KnownValue[] =>
  ["requests", "limits"].flatMap((kind) => ["cpu", "memory", "ephemeral-storage"].map((name) => known(`${at}resources.${kind}.${name}`)));

const pods = (at: string): readonly KnownValue[] => [...sizes(at), known(`${at}nodeSelector`), known(`${at}replicas`)];

const prometheus = (at: string): readonly KnownValue[] => [
  ...pods(at),
  ...["retention", "retentionSize", "scrapeInterval", "scrapeTimeout", "evaluationInterval", "logLevel", "logFormat", "externalLabels"].map(
    (name) => known(`${at}${name}`),
  ),
  ...["serviceMonitor", "podMonitor", "rule", "probe", "scrapeConfig"].map((what) => known(`${at}${what}SelectorNilUsesHelmValues`)),
  ...["storageSpec", "storage"].flatMap((storage) => [
    known(`${at}${storage}.volumeClaimTemplate.spec.storageClassName`),
    known(`${at}${storage}.volumeClaimTemplate.spec.accessModes`),
    known(`${at}${storage}.volumeClaimTemplate.spec.resources.requests.storage`),
  ]),
  known(`${at}persistentVolumeClaimRetentionPolicy`),
];

/** Parts that do not exist without being switched on, and guard nothing. */
const off = (...paths: readonly string[]): readonly KnownValue[] => paths.map((path) => known(`${path}.enabled`, [false]));

const OF_MONITORING: readonly KnownValue[] = [
  known("*.enabled"),
  ...off("*.ingress", "*.ingressPerReplica", "*.route.main", "*.serviceMonitor", "*.podDisruptionBudget", "grafana.sidecar.dashboards"),
  ...off("grafana.sidecar.datasources", "prometheusOperator.admissionWebhooks.certManager"),
  known("grafana.sidecar.datasources.defaultDatasourceEnabled", [false]),
  ...pods("*."),
  ...prometheus("prometheus.prometheusSpec."),
  ...prometheus("alertmanager.alertmanagerSpec."),
  known("*.serviceMonitor.interval"),
  known("*.service.type", ["ClusterIP"]),
  ...["existingSecret", "userKey", "passwordKey"].map((name) => known(`grafana.admin.${name}`)),
  ...["enabled", "size", "storageClassName", "accessModes"].map((name) => known(`grafana.persistence.${name}`)),
  // Dashboards of the platform's own namespace, and rights in it only.
  known("grafana.sidecar.dashboards.searchNamespace", [MONITORING_NAMESPACE]),
  known("grafana.rbac.namespaced", [true]),
  ...["defaultDashboardsEnabled", "defaultDashboardsTimezone", "adminUser"].map((name) => known(`grafana.${name}`)),
  // Rules and receivers are what alerts are made of. Nothing in them is a template of Helm.
  known("alertmanager.config"),
  // Their secrets are in files of Secrets of the release's own namespace.
  known("alertmanager.alertmanagerSpec.secrets"),
  ...["defaultRules.create", "defaultRules.rules", "defaultRules.disabled", "additionalPrometheusRulesMap", "customRules"].map((path) =>
    known(path),
  ),
];

const OF_OPERATOR: readonly KnownValue[] = [
  ...["driver", "toolkit", "devicePlugin", "gfd", "dcgm", "dcgmExporter", "migManager", "nfd", "nodeStatusExporter"].map((part) =>
    known(`${part}.enabled`),
  ),
  ...off("sandboxWorkloads", "sandboxDevicePlugin", "vgpuManager", "vgpuDeviceManager", "vfioManager", "kataManager", "ccManager"),
  ...off("gds", "gdrcopy", "driver.rdma"),
  known("mig.strategy"),
  known("migManager.env.name", ["WITH_REBOOT"]),
  known("migManager.env.value", ["true", "false"]),
  ...["create", "name", "data", "default"].map((name) => known(`migManager.config.${name}`)),
  ...["enabled", "interval", "honorLabels", "additionalLabels"].map((name) => known(`dcgmExporter.serviceMonitor.${name}`)),
  ...sizes("*."),
  known("operator.nodeSelector"),
  ...["master", "gc"].flatMap((part) => [
    known(`node-feature-discovery.${part}.nodeSelector`),
    ...sizes(`node-feature-discovery.${part}.`),
  ]),
];

const OF_DRIVER: readonly KnownValue[] = [
  // The stack keeps the chart's former name, which decides what its daemon set is called.
  known("nameOverride", DRA_DRIVERS),
  known("nvidiaDriverRoot", ["/"]),
  known("gpuResourcesEnabledOverride"),
  ...["gpus", "computeDomains"].map((part) => known(`resources.${part}.enabled`)),
  known("kubeletPlugin.nodeSelector"),
  known("kubeletPlugin.tolerations"),
  // A policy of its own knows the gates.
  known("featureGates"),
  known("logVerbosity"),
];

/** The values that are known of the charts that anybody may install as their publisher wrote them, by the name of the chart, which can be unknown. */
export const KNOWN_VALUES: ReadonlyMap<string | undefined, readonly KnownValue[]> = new Map([
  [KUBE_PROMETHEUS_STACK, OF_MONITORING],
  [GPU_OPERATOR, OF_OPERATOR],
  ...DRA_DRIVERS.map((name) => [name, OF_DRIVER] as const),
]);
