import { celLibraries } from "./cel-libraries";
import { CLAIM_LIMITS, DEVICE_LIMITS } from "./claim-limits";
import { eksSupport } from "./eks-support";
import type { FeatureGates, KubernetesRules } from "./kubernetes";
import type { GpuSoftware, Release } from "./types";

const VERSION = "1.34";

/** Source: `defaultVersionedKubernetesFeatureGates` of Kubernetes v1.34.4, `pkg/features/kube_features.go`. EKS offers no alpha gates. */
const FEATURE_GATES: FeatureGates = {
  DRAAdminAccess: true,
  DRAPrioritizedList: true,
  DRAConsumableCapacity: false,
  DRADeviceTaints: false,
  DRAExtendedResource: false,
  DRAPartitionableDevices: false,
  DRADeviceBindingConditions: false,
  ResourceHealthStatus: false,
  DRAResourceClaimGranularStatusAuthorization: false,
  PodLevelResources: true,
};

/**
 * What Kubernetes 1.34 does. Sources, all at v1.34.4 (v0.34.4):
 * - served versions: `stableAPIGroupVersionsEnabledByDefault` and `betaAPIGroupVersionsDisabledByDefault` in `pkg/controlplane/instance.go`;
 *   the storage version: the first of `SetVersionPriority` in `pkg/apis/resource/install/install.go` (v1 comes first with 1.35 only);
 * - what is dropped: `pkg/registry/resource/resourceclaim/strategy.go`, which sets `distinctAttribute` to nil in a copy of each constraint only;
 * - limits: see `claim-limits.ts`. The API documents at most 16 tolerations of a request, but accepts any number;
 * - Pod Security: `relaxPolicyForUserNamespacePod` of k8s.io/pod-security-admission asks a gate that is off;
 * - the scheduler: `k8s.io/dynamic-resource-allocation/structured/internal/experimental`, which the default feature gates select.
 *   `matchesAttribute` in `constraint.go` compares where the values of a distinctAttribute are in memory, not what they are (mended by kubernetes/kubernetes #135022).
 *   `GatherPools` in `pools_experimental.go` counts the slices of a pool that belong to the node.
 *   `Allocate` sets `subRequestIndex` only after it has collected and remembered the devices of an alternative, and leaves it out when it goes on to the next device.
 */
const KUBERNETES: KubernetesRules = {
  version: VERSION,
  featureGates: FEATURE_GATES,
  celLibraries: celLibraries(33),
  claimApi: {
    versions: ["resource.k8s.io/v1", "resource.k8s.io/v1beta2", "resource.k8s.io/v1beta1"],
    dropped: ["capacity"],
    limits: CLAIM_LIMITS,
    deviceLimits: DEVICE_LIMITS,
  },
  // ContainerRestartRules is off.
  restartRules: "none",
  serviceNamesWithDigits: false,
  rootInUserNamespaces: false,
  hostnameOverride: false,
  scheduler: {
    consumableCapacity: FEATURE_GATES.DRAConsumableCapacity,
    deviceTaints: FEATURE_GATES.DRADeviceTaints,
    distinctValues: false,
    wholePools: false,
    allInAlternatives: false,
    scoresAlternatives: false,
    scoresBalanceGained: false,
  },
};

/**
 * The pair that NVIDIA's "DRA Driver for NVIDIA GPUs" pages describe together with MIG Manager: tags v25.10.1 (2025-12-03) and v25.8.1 (2025-12-16), on the
 * image of their time, v20260714 (CHANGELOG of awslabs/amazon-eks-ami). It has vulnerabilities of high severity, which `advisories/` names.
 */
const GPU_SOFTWARE_25_10: GpuSoftware = {
  gpuOperatorVersion: "v25.10.1",
  draDriver: { version: "25.8.1", line: "25.8" },
  gpuAmi: { releaseVersion: "1.34.9-20260714", driverVersion: "580.159.03", cudaDriverVersion: "13.0" },
};

/**
 * Kubernetes 1.34 with everything that is pinned to it. Sources (read 2026-11-28):
 * - GPU Operator: tag v26.3.3 (2026-06-23) of NVIDIA/gpu-operator, the newest whose DCGM Exporter keeps the names of metrics (4.8.3 changes labels). Its
 *   values differ from those of v25.10.1 in nothing that `helm/gpu-operator.ts` sets.
 * - DRA driver: tag v0.4.1 (2026-06-30) of kubernetes-sigs/dra-driver-nvidia-gpu, the first without CVE-2026-24260. Its chart carries no `v` in its version.
 * - kube-prometheus-stack: tag kube-prometheus-stack-88.5.3 of prometheus-community/helm-charts (2026-08).
 * - AMI: release v20260903, NVIDIA driver 580.178.04 (sources: `advisories/carries/eks-ami.ts`). Its tables were not read: that it is 1.34.10 is what public
 *   descriptions of node groups of 1.34 say. The 580 branch reports CUDA 13.0 to NVML.
 * - Add-ons: AWS publishes them through `aws eks describe-addon-versions --kubernetes-version 1.34 --addon-name NAME`, which needs an account; these
 *   are builds that public stacks pinned in August 2026: vpc-cni, kube-proxy, coredns and the EBS CSI driver each in two or more on 1.34, the pod identity
 *   agent and metrics-server in one on 1.34 and others on 1.35; for the node monitoring agent no source names the Kubernetes version.
 *   Not checked against the service itself.
 */
export const V1_34: Release = {
  kubernetesVersion: VERSION,
  kubernetes: KUBERNETES,
  ...eksSupport(VERSION),
  // renovate: datasource=helm depName=gpu-operator registryUrl=https://helm.ngc.nvidia.com/nvidia
  gpuOperatorVersion: "v26.3.3",
  // renovate: datasource=docker depName=registry.k8s.io/dra-driver-nvidia/charts/dra-driver-nvidia-gpu
  draDriver: { version: "0.4.1", line: "0.4" },
  // renovate: datasource=helm depName=kube-prometheus-stack registryUrl=https://prometheus-community.github.io/helm-charts
  kubePrometheusStackVersion: "88.5.3",
  // renovate: eks-ami
  gpuAmi: { releaseVersion: "1.34.10-20260903", driverVersion: "580.178.04", cudaDriverVersion: "13.0" },
  otherGpuSoftware: { "25.10": GPU_SOFTWARE_25_10 },
  // renovate: eks-ami
  systemAmiReleaseVersion: "1.34.10-20260903",
  addons: {
    // renovate: eks-addon=vpc-cni kubernetes=1.34
    vpcCni: "v1.22.4-eksbuild.3",
    // renovate: eks-addon=kube-proxy kubernetes=1.34
    kubeProxy: "v1.34.6-eksbuild.18",
    // renovate: eks-addon=eks-pod-identity-agent kubernetes=1.34
    podIdentityAgent: "v1.3.10-eksbuild.3",
    // renovate: eks-addon=coredns kubernetes=1.34
    coredns: "v1.13.2-eksbuild.11",
    // renovate: eks-addon=metrics-server kubernetes=1.34
    metricsServer: "v0.9.0-eksbuild.5",
    // renovate: eks-addon=aws-ebs-csi-driver kubernetes=1.34
    ebsCsiDriver: "v1.63.1-eksbuild.1",
    // renovate: eks-addon=eks-node-monitoring-agent kubernetes=1.34
    nodeMonitoringAgent: "v1.7.0-eksbuild.1",
  },
};
