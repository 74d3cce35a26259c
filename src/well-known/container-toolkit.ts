/**
 * Settings of the NVIDIA container toolkit with which GPU nodes give devices to claims only. "Unprivileged" means without CAP_SYS_ADMIN.
 * Source: NVIDIA/nvidia-container-toolkit v1.19.1 and v1.20.0, api/config/v1/config.go.
 */
export const CONTAINER_TOOLKIT_SETTINGS = [
  "accept-nvidia-visible-devices-envvar-when-unprivileged=false",
  "accept-nvidia-visible-devices-as-volume-mounts=false",
] as const;
