import { Namespace, Secret } from "@pulumi/kubernetes/core/v1";
import { Release } from "@pulumi/kubernetes/helm/v3/release";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword";
import type { Chart } from "../../config/types";
import { kubePrometheusStackValues } from "../../releases/helm/kube-prometheus-stack";
import { MONITORING_NAMESPACE } from "../../well-known/namespaces";
import { chartRelease } from "../operators/chart-release";
import { namespace } from "../namespaces";

/** Name of the Helm release; the chart's Prometheus picks up ServiceMonitors with the label `release=` this. */
export const PROMETHEUS_RELEASE = "kube-prometheus-stack";

const GRAFANA_ADMIN_SECRET = "grafana-admin";

export interface MonitoringArgs {
  /** Chart kube-prometheus-stack. */
  readonly chart: Chart;
  /** StorageClass of Prometheus' volume. */
  readonly storageClass: string;
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
 * Prometheus, Alertmanager and Grafana. First of the platform's charts, because it owns the ServiceMonitor CRD: without that the GPU Operator never reports ready.
 * Node exporter needs the host's namespaces, hence the privileged Pod Security level.
 */
export class Monitoring extends pulumi.ComponentResource {
  readonly namespace: pulumi.Output<string>;
  readonly grafana: GrafanaAccess;

  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:kubernetes:Monitoring", name, {}, opts);
    const child = { parent: this };

    const ns = new Namespace(name, namespace(MONITORING_NAMESPACE, "privileged"), child);
    this.namespace = ns.metadata.name;

    // Without special characters, which Grafana's own tools would need quoted.
    const password = new RandomPassword(`${name}-grafana-admin`, { length: 32, special: false }, child);
    const secret = new Secret(
      `${name}-grafana-admin`,
      {
        metadata: { name: GRAFANA_ADMIN_SECRET, namespace: this.namespace },
        stringData: { "admin-user": "admin", "admin-password": password.result },
      },
      child,
    );

    new Release(
      name,
      chartRelease({
        chart: args.chart,
        name: PROMETHEUS_RELEASE,
        namespace: this.namespace,
        values: kubePrometheusStackValues({
          grafanaAdminSecret: GRAFANA_ADMIN_SECRET,
          storageClass: args.storageClass,
          extraValues: args.chart.values,
        }),
        timeoutMinutes: 15,
      }),
      { parent: this, dependsOn: [secret] },
    );

    this.grafana = {
      portForward: `kubectl -n ${MONITORING_NAMESPACE} port-forward service/${PROMETHEUS_RELEASE}-grafana 3000:80`,
      url: "http://localhost:3000",
      user: "admin",
      passwordCommand: `kubectl -n ${MONITORING_NAMESPACE} get secret ${GRAFANA_ADMIN_SECRET} -o jsonpath='{.data.admin-password}' | base64 -d`,
    };
    this.registerOutputs({ namespace: this.namespace, grafana: this.grafana });
  }
}
