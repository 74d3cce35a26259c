import { GPU_TAINT, MIG_CONFIG_STATE_LABEL } from "../../well-known/labels";
import { mergeValues } from "./merge";
import type { HelmValues } from "./merge";

export interface DraDriverValuesArgs {
  /** The user's own values, over these. */
  readonly extraValues: HelmValues;
}

/**
 * Values of chart nvidia-dra-driver-gpu 25.8.1 (keys unchanged in 25.12.0 and 0.4.1).
 * The plugin lists devices once, at its start, so the node selector waits until MIG Manager reports `success`. When a change of layout leaves that state,
 * the daemon set controller removes the plugin.
 * `controller.affinity` keeps its default: the controller exists only with compute domains, which need multi-node NVLink.
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
