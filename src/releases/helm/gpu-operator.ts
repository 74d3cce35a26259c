import { isStockLayout } from "../../hardware/layouts";
import { migPartedConfig } from "../../hardware/mig-parted";
import type { NodeLayout } from "../../hardware/types";
import { mergeValues } from "./merge";
import type { HelmValues } from "./merge";
import { NODE_ROLE_LABEL } from "../../well-known/labels";

/** ConfigMap with the MIG layouts, where some pool has a layout that the GPU Operator does not ship. */
export const MIG_CONFIG_MAP = "shared-gpu-mig-layouts";

/** GPU nodes are tainted, so that these land on system nodes anyway; this keeps them off any other untainted pool too. */
const ON_SYSTEM_NODES = { nodeSelector: { [NODE_ROLE_LABEL]: "system" } };

export interface GpuOperatorValuesArgs {
  /** The layouts of all GPU pools. */
  readonly layouts: readonly NodeLayout[];
  /**
   * Name of the Helm release of kube-prometheus-stack, which must be there first: without the ServiceMonitor CRD the operator never becomes ready.
   * Undefined: nothing scrapes DCGM Exporter.
   */
  readonly prometheusRelease: string | undefined;
  /** The user's own values, over these. */
  readonly extraValues: HelmValues;
}

/**
 * Values of chart gpu-operator v26.3.3 (keys unchanged since v25.10.1) on the AL2023 NVIDIA AMI, which brings driver and container toolkit.
 * The device plugin is off because it and the DRA driver would hand out the same GPUs twice; GFD stays on because its label `nvidia.com/mig.capable` starts
 * MIG Manager. There is no `operator.defaultRuntime` (removed in v25.3.0; the operator reads the runtime from the node).
 * Source: NVIDIA/gpu-operator v25.10.1 and v26.3.3, `deployments/gpu-operator/values.yaml` and `controllers/`.
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
      ...(args.prometheusRelease !== undefined && {
        dcgmExporter: { serviceMonitor: { enabled: true, additionalLabels: { release: args.prometheusRelease } } },
      }),
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
