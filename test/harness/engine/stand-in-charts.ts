import { join } from "node:path";

/** The charts of this folder in place of the publishers'. */
export const STAND_IN_CHARTS = {
  kubePrometheusStack: { chart: join(__dirname, "charts/kube-prometheus-stack") },
  gpuOperator: { chart: join(__dirname, "charts/gpu-operator") },
  draDriver: { chart: join(__dirname, "charts/dra-driver-nvidia-gpu") },
};
