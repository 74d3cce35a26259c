/** Ways to ask a node for devices without a claim, which the policy pack denies before deployment and the admission policies in the cluster. */

/** Variable that names the GPUs a container sees. */
export const VISIBLE_DEVICES_VARIABLE = "NVIDIA_VISIBLE_DEVICES";

/** With these values the variable gives a container nothing, which is what takes back what an image sets itself. */
export const NO_DEVICES: readonly string[] = ["void", "none"];

/**
 * Variables by which NVIDIA's container runtime gives a container GPUs, MIG's configuration, channels to other nodes' GPUs or other devices.
 * They can also come from the image, a ConfigMap or a Secret (`envFrom`), where only the node's own configuration stops them.
 * Source: NVIDIA/nvidia-container-toolkit v1.19.1, `internal/config/image`.
 */
export const DEVICE_VARIABLES: readonly string[] = [
  VISIBLE_DEVICES_VARIABLE,
  "NVIDIA_MIG_CONFIG_DEVICES",
  "NVIDIA_MIG_MONITOR_DEVICES",
  "NVIDIA_IMEX_CHANNELS",
  "NVIDIA_GDS",
  "NVIDIA_MOFED",
  "NVIDIA_GDRCOPY",
  "NVIDIA_NVSWITCH",
];

/** Directory, below `/run` and `/var/run`, whose mounts NVIDIA's container runtime reads as a list of devices. */
export const DEVICE_LIST_DIRECTORY = "nvidia-container-devices";

/**
 * Labels of an annotation's domain, wherever in it, by which CDI (`cdi.k8s.io/...`, `nvidia.cdi.k8s.io/...`) and the device injectors of NRI
 * (`cdi.nri.io/...`, `cdi-devices.noderesource.dev/...`) are asked for devices.
 */
export const INJECTOR_DOMAIN_LABELS: readonly string[] = ["cdi", "nri", "noderesource"];

/** First labels of the domain of other injectors: `devices.nri.io`, `devices.gke.io`, `mounts.nri.io`. */
export const INJECTOR_FIRST_LABELS: readonly string[] = ["devices", "mounts"];

/** Whether an annotation asks CDI or a device injector of NRI for devices. */
export function injectsDevices(annotation: string): boolean {
  const labels = (annotation.split("/")[0] ?? "").toLowerCase().split(".");
  return labels.some((label) => INJECTOR_DOMAIN_LABELS.includes(label)) || INJECTOR_FIRST_LABELS.includes(labels[0] ?? "");
}

/** What the kubelet's annotations on pods that it reads from files of its node begin with. */
export const STATIC_POD_PREFIX = "kubernetes.io/config.";
