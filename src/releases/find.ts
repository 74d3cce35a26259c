import type { DeviceNaming, Release } from "./types";

/**
 * Every Kubernetes version this stack can be built on, oldest first, with everything that is pinned to it.
 *
 * Sources of 1.34:
 * - Support dates: Amazon EKS user guide, "Understand the Kubernetes version lifecycle on EKS" (read 2026-11-23).
 * - GPU Operator and DRA driver: the pair that NVIDIA's "DRA Driver for NVIDIA GPUs" pages describe together with MIG Manager;
 *   tags v25.10.1 (2025-12-03) and v25.8.1 (2025-12-16). The DRA driver's chart carries no `v` in its version.
 * - kube-prometheus-stack: tag kube-prometheus-stack-88.5.3 of prometheus-community/helm-charts (2026-08).
 * - AMI: awslabs/amazon-eks-ami CHANGELOG, release v20260714, both variants 1.34.9-20260714, NVIDIA driver 580.159.03.
 *   The 580 branch reports CUDA 13.0 to NVML.
 * - Add-ons: AWS publishes them through `aws eks describe-addon-versions --kubernetes-version 1.34 --addon-name NAME`, which needs an account; these
 *   are builds that public stacks pinned in August 2026: vpc-cni, kube-proxy, coredns and the EBS CSI driver each in two or more on 1.34, the pod identity
 *   agent and metrics-server in one on 1.34 and others on 1.35; for the node monitoring agent no source names the Kubernetes version.
 *   Not checked against the service itself.
 */
export const RELEASES: readonly Release[] = [
  {
    kubernetesVersion: "1.34",
    standardSupportEnds: "2026-12-02",
    extendedSupportEnds: "2027-12-02",
    gpuOperatorVersion: "v25.10.1",
    draDriver: { version: "25.8.1", deviceNaming: "profileId" },
    kubePrometheusStackVersion: "88.5.3",
    gpuAmi: { releaseVersion: "1.34.9-20260714", driverVersion: "580.159.03", cudaDriverVersion: "13.0" },
    systemAmiReleaseVersion: "1.34.9-20260714",
    addons: {
      vpcCni: "v1.22.4-eksbuild.3",
      kubeProxy: "v1.34.6-eksbuild.18",
      podIdentityAgent: "v1.3.10-eksbuild.3",
      coredns: "v1.13.2-eksbuild.11",
      metricsServer: "v0.9.0-eksbuild.5",
      ebsCsiDriver: "v1.63.1-eksbuild.1",
      nodeMonitoringAgent: "v1.7.0-eksbuild.1",
    },
  },
];

/** The release of a Kubernetes version such as `1.34`; undefined where the stack knows none. */
export function findRelease(kubernetesVersion: string): Release | undefined {
  return RELEASES.find((release) => release.kubernetesVersion === kubernetesVersion);
}

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
