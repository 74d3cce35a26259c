/**
 * The NVIDIA Container Toolkit from which each release of the DRA driver takes `nvidia-cdi-hook`. The plugin copies it to the node and writes it into the CDI
 * specification of every claim, unless `nvidiaCDIHookPath` names one that is there.
 * Source: `go.mod`, `hack/toolkit-container-image.sh` and `cmd/gpu-kubelet-plugin/main.go` of kubernetes-sigs/dra-driver-nvidia-gpu at each tag (read 2026-11-28).
 */
export const TOOLKIT_OF_DRA_DRIVER: Readonly<Record<string, string>> = {
  "25.3.2": "1.18.0-rc.2",
  "25.8.0": "1.18.0-rc.6",
  "25.8.1": "1.18.0",
  "25.12.0": "1.18.2",
  "0.4.0": "1.19.0",
  "0.4.1": "1.19.1",
};
