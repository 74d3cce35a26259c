import { celLibraries } from "./cel-libraries";
import { CLAIM_LIMITS, DEVICE_LIMITS } from "./claim-limits";
import { eksSupport } from "./eks-support";
import type { FeatureGates, KubernetesRules } from "./kubernetes";
import type { GpuSoftware, Release } from "./types";

const VERSION = "1.35";

/**
 * Source: `defaultVersionedKubernetesFeatureGates` of Kubernetes v1.35.4, `pkg/features/kube_features.go`: the defaults of 1.34, and the new gate
 * DRADeviceTaintRules is off. EKS offers no alpha gates.
 */
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
 * What Kubernetes 1.35 does. Sources, all at v1.35.4 (v0.35.4):
 * - CEL: `DefaultCompatibilityVersion` in k8s.io/apiserver `pkg/cel/environment/base.go`, so 1.34 with its list library;
 * - served versions: `stableAPIGroupVersionsEnabledByDefault` and `betaAPIGroupVersionsDisabledByDefault` in `pkg/controlplane/instance.go`;
 *   the storage version: the first of `SetVersionPriority` in `pkg/apis/resource/install/install.go`, v1;
 * - what is dropped: `DropDisabledFields` in `pkg/api/resourceclaimspec/util.go`, before `validateDeviceConstraint` in `pkg/apis/resource/validation`;
 * - limits: see `claim-limits.ts`. Tolerations are dropped before they are counted, because DRADeviceTaints is off;
 * - Pod Security: `runAsNonRoot1_35`, `runAsUser1_35`, `procMount1_35baseline` of k8s.io/pod-security-admission;
 * - the scheduler: `k8s.io/dynamic-resource-allocation/structured/internal/incubating`, which the default feature gates select (`SupportedFeatures`).
 *   `GatherPools` in `pools_incubating.go` counts the slices of a pool on all nodes, and `allocateOne` passes over pools that are incomplete or invalid.
 *   `allocateOne` leaves `subRequestIndex` out when it goes on to the next device, as 1.34 does. Two devices of a `distinctAttribute` are never compared,
 *   because no new claim has one.
 */
const KUBERNETES: KubernetesRules = {
  version: VERSION,
  featureGates: FEATURE_GATES,
  celLibraries: celLibraries(34),
  claimApi: {
    versions: ["resource.k8s.io/v1", "resource.k8s.io/v1beta2", "resource.k8s.io/v1beta1"],
    dropped: ["capacity", "distinctAttribute", "tolerations"],
    limits: CLAIM_LIMITS,
    deviceLimits: DEVICE_LIMITS,
  },
  // ContainerRestartRules is on.
  restartRules: "restart",
  serviceNamesWithDigits: false,
  rootInUserNamespaces: true,
  hostnameOverride: true,
  scheduler: {
    consumableCapacity: FEATURE_GATES.DRAConsumableCapacity,
    deviceTaints: FEATURE_GATES.DRADeviceTaints,
    distinctValues: true,
    wholePools: true,
    allInAlternatives: false,
    scoresAlternatives: true,
    scoresBalanceGained: false,
  },
};

/** The pair of December 2025 as for 1.34, on the image of its time, v20260714. It has vulnerabilities of high severity, which `advisories/` names. */
const GPU_SOFTWARE_25_10: GpuSoftware = {
  gpuOperatorVersion: "v25.10.1",
  draDriver: { version: "25.8.1", line: "25.8" },
  gpuAmi: { releaseVersion: "1.35.6-20260714", driverVersion: "580.159.03", cudaDriverVersion: "13.0" },
};

/**
 * Kubernetes 1.35 with everything that is pinned to it. Sources (read 2026-11-28):
 * - charts: those of 1.34 (`v1-34.ts`). Whether their publishers tested them on 1.35 was not found in a table.
 * - AMI: releases v20260903 and v20260714, drivers as in `advisories/carries/eks-ami.ts`. Their own tables were not read: that they are 1.35.7 and 1.35.6
 *   is what public node groups of 1.35 pinned on these days.
 * - Add-ons: AWS publishes them through `aws eks describe-addon-versions --kubernetes-version 1.35 --addon-name NAME`, which needs an account; these are
 *   builds that public stacks on 1.35 pinned or read in August and September 2026: vpc-cni, kube-proxy and coredns in two, the pod identity agent, the EBS CSI
 *   driver and metrics-server in one. For the node monitoring agent no source names the Kubernetes version.
 *   Not checked against the service itself.
 */
export const V1_35: Release = {
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
  gpuAmi: { releaseVersion: "1.35.7-20260903", driverVersion: "580.178.04", cudaDriverVersion: "13.0" },
  otherGpuSoftware: { "25.10": GPU_SOFTWARE_25_10 },
  // renovate: eks-ami
  systemAmiReleaseVersion: "1.35.7-20260903",
  addons: {
    // renovate: eks-addon=vpc-cni kubernetes=1.35
    vpcCni: "v1.22.4-eksbuild.3",
    // renovate: eks-addon=kube-proxy kubernetes=1.35
    kubeProxy: "v1.35.3-eksbuild.21",
    // renovate: eks-addon=eks-pod-identity-agent kubernetes=1.35
    podIdentityAgent: "v1.3.10-eksbuild.3",
    // renovate: eks-addon=coredns kubernetes=1.35
    coredns: "v1.13.2-eksbuild.21",
    // renovate: eks-addon=metrics-server kubernetes=1.35
    metricsServer: "v0.9.0-eksbuild.5",
    // renovate: eks-addon=aws-ebs-csi-driver kubernetes=1.35
    ebsCsiDriver: "v1.63.1-eksbuild.1",
    // renovate: eks-addon=eks-node-monitoring-agent kubernetes=1.35
    nodeMonitoringAgent: "v1.7.0-eksbuild.1",
  },
};
