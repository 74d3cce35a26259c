/** Versions that go together. */
import type { DraDriver } from "./dra-driver-lines";
import type { EksSupport } from "./eks-support";
import type { KubernetesRules } from "./kubernetes";

export interface AddonVersions {
  readonly vpcCni: string;
  readonly kubeProxy: string;
  readonly podIdentityAgent: string;
  readonly coredns: string;
  readonly metricsServer: string;
  readonly ebsCsiDriver: string;
  readonly nodeMonitoringAgent: string;
}

/** What makes slices of GPUs, publishes and prepares them, in versions that go together. */
export interface GpuSoftware {
  readonly gpuOperatorVersion: string;
  readonly draDriver: DraDriver;
  /** EKS AMI release of the NVIDIA AL2023 image, and what is inside it. */
  readonly gpuAmi: { readonly releaseVersion: string; readonly driverVersion: string; readonly cudaDriverVersion: string };
}

/** One Kubernetes version with everything that is pinned to it. Its own GPU software is what a stack gets that chooses none. */
export interface Release extends EksSupport, GpuSoftware {
  /** EKS version, `1.34`. */
  readonly kubernetesVersion: string;
  /** What this version of Kubernetes does. */
  readonly kubernetes: KubernetesRules;
  /** GPU software that a stack can choose instead, by the release line of its GPU Operator. */
  readonly otherGpuSoftware: Readonly<Record<string, GpuSoftware>>;
  readonly kubePrometheusStackVersion: string;
  readonly systemAmiReleaseVersion: string;
  readonly addons: AddonVersions;
}
