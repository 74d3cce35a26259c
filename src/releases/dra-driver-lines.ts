import type { DeviceNaming } from "./types";

/**
 * How a version of the DRA driver's chart (with or without a leading `v`) names its devices; undefined for versions that this project has not read.
 * Source: `cmd/gpu-kubelet-plugin/deviceinfo.go` of kubernetes-sigs/dra-driver-nvidia-gpu at v25.8.0, v25.8.1, v25.12.0, v0.4.0 and v0.4.1.
 */
export function deviceNamingOf(draDriverVersion: string): DeviceNaming | undefined {
  const [, minor] = /^v?(25\.8|25\.12|0\.4)\.\d+$/.exec(draDriverVersion) ?? [];
  switch (minor) {
    case "25.8":
      return "profileId";
    case "25.12":
    case "0.4":
      return "profileName";
    default:
      return undefined;
  }
}
