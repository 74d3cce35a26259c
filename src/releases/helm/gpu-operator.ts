import { isStockLayout } from "../../hardware/layouts";
import { migPartedConfig } from "../../hardware/mig-parted";
import type { NodeLayout } from "../../hardware/types";
import { mergeValues } from "./merge";
import type { HelmValues } from "./merge";
import { GPU_TAINT, MIG_CONFIG_STATE_LABEL, NODE_ROLE_LABEL } from "../node-labels";

/** ConfigMap with the MIG layouts, where some pool has a layout that the GPU Operator does not ship. */
const MIG_CONFIG_MAP = "shared-gpu-mig-layouts";

/** GPU nodes are tainted, so that these land on system nodes anyway; this keeps them off any other untainted pool too. */
const ON_SYSTEM_NODES = { nodeSelector: { [NODE_ROLE_LABEL]: "system" } };

export interface GpuOperatorValuesArgs {
  /** The layouts of all GPU pools. */
  readonly layouts: readonly NodeLayout[];
  /** Name of the Helm release of kube-prometheus-stack, which must be there first: without the ServiceMonitor CRD the operator never becomes ready. */
  readonly prometheusRelease: string;
  /** The user's own values, over these. */
  readonly extraValues: HelmValues;
}

/**
 * Values of chart gpu-operator v25.10.1 on the AL2023 NVIDIA AMI, which brings driver and container toolkit.
 * The device plugin is off because it and the DRA driver would hand out the same GPUs twice; GFD stays on because its label `nvidia.com/mig.capable` starts
 * MIG Manager. There is no `operator.defaultRuntime` (removed in v25.3.0; the operator reads the runtime from the node).
 * Source: NVIDIA/gpu-operator v25.10.1, `deployments/gpu-operator/values.yaml` and `controllers/`.
 */
export function gpuOperatorValues(args: GpuOperatorValuesArgs): HelmValues {
  const config = migManagerConfig(args.layouts);
  return mergeValues(
    {
      driver: { enabled: false },
      toolkit: { enabled: false },
      devicePlugin: { enabled: false },
      gfd: { enabled: true },
      mig: { strategy: "mixed" },
      migManager: {
        // Ampere switches MIG mode by a GPU reset, which EC2 does not expose to the guest: the node has to reboot once.
        env: [{ name: "WITH_REBOOT", value: "true" }],
        ...(config && { config }),
      },
      dcgmExporter: { serviceMonitor: { enabled: true, additionalLabels: { release: args.prometheusRelease } } },
      operator: ON_SYSTEM_NODES,
      "node-feature-discovery": { master: ON_SYSTEM_NODES, gc: ON_SYSTEM_NODES },
    },
    args.extraValues,
  );
}

/**
 * The ConfigMap for MIG Manager, or undefined while the pools use layouts that the operator ships.
 * Once it is named the operator no longer makes its own, so that this one holds the stock layouts too, `all-disabled` for unlabelled nodes among them.
 */
function migManagerConfig(layouts: readonly NodeLayout[]): HelmValues | undefined {
  if (layouts.every((layout) => isStockLayout(layout.name))) {
    return undefined;
  }
  // JSON is YAML, and needs no serializer at every preview.
  const document = JSON.stringify(migPartedConfig(layouts), undefined, 2);
  return { create: true, name: MIG_CONFIG_MAP, data: { "config.yaml": document } };
}

export interface DraDriverValuesArgs {
  /** The user's own values, over these. */
  readonly extraValues: HelmValues;
}

/**
 * Values of chart nvidia-dra-driver-gpu 25.8.1 (keys unchanged in 25.12.0 and 0.4.1).
 * The plugin enumerates devices once, when it starts, so that it must not start before MIG Manager is done: the node selector waits for `success`, and makes
 * the daemon set controller remove the plugin when a change of layout leaves that state.
 * `controller.affinity` is left alone: the controller exists only with compute domains, which need multi-node NVLink.
 * Source: kubernetes-sigs/dra-driver-nvidia-gpu v25.8.1, `deployments/helm/nvidia-dra-driver-gpu`.
 */
export function draDriverValues(args: DraDriverValuesArgs): HelmValues {
  return mergeValues(
    {
      // The AMI installs the driver on the host itself.
      nvidiaDriverRoot: "/",
      // The chart refuses resources.gpus without it.
      gpuResourcesEnabledOverride: true,
      resources: { gpus: { enabled: true }, computeDomains: { enabled: false } },
      kubeletPlugin: {
        nodeSelector: { [MIG_CONFIG_STATE_LABEL]: "success" },
        tolerations: [{ key: GPU_TAINT.key, operator: "Exists", effect: GPU_TAINT.effect }],
      },
    },
    args.extraValues,
  );
}

export interface KubePrometheusStackValuesArgs {
  /** Existing Secret with the keys `admin-user` and `admin-password`. Values never hold a password: they are stored in plain text in the release. */
  readonly grafanaAdminSecret: string;
  /** StorageClass of Prometheus' volume. */
  readonly storageClass: string;
  /** The user's own values, over these. */
  readonly extraValues: HelmValues;
}

/**
 * Values of chart kube-prometheus-stack 88.5.3.
 * EKS keeps scheduler, controller manager and etcd to itself, and its kube-proxy serves metrics on localhost only; their scrape targets, and the alerts that
 * they are down, are off.
 * Source: prometheus-community/helm-charts, `charts/kube-prometheus-stack/values.yaml` and `templates/prometheus/rules-1.14`.
 */
export function kubePrometheusStackValues(args: KubePrometheusStackValuesArgs): HelmValues {
  return mergeValues(
    {
      kubeControllerManager: { enabled: false },
      kubeScheduler: { enabled: false },
      kubeEtcd: { enabled: false },
      kubeProxy: { enabled: false },
      grafana: {
        admin: { existingSecret: args.grafanaAdminSecret, userKey: "admin-user", passwordKey: "admin-password" },
      },
      prometheus: {
        prometheusSpec: {
          // Monitors and rules of the platform and of other charts count without this release's label.
          serviceMonitorSelectorNilUsesHelmValues: false,
          podMonitorSelectorNilUsesHelmValues: false,
          ruleSelectorNilUsesHelmValues: false,
          retention: "15d",
          // Below the volume's size, so that old blocks go before the disk is full.
          retentionSize: "42GiB",
          resources: { requests: { cpu: "200m", memory: "1Gi" } },
          storageSpec: {
            volumeClaimTemplate: {
              spec: {
                storageClassName: args.storageClass,
                accessModes: ["ReadWriteOnce"],
                resources: { requests: { storage: "50Gi" } },
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
