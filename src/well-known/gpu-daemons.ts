/** The daemons that the charts of the GPU Operator and of the DRA driver run on GPU nodes, and the node labels that start and stop them. */

/** Labels of the daemons' pods, as the charts set them. */
export const DAEMON_LABELS = {
  featureDiscovery: { app: "gpu-feature-discovery" },
  migManager: { app: "nvidia-mig-manager" },
  dcgmExporter: { app: "nvidia-dcgm-exporter" },
  draPlugin: { "nvidia-dra-driver-gpu-component": "kubelet-plugin" },
} as const;

export type DaemonName = keyof typeof DAEMON_LABELS;

/** What the node selector of MIG Manager's daemon set asks for. */
export const MIG_MANAGER_NODES = { "nvidia.com/gpu.deploy.mig-manager": "true" } as const;

/** Node label that starts the DCGM exporter. MIG Manager sends its pods away by another value while it divides GPUs. */
export const DCGM_EXPORTER_LABEL = "nvidia.com/gpu.deploy.dcgm-exporter";

/** What the node selector of the DCGM exporter's daemon set asks for. */
export const DCGM_EXPORTER_NODES = { [DCGM_EXPORTER_LABEL]: "true" } as const;

/** Value of the labels `nvidia.com/gpu.deploy.*` while MIG Manager keeps the operator's pods from the GPUs (NVIDIA/mig-parted v0.13.1, `pkg/mig/reconfigure`). */
export const PAUSED = "paused-for-mig-change";
