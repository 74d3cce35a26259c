/** A configuration as `parseConfig` would answer it, of what the Kubernetes half of a stack is built from. */
import type * as config from "../../src/config/types";
import { findInstanceType } from "../../src/hardware/instance-types";
import { resolveLayout } from "../../src/hardware/layouts";
import type { LayoutSpec } from "../../src/hardware/layouts";
import { CHART_SOURCES } from "../../src/releases/charts";

export type KubernetesConfig = Pick<config.StackConfig, "charts" | "gpuPools" | "partitionGate" | "teams" | "fashionMnist" | "monitoring">;

export interface PoolOptions {
  readonly name?: string;
  readonly instanceType?: string;
  readonly layout?: LayoutSpec;
  /** Minimum, desired, maximum. */
  readonly size?: readonly [number, number, number];
}

/** A GPU pool; unless told otherwise the dev stack's. */
export function gpuPool({
  name = "gpu",
  instanceType = "p4d.24xlarge",
  layout = "all-balanced",
  size = [1, 1, 2],
}: PoolOptions = {}): config.GpuPool {
  const type = findInstanceType(instanceType);
  if (type?.gpus.type !== "mig") {
    throw new Error(`${instanceType} has no MIG GPUs`);
  }
  const resolution = resolveLayout(layout, type.gpus.model, type.gpus.count);
  if (resolution.type !== "legal") {
    throw new Error(resolution.reason);
  }
  const [min, desired, max] = size;
  return {
    name,
    instanceType: type,
    layout: resolution.layout,
    size: { min, desired, max },
    capacity: { type: "onDemand" },
    availabilityZone: undefined,
    volumeGiB: 200,
  };
}

export const TEAM: config.Team = {
  name: "mig-test",
  slices: { small: 4, medium: 2, large: 2 },
  group: "mig-testers",
  principalArns: [],
  pods: 50,
  cpu: 64,
  memoryGiB: 512,
  storageGiB: 500,
  ephemeralStorageGiB: 500,
  objects: 30,
};

export const FASHION_MNIST = {
  type: "deployed",
  team: "mig-test",
  colocate: false,
  image: "registry.example.com/pytorch:1",
  scripts: "configMap",
  checkpoints: { type: "perPod" },
} as const;

export const CONFIG: KubernetesConfig = {
  charts: {
    kubePrometheusStack: { ...CHART_SOURCES.kubePrometheusStack, version: "88.5.3", values: {} },
    gpuOperator: { ...CHART_SOURCES.gpuOperator, version: "v26.3.3", values: {} },
    draDriver: { ...CHART_SOURCES.draDriver, version: "0.4.1", values: {} },
  },
  gpuPools: [gpuPool()],
  partitionGate: { timeoutMinutes: 60, image: "registry.example.com/node:24" },
  teams: [TEAM],
  fashionMnist: FASHION_MNIST,
  monitoring: { type: "inCluster", retentionDays: 15, storageGiB: 50, receivers: [] },
};
