import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { ConfigMap, Namespace, Secret } from "@pulumi/kubernetes/core/v1";
import { Release } from "@pulumi/kubernetes/helm/v3/release";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword";
import type { Chart, Monitoring as MonitoringConfig } from "../../config/types";
import type { MonitoredStack } from "../../monitoring/stack";
import { kubePrometheusStackValues } from "../../releases/helm/kube-prometheus-stack";
import { MONITORING_NAMESPACE } from "../../well-known/namespaces";
import { PROMETHEUS_SERVICE_ACCOUNT } from "../../well-known/service-accounts";
import { chartRelease } from "../operators/chart-release";
import { namespace } from "../namespaces";
import { alertmanagerValues, receiversSecret } from "./alertmanager";
import { dashboardConfigMaps } from "./dashboards";
import { monitoringNetworkPolicies } from "./network";
import { remoteWriteSecret, remoteWriteSpec } from "./remote-write";
import { prometheusRule } from "./rules";
import { SliceExporter } from "./slice-exporter/component";

/** Name of the Helm release; the chart's Prometheus picks up ServiceMonitors with the label `release=` this. */
export const PROMETHEUS_RELEASE = "kube-prometheus-stack";

const GRAFANA_ADMIN_SECRET = "grafana-admin";

type Present = Exclude<MonitoringConfig, { readonly type: "none" }>;

export interface MonitoringArgs {
  /** Name of the cluster. */
  readonly clusterName: string;
  /** Whether there is monitoring, how much it keeps, who is told of alerts and where metrics go besides. */
  readonly monitoring: MonitoringConfig;
  /** Chart kube-prometheus-stack. */
  readonly chart: Chart;
  /** StorageClass of Prometheus' volume. */
  readonly storageClass: string;
  /** What the rules are made from. */
  readonly stack: MonitoredStack;
  /** Image with Node.js, for the slice exporter. */
  readonly image: string;
}

/** How a person gets to Grafana. The password stays in the cluster and in Pulumi's encrypted state. */
export interface GrafanaAccess {
  /** Command that makes `url` work while it runs. */
  readonly portForward: string;
  readonly url: string;
  readonly user: string;
  /** Command that prints the password. */
  readonly passwordCommand: string;
}

/**
 * Prometheus, Alertmanager and Grafana, the slice exporter, the rules and the dashboards. First of the platform's charts, because it owns the ServiceMonitor CRD: without that a
 * GPU Operator that is to make a ServiceMonitor never reports ready. With `monitoring: none` the component is empty.
 * Node exporter needs the host's namespaces, hence the privileged Pod Security level.
 */
export class Monitoring extends pulumi.ComponentResource {
  /** Undefined without monitoring. */
  readonly grafana: GrafanaAccess | undefined;

  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:kubernetes:Monitoring", name, {}, opts);
    this.grafana = args.monitoring.type === "none" ? undefined : this.deploy(name, args, args.monitoring);
    this.registerOutputs({ grafana: this.grafana });
  }

  private deploy(name: string, args: MonitoringArgs, monitoring: Present): GrafanaAccess {
    const child = { parent: this };
    const ns = new Namespace(name, namespace(MONITORING_NAMESPACE, "privileged"), child);
    const inNamespace = { parent: this, dependsOn: [ns] };

    // Without special characters, which Grafana's own tools would need quoted.
    const password = new RandomPassword(`${name}-grafana-admin`, { length: 32, special: false }, child);
    const secret = new Secret(
      `${name}-grafana-admin`,
      {
        metadata: { name: GRAFANA_ADMIN_SECRET, namespace: ns.metadata.name },
        stringData: { "admin-user": "admin", "admin-password": password.result },
      },
      child,
    );
    const remoteWrite = monitoring.type === "remoteWrite" ? monitoring.remoteWrite : undefined;
    const credentials = Object.entries({
      receivers: receiversSecret(monitoring.receivers),
      "remote-write": remoteWrite && remoteWriteSecret(remoteWrite),
    }).flatMap(([part, secretArgs]) => (secretArgs === undefined ? [] : [new Secret(`${name}-${part}`, secretArgs, inNamespace)]));
    for (const policy of monitoringNetworkPolicies()) {
      new NetworkPolicy(`${name}-${policy.metadata.name}`, policy, inNamespace);
    }
    for (const configMap of dashboardConfigMaps()) {
      new ConfigMap(`${name}-${configMap.metadata.name}`, configMap, inNamespace);
    }

    const release = new Release(
      name,
      chartRelease({
        chart: args.chart,
        name: PROMETHEUS_RELEASE,
        namespace: ns.metadata.name,
        values: kubePrometheusStackValues({
          grafanaAdminSecret: GRAFANA_ADMIN_SECRET,
          storageClass: args.storageClass,
          retentionDays: monitoring.retentionDays,
          storageGiB: monitoring.storageGiB,
          alertmanager: alertmanagerValues(monitoring.receivers),
          remoteWrite: remoteWrite && {
            spec: remoteWriteSpec(remoteWrite),
            // Prometheus' own, so that whoever gets the metrics of several clusters knows them apart.
            externalLabels: { cluster: args.clusterName },
            serviceAccount: PROMETHEUS_SERVICE_ACCOUNT.serviceAccount,
          },
          extraValues: args.chart.values,
        }),
        timeoutMinutes: 15,
      }),
      { parent: this, dependsOn: [secret, ...credentials] },
    );
    // The chart brings the kinds ServiceMonitor and PrometheusRule.
    const afterChart = { parent: this, dependsOn: [release] };
    new CustomResource(`${name}-rules`, prometheusRule(args.stack), afterChart);
    new SliceExporter(`${name}-slices`, { image: args.image }, afterChart);

    return {
      portForward: `kubectl -n ${MONITORING_NAMESPACE} port-forward service/${PROMETHEUS_RELEASE}-grafana 3000:80`,
      url: "http://localhost:3000",
      user: "admin",
      passwordCommand: `kubectl -n ${MONITORING_NAMESPACE} get secret ${GRAFANA_ADMIN_SECRET} -o jsonpath='{.data.admin-password}' | base64 -d`,
    };
  }
}
