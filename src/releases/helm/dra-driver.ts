import { GPU_TAINT, MIG_CONFIG_STATE_LABEL } from "../../well-known/labels";
import { mergeValues } from "./merge";
import type { HelmValues } from "./merge";

export interface DraDriverValuesArgs {
  /** The user's own values, over these. */
  readonly extraValues: HelmValues;
}

/** The chart's name up to 25.12. */
const FORMER_NAME = "nvidia-dra-driver-gpu";

/**
 * Values of chart dra-driver-nvidia-gpu 0.4.1 (keys unchanged since 25.8.1).
 * The plugin lists devices once, at its start, so the node selector waits until MIG Manager reports `success`. When a change of layout leaves that state,
 * the daemon set controller removes the plugin.
 * `controller.affinity` keeps its default: the controller exists only with compute domains, which need multi-node NVLink.
 * The plugin's daemon set and its selector are named after the chart. With the name that the chart had before 0.4, an upgrade updates the daemon set; with
 * another, two plugins of one driver would be on a node at the same time.
 * Source: kubernetes-sigs/dra-driver-nvidia-gpu v25.8.1 and v0.4.1, `deployments/helm`.
 */
export function draDriverValues(args: DraDriverValuesArgs): HelmValues {
  return mergeValues(
    {
      nameOverride: FORMER_NAME,
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
