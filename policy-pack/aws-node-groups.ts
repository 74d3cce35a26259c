/** Node groups of every kind in one shape. */
import { findInstanceType } from "../src/hardware/instance-types";
import { EKS_NODE_GROUP } from "../src/well-known/resource-types";
import { UNKNOWN, entries, field, isRecord } from "./snapshot";
import type { Snapshot } from "./snapshot";

/** A taint; `effect` in Kubernetes' spelling (`NoSchedule`) or EKS's (`NO_SCHEDULE`). */
export interface Taint {
  readonly key: unknown;
  readonly effect: unknown;
}

/** What the rules look at. Values are as written; `UNKNOWN` where they are unknown until `pulumi up`. */
export interface NodeGroup {
  /** Of EKS, or an Auto Scaling group that the component `eks` makes. */
  readonly kind: "managed" | "selfManaged";
  /** Undefined where the launch template says it, or nobody. */
  readonly instanceTypes: readonly unknown[] | typeof UNKNOWN | undefined;
  readonly amiType: unknown;
  readonly labels: unknown;
  readonly taints: readonly Taint[] | typeof UNKNOWN;
  readonly size: { readonly min: unknown; readonly desired: unknown; readonly max: unknown };
  readonly releaseVersion: unknown;
  /** Path of the subnets' property, for messages, and its value. */
  readonly subnets: { readonly path: string; readonly value: unknown };
  /** A flag or an image that says by itself that there are GPUs. */
  readonly saysGpu: unknown;
}

/** Managed by EKS: what the program registers, and what a component makes of it. */
export const MANAGED_NODE_GROUPS: readonly string[] = [EKS_NODE_GROUP, "eks:index:ManagedNodeGroup"];
const SELF_MANAGED_NODE_GROUPS: readonly string[] = ["eks:index:NodeGroup", "eks:index:NodeGroupV2"];
export const NODE_GROUPS: readonly string[] = [...MANAGED_NODE_GROUPS, ...SELF_MANAGED_NODE_GROUPS];

/** Reads a node group. @param type one of {@link NODE_GROUPS}. */
export function readNodeGroup(type: string, properties: Snapshot): NodeGroup {
  const { amiType, labels, releaseVersion, gpu } = properties;
  const common = { amiType, labels, releaseVersion, saysGpu: gpu };
  if (SELF_MANAGED_NODE_GROUPS.includes(type)) {
    const { instanceType, taints, minSize, desiredCapacity, maxSize, nodeSubnetIds } = properties;
    return {
      ...common,
      kind: "selfManaged",
      instanceTypes: instanceType === UNKNOWN || instanceType === undefined ? instanceType : [instanceType],
      taints:
        taints === UNKNOWN
          ? UNKNOWN
          : Object.entries(isRecord(taints) ? taints : {}).map(([key, taint]) => ({ key, effect: field(taint, "effect") })),
      size: { min: minSize, desired: desiredCapacity, max: maxSize },
      subnets: { path: "nodeSubnetIds", value: nodeSubnetIds },
    };
  }
  const { instanceTypes, taints, scalingConfig, subnetIds } = properties;
  return {
    ...common,
    kind: "managed",
    instanceTypes: instanceTypes === UNKNOWN ? UNKNOWN : Array.isArray(instanceTypes) ? (instanceTypes as readonly unknown[]) : undefined,
    taints: taints === UNKNOWN ? UNKNOWN : entries(taints).map((taint) => ({ key: field(taint, "key"), effect: field(taint, "effect") })),
    size: { min: field(scalingConfig, "minSize"), desired: field(scalingConfig, "desiredSize"), max: field(scalingConfig, "maxSize") },
    subnets: { path: "subnetIds", value: subnetIds },
  };
}

/** Families of EC2 with GPUs that the catalogue need not know: g7, p7. */
const GPU_FAMILY = /^(?:p|g|gr)\d/;

/**
 * Whether a node group's nodes have GPUs. `unknown`: it cannot be told, because a value is unknown until `pulumi up`, or because the instance type stands
 * in a launch template beside an image of the user's own.
 */
export function hasGpus(group: NodeGroup): "yes" | "no" | "unknown" {
  const { amiType, instanceTypes, labels, saysGpu } = group;
  if (saysGpu === true || (typeof amiType === "string" && amiType.toUpperCase().includes("NVIDIA"))) return "yes";
  if (instanceTypes !== UNKNOWN && instanceTypes?.some(isGpuType)) return "yes";
  if (isRecord(labels) && Object.keys(labels).some((key) => key.startsWith("nvidia.com/"))) return "yes";
  const hidden = instanceTypes === undefined && amiType === "CUSTOM";
  return hidden ||
    [amiType, instanceTypes, saysGpu].includes(UNKNOWN) ||
    (instanceTypes as readonly unknown[] | undefined)?.includes(UNKNOWN)
    ? "unknown"
    : "no";
}

function isGpuType(name: unknown): boolean {
  if (typeof name !== "string") return false;
  const known = findInstanceType(name);
  return known === undefined ? GPU_FAMILY.test(name) : known.gpus.type !== "none";
}
