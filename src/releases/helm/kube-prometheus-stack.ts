import { MONITORING_NAMESPACE } from "../../well-known/namespaces";
import { mergeValues } from "./merge";
import type { HelmValues } from "./merge";

/** Who is told of alerts. */
export interface AlertmanagerValues {
  /** Alertmanager's configuration, laid over the chart's. It names files, and holds no secret. */
  readonly config: HelmValues;
  /** Secrets whose keys are those files. */
  readonly secrets: readonly string[];
}

/** Where metrics go besides. */
export interface RemoteWriteValues {
  /** An entry of `prometheusSpec.remoteWrite`. It names a Secret, and holds none. */
  readonly spec: object;
  /** Labels that say of every series where it is from. */
  readonly externalLabels: Readonly<Record<string, string>>;
  /** Service account of Prometheus. */
  readonly serviceAccount: string;
}

export interface KubePrometheusStackValuesArgs {
  /** Existing Secret with the keys `admin-user` and `admin-password`. Values never hold a password: they are stored in plain text in the release. */
  readonly grafanaAdminSecret: string;
  /** StorageClass of Prometheus' volume. */
  readonly storageClass: string;
  /** How long Prometheus keeps metrics, if they fit. */
  readonly retentionDays: number;
  /** Size of Prometheus' volume. */
  readonly storageGiB: number;
  /** Undefined: nobody is told of alerts. */
  readonly alertmanager: AlertmanagerValues | undefined;
  /** Undefined: metrics stay in the cluster. */
  readonly remoteWrite: RemoteWriteValues | undefined;
  /** The user's own values, over these. */
  readonly extraValues: HelmValues;
}

/** The part of the volume that metrics may fill. The write-ahead log and the block that is being made need the rest. */
const KEPT_PART = 0.85;

/**
 * Values of chart kube-prometheus-stack 88.5.3.
 * EKS keeps scheduler, controller manager and etcd to itself, and its kube-proxy serves metrics on localhost only; their scrape targets, and the alerts that
 * they are down, are off.
 * Sources: prometheus-community/helm-charts, `charts/kube-prometheus-stack/values.yaml` and `templates/prometheus/rules-1.14`;
 * grafana-community/helm-charts, `charts/grafana/templates/clusterrole.yaml` and `_pod.tpl` (read 2026-11-28).
 */
export function kubePrometheusStackValues(args: KubePrometheusStackValuesArgs): HelmValues {
  const { alertmanager, remoteWrite } = args;
  return mergeValues(
    {
      kubeControllerManager: { enabled: false },
      kubeScheduler: { enabled: false },
      kubeEtcd: { enabled: false },
      kubeProxy: { enabled: false },
      grafana: {
        admin: { existingSecret: args.grafanaAdminSecret, userKey: "admin-user", passwordKey: "admin-password" },
        // The chart lets Grafana read every Secret of the cluster, and show the dashboard of whoever can make a ConfigMap, teams included.
        rbac: { namespaced: true },
        sidecar: { dashboards: { searchNamespace: MONITORING_NAMESPACE } },
      },
      ...(alertmanager && { alertmanager: { config: alertmanager.config, alertmanagerSpec: { secrets: alertmanager.secrets } } }),
      prometheus: {
        ...(remoteWrite && { serviceAccount: { name: remoteWrite.serviceAccount } }),
        prometheusSpec: {
          ...(remoteWrite && { remoteWrite: [remoteWrite.spec], externalLabels: remoteWrite.externalLabels }),
          // Monitors and rules of the platform and of other charts count without this release's label.
          serviceMonitorSelectorNilUsesHelmValues: false,
          podMonitorSelectorNilUsesHelmValues: false,
          ruleSelectorNilUsesHelmValues: false,
          retention: `${String(args.retentionDays)}d`,
          // Below the volume's size, so that old blocks go before the disk is full.
          retentionSize: `${String(Math.floor(args.storageGiB * KEPT_PART))}GiB`,
          resources: { requests: { cpu: "200m", memory: "1Gi" } },
          storageSpec: {
            volumeClaimTemplate: {
              spec: {
                storageClassName: args.storageClass,
                accessModes: ["ReadWriteOnce"],
                resources: { requests: { storage: `${String(args.storageGiB)}Gi` } },
              },
            },
          },
          // `pulumi destroy` must leave no volume behind.
          persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Retain" },
        },
      },
    },
    args.extraValues,
  );
}
