import { celLibraries } from "./cel-libraries";
import { CLAIM_LIMITS, DEVICE_LIMITS } from "./claim-limits";
import { eksSupport } from "./eks-support";
import type { FeatureGates, KubernetesRules } from "./kubernetes";
import type { GpuSoftware, Release } from "./types";

const VERSION = "1.36";

/**
 * Source: `defaultVersionedKubernetesFeatureGates` of Kubernetes v1.36.3, `pkg/features/kube_features.go`. Seven gates are on by default that were not:
 * consumable capacity, device taints, extended resources, partitionable devices, binding conditions, device health, and who may write the status of a claim.
 * DRADeviceTaintRules is off, because its API is a beta one. EKS offers no alpha gates.
 */
const FEATURE_GATES: FeatureGates = {
  DRAAdminAccess: true,
  DRAPrioritizedList: true,
  DRAConsumableCapacity: true,
  DRADeviceTaints: true,
  DRAExtendedResource: true,
  DRAPartitionableDevices: true,
  DRADeviceBindingConditions: true,
  ResourceHealthStatus: true,
  DRAResourceClaimGranularStatusAuthorization: true,
  PodLevelResources: true,
};

/**
 * What Kubernetes 1.36 does. Sources, all at v1.36.3 (v0.36.3):
 * - CEL: `DefaultCompatibilityVersion` in k8s.io/apiserver `pkg/cel/environment/base.go`, so 1.35, which has what 1.34 has;
 *   `device.allowMultipleAllocations`: `newCompiler` in k8s.io/dynamic-resource-allocation `cel/compile.go`;
 * - served versions: `stableAPIGroupVersionsEnabledByDefault` and `betaAPIGroupVersionsDisabledByDefault` in `pkg/controlplane/instance.go`;
 *   the storage version: the first of `SetVersionPriority` in `pkg/apis/resource/install/install.go`, v1;
 * - limits: see `claim-limits.ts`. The API documents at most 16 tolerations of a request, but `validation.go` counts none;
 * - Pod Security: `runAsNonRoot1_35`, `runAsUser1_35`, `procMount1_35baseline` of k8s.io/pod-security-admission;
 * - the scheduler: `k8s.io/dynamic-resource-allocation/structured/internal/incubating`, which the default feature gates select (`SupportedFeatures`).
 *   `allocateOne` passes over pools that are incomplete or invalid, and keeps `subRequestIndex` when it goes on to the next device.
 */
const KUBERNETES: KubernetesRules = {
  version: VERSION,
  featureGates: FEATURE_GATES,
  celLibraries: celLibraries(35),
  claimApi: {
    versions: ["resource.k8s.io/v1", "resource.k8s.io/v1beta2", "resource.k8s.io/v1beta1"],
    dropped: [],
    limits: CLAIM_LIMITS,
    deviceLimits: DEVICE_LIMITS,
  },
  // ContainerRestartRules is on, and RestartAllContainersOnContainerExits too.
  restartRules: "restartAll",
  // RelaxedServiceNameValidation is on.
  serviceNamesWithDigits: true,
  rootInUserNamespaces: true,
  hostnameOverride: true,
  scheduler: {
    consumableCapacity: FEATURE_GATES.DRAConsumableCapacity,
    deviceTaints: FEATURE_GATES.DRADeviceTaints,
    distinctValues: true,
    wholePools: true,
    allInAlternatives: true,
    scoresAlternatives: true,
    scoresBalanceGained: true,
  },
};

/** The pair of December 2025 as for 1.34, on the image of its time, v20260714. It has vulnerabilities of high severity, which `advisories/` names. */
const GPU_SOFTWARE_25_10: GpuSoftware = {
  gpuOperatorVersion: "v25.10.1",
  draDriver: { version: "25.8.1", line: "25.8" },
  gpuAmi: { releaseVersion: "1.36.2-20260714", driverVersion: "580.159.03", cudaDriverVersion: "13.0" },
};

/**
 * Kubernetes 1.36 with everything that is pinned to it. Sources (read 2026-11-28):
 * - charts: those of 1.34 (`v1-34.ts`). Whether their publishers tested them on 1.36 was not found in a table.
 * - AMI: releases v20260903 and v20260714, drivers as in `advisories/carries/eks-ami.ts`. Their own tables were not read: that they are 1.36.3 and 1.36.2
 *   is what public node groups of 1.36 pinned on these days.
 * - Add-ons: AWS publishes them through `aws eks describe-addon-versions --kubernetes-version 1.36 --addon-name NAME`, which needs an account; these are
 *   builds that public stacks pinned or read in August and September 2026: vpc-cni, kube-proxy and coredns in one table by version, the pod identity agent and
 *   the EBS CSI driver in one stack on 1.36. For metrics-server and the node monitoring agent no source names the Kubernetes version.
 *   Not checked against the service itself.
 */
export const V1_36: Release = {
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
  gpuAmi: { releaseVersion: "1.36.3-20260903", driverVersion: "580.178.04", cudaDriverVersion: "13.0" },
  otherGpuSoftware: { "25.10": GPU_SOFTWARE_25_10 },
  // renovate: eks-ami
  systemAmiReleaseVersion: "1.36.3-20260903",
  addons: {
    // renovate: eks-addon=vpc-cni kubernetes=1.36
    vpcCni: "v1.22.4-eksbuild.3",
    // renovate: eks-addon=kube-proxy kubernetes=1.36
    kubeProxy: "v1.36.0-eksbuild.17",
    // renovate: eks-addon=eks-pod-identity-agent kubernetes=1.36
    podIdentityAgent: "v1.3.10-eksbuild.3",
    // renovate: eks-addon=coredns kubernetes=1.36
    coredns: "v1.14.3-eksbuild.14",
    // renovate: eks-addon=metrics-server kubernetes=1.36
    metricsServer: "v0.9.0-eksbuild.5",
    // renovate: eks-addon=aws-ebs-csi-driver kubernetes=1.36
    ebsCsiDriver: "v1.63.1-eksbuild.1",
    // renovate: eks-addon=eks-node-monitoring-agent kubernetes=1.36
    nodeMonitoringAgent: "v1.7.0-eksbuild.1",
  },
};
