/** The AWS half of a stack, built from a configuration as `parseConfig` would answer it. */
import { ClusterAddons } from "../../src/aws/cluster-addons";
import { ControlPlane } from "../../src/aws/control-plane";
import { GpuPool } from "../../src/aws/gpu-pool";
import { Network } from "../../src/aws/network";
import { NetworkingAddons } from "../../src/aws/networking-addons";
import { SystemPool } from "../../src/aws/system-pool";
import { lookupZones } from "../../src/aws/zones";
import type * as config from "../../src/config/types";
import type { GpuModel, InstanceType, NodeLayout } from "../../src/hardware/types";
import { RULES } from "../support/rules";

export type AwsConfig = Pick<
  config.StackConfig,
  | "clusterName"
  | "region"
  | "tags"
  | "network"
  | "apiServerAccess"
  | "controlPlane"
  | "systemPool"
  | "gpuPools"
  | "release"
  | "teams"
  | "monitoring"
>;

const A100: GpuModel = {
  name: "A100-SXM4-40GB",
  productName: "NVIDIA A100-SXM4-40GB",
  architecture: "Ampere",
  cudaComputeCapability: "8.0.0",
  pciDeviceIds: ["20B0"],
  computeSlices: 7,
  memorySlices: 8,
  memoryMiB: 40960,
  multiprocessors: 108,
  profiles: [],
  memoryCaptures: [],
  source: "a test",
  assumptions: [],
  profileFigures: "listed",
};

const P4D: InstanceType = {
  name: "p4d.24xlarge",
  cpuArchitecture: "x86_64",
  vcpus: 96,
  memoryMiB: 1179648,
  gpus: { type: "mig", model: A100, count: 8 },
  nvmeGB: 8000,
  efaInterfaces: 4,
  usdPerHour: 21.957642,
  allocatable: { cpuMillis: 95690, memoryMiB: 1082712, pods: 737 },
  assumptions: [],
};

const M6I: InstanceType = {
  name: "m6i.large",
  cpuArchitecture: "x86_64",
  vcpus: 2,
  memoryMiB: 8192,
  gpus: { type: "none" },
  nvmeGB: 0,
  efaInterfaces: 0,
  usdPerHour: 0.096,
  allocatable: { cpuMillis: 1930, memoryMiB: 7000, pods: 29 },
  assumptions: [],
};

const ALL_BALANCED: NodeLayout = { name: "all-balanced", model: A100, gpus: [] };

export const GPU_POOL: config.GpuPool = {
  name: "a100",
  instanceType: P4D,
  layout: ALL_BALANCED,
  size: { min: 1, desired: 1, max: 2 },
  capacity: { type: "onDemand" },
  availabilityZone: undefined,
  volumeGiB: 200,
};

export const CONFIG: AwsConfig = {
  clusterName: "shared-gpu",
  region: "us-east-1",
  tags: { Team: "platform", CostCenter: "4711" },
  network: {
    cidr: "10.0.0.0/16",
    availabilityZones: ["us-east-1a", "us-east-1b", "us-east-1d"],
    natGateways: "onePerAz",
    interfaceEndpoints: [],
  },
  apiServerAccess: { type: "cidrs", cidrs: ["203.0.113.0/24"] },
  controlPlane: { deletionProtection: true, logRetentionDays: 90, supportType: "STANDARD", adminPrincipalArns: [] },
  systemPool: { instanceType: M6I, size: { min: 1, desired: 2, max: 4 }, volumeGiB: 50 },
  gpuPools: [GPU_POOL],
  teams: [],
  monitoring: { type: "none" },
  release: {
    kubernetesVersion: "1.34",
    kubernetes: RULES,
    standardSupportEnds: "2026-12-02",
    extendedSupportEnds: "2027-12-02",
    gpuOperatorVersion: "v25.10.1",
    draDriver: { version: "25.8.1", line: "25.8" },
    otherGpuSoftware: {},
    kubePrometheusStackVersion: "1.2.3",
    gpuAmi: { releaseVersion: "1.34.9-20260714", driverVersion: "580.159.03", cudaDriverVersion: "13.0" },
    systemAmiReleaseVersion: "1.34.9-20260701",
    addons: {
      vpcCni: "v1.1.0-eksbuild.1",
      kubeProxy: "v1.2.0-eksbuild.1",
      podIdentityAgent: "v1.3.0-eksbuild.1",
      coredns: "v1.4.0-eksbuild.1",
      metricsServer: "v1.5.0-eksbuild.1",
      ebsCsiDriver: "v1.6.0-eksbuild.1",
      nodeMonitoringAgent: "v1.7.0-eksbuild.1",
    },
  },
};

/** Builds every component of src/aws in the order of the program. */
export async function buildPlatform(overrides: Partial<AwsConfig> = {}) {
  const stack = { ...CONFIG, ...overrides };
  const zones = await lookupZones(stack);
  const network = new Network("network", stack);
  const controlPlane = new ControlPlane("control-plane", { ...stack, network });
  const networkingAddons = new NetworkingAddons("networking", { ...stack, controlPlane });
  const systemPool = new SystemPool("system", { ...stack, controlPlane, network, networkingAddons });
  const clusterAddons = new ClusterAddons("addons", { ...stack, controlPlane, systemPool });
  const gpuPools = zones.gpuPools.map(
    ({ pool, zone }) => new GpuPool(pool.name, { ...stack, pool, zone, controlPlane, network, networkingAddons }),
  );
  return { network, controlPlane, networkingAddons, systemPool, clusterAddons, gpuPools };
}
