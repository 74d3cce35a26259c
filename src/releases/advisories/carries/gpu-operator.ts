import type { ComponentName } from "../types";

/** A part of the GPU Operator that has advisories of its own. */
export interface OperatorPart {
  readonly component: ComponentName;
  /** The part's key in the chart's values, where `enabled`, `image` and `version` can be overridden. */
  readonly key: string;
  /** The image in the chart. */
  readonly image: string;
}

export const OPERATOR_PARTS = [
  { component: "container-toolkit", key: "toolkit", image: "container-toolkit" },
  { component: "dcgm-exporter", key: "dcgmExporter", image: "dcgm-exporter" },
  { component: "mig-manager", key: "migManager", image: "k8s-mig-manager" },
] as const satisfies readonly OperatorPart[];

type Parts = Readonly<Record<(typeof OPERATOR_PARTS)[number]["component"], string>>;

/**
 * What each release of the GPU Operator installs. All parts are on by default.
 * Source: `deployments/gpu-operator/values.yaml` of NVIDIA/gpu-operator at each tag (read 2026-11-28).
 */
export const PARTS_OF_GPU_OPERATOR: Readonly<Record<string, Parts>> = {
  "25.3.0": {
    "container-toolkit": "v1.17.5-ubuntu20.04",
    "dcgm-exporter": "4.1.1-4.0.4-ubuntu22.04",
    "mig-manager": "v0.12.1-ubuntu20.04",
  },
  "25.3.1": {
    "container-toolkit": "v1.17.8-ubuntu20.04",
    "dcgm-exporter": "4.2.3-4.1.3-ubuntu22.04",
    "mig-manager": "v0.12.1-ubuntu20.04",
  },
  "25.3.2": {
    "container-toolkit": "v1.17.8-ubuntu20.04",
    "dcgm-exporter": "4.2.3-4.1.3-ubuntu22.04",
    "mig-manager": "v0.12.2-ubuntu20.04",
  },
  "25.3.3": {
    "container-toolkit": "v1.17.8-ubuntu20.04",
    "dcgm-exporter": "4.3.1-4.4.0-ubuntu22.04",
    "mig-manager": "v0.12.3-ubuntu20.04",
  },
  "25.3.4": {
    "container-toolkit": "v1.17.8-ubuntu20.04",
    "dcgm-exporter": "4.3.1-4.4.0-ubuntu22.04",
    "mig-manager": "v0.12.3-ubuntu20.04",
  },
  "25.10.0": { "container-toolkit": "v1.18.0", "dcgm-exporter": "4.4.1-4.6.0-distroless", "mig-manager": "v0.13.0" },
  "25.10.1": { "container-toolkit": "v1.18.1", "dcgm-exporter": "4.4.2-4.7.0-distroless", "mig-manager": "v0.13.1" },
  "26.3.0": { "container-toolkit": "v1.19.0", "dcgm-exporter": "4.5.1-4.8.0-distroless", "mig-manager": "v0.14.0" },
  "26.3.1": { "container-toolkit": "v1.19.0", "dcgm-exporter": "4.5.1-4.8.0-distroless", "mig-manager": "v0.14.0" },
  "26.3.2": { "container-toolkit": "v1.19.1", "dcgm-exporter": "4.5.3-4.8.2-distroless", "mig-manager": "v0.14.2" },
  "26.3.3": { "container-toolkit": "v1.19.1", "dcgm-exporter": "4.5.3-4.8.2-distroless", "mig-manager": "v0.14.2" },
  "26.7.0": { "container-toolkit": "v1.20.0", "dcgm-exporter": "4.6.0-4.8.3-distroless", "mig-manager": "v0.15.0" },
};
