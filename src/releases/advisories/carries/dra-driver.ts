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

/**
 * Releases of the DRA driver by the digest of their image. A runtime that is given a tag and a digest pulls the digest, whatever the tag says.
 * Source: kubernetes/k8s.io, `registry.k8s.io/images/k8s-staging-dra-driver-nvidia/images.yaml` at 1a15ab5 (read 2026-11-28). NVIDIA's registry, which has the
 * releases up to 25.12, publishes no such list.
 */
export const RELEASE_OF_DIGEST: Readonly<Record<string, string>> = {
  "sha256:dd17d49170f62071d13ef5de9b8f0ff26c66793f9d802c34532c0cb4f8a1d1f3": "v0.4.0",
  "sha256:eefe67396dedea4df74f68a94d5883f33204888b83979babd42b91501a2de1d8": "v0.4.1",
};
