/** Versions that go together. */
import type { EksSupport } from "./eks-support";
import type { KubernetesRules } from "./kubernetes";

/** How a release of NVIDIA's DRA driver names devices and attributes (they changed with 25.12 and 0.4). */
export type DeviceNaming =
  /** 25.8: `gpu-0-mig-19-2-1`, attribute `pcieBusID`. */
  | "profileId"
  /** 25.12 and 0.4: `gpu-0-mig-1g5gb-19-2`, attribute `resource.kubernetes.io/pciBusID`. */
  | "profileName";

export interface AddonVersions {
  readonly vpcCni: string;
  readonly kubeProxy: string;
  readonly podIdentityAgent: string;
  readonly coredns: string;
  readonly metricsServer: string;
  readonly ebsCsiDriver: string;
  readonly nodeMonitoringAgent: string;
}

/** One Kubernetes version with everything that is pinned to it. */
export interface Release extends EksSupport {
  /** EKS version, `1.34`. */
  readonly kubernetesVersion: string;
  /** What this version of Kubernetes does. */
  readonly kubernetes: KubernetesRules;
  readonly gpuOperatorVersion: string;
  readonly draDriver: { readonly version: string; readonly deviceNaming: DeviceNaming };
  readonly kubePrometheusStackVersion: string;
  /** EKS AMI release of the NVIDIA AL2023 image, and what is inside it. */
  readonly gpuAmi: { readonly releaseVersion: string; readonly driverVersion: string; readonly cudaDriverVersion: string };
  readonly systemAmiReleaseVersion: string;
  readonly addons: AddonVersions;
}
