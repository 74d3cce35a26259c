/** Node groups of every kind in one shape. */
import type { NodeGroupArgs as ManagedArgs } from "@pulumi/aws/eks/nodeGroup";
import type { ManagedNodeGroupArgs as ManagedComponentArgs } from "@pulumi/eks/managedNodeGroup";
import type { NodeGroupV2Args as SelfManagedArgs } from "@pulumi/eks/nodeGroupV2";
import { EKS_NODE_GROUP } from "../../src/well-known/resource-types";
import type { Finding } from "../evaluation/findings";
import type { Resource, TypedRule } from "../evaluation/on-resource";
import type { StackMember } from "../evaluation/on-stack";
import { entries, field, fieldsOf } from "../evaluation/properties";
import type { Previewed, PropertiesOf } from "../evaluation/properties";
import { UNKNOWN, isRecord } from "../evaluation/snapshot";

/** A taint; `effect` in Kubernetes' spelling (`NoSchedule`) or EKS's (`NO_SCHEDULE`). */
export interface Taint {
  readonly key: unknown;
  readonly effect: unknown;
}

type Labels = Previewed<Record<string, string>> | undefined;
type Text = Previewed<string> | undefined;
type Nodes = Previewed<number> | undefined;

/** What the rules read. Values are as written; `UNKNOWN` where they are unknown until `pulumi up`. */
export interface NodeGroup {
  /** Of EKS, or an Auto Scaling group that the component `eks` creates. */
  readonly kind: "managed" | "selfManaged";
  /** Undefined if the launch template names the type, or nothing does. */
  readonly instanceTypes: readonly unknown[] | typeof UNKNOWN | undefined;
  readonly amiType: Text;
  /** Whether a launch template can name the image and the instance type. */
  readonly hasTemplate: boolean;
  readonly labels: Labels;
  readonly taints: readonly Taint[] | typeof UNKNOWN;
  readonly size: { readonly min: Nodes; readonly desired: Nodes; readonly max: Nodes };
  readonly releaseVersion: Text;
  /** Path of the subnets' property, for messages, and its value. */
  readonly subnets: { readonly path: string; readonly value: unknown };
  /** A flag that declares GPUs. */
  readonly saysGpu: unknown;
}

/** What EKS takes, and the flag of the component. */
type ManagedProperties = PropertiesOf<ManagedArgs & Pick<ManagedComponentArgs, "gpu">>;
/** What the component takes, and the release of EKS. */
type SelfManagedProperties = PropertiesOf<SelfManagedArgs & Pick<ManagedArgs, "releaseVersion">>;

/** Node groups that EKS manages: the resource, and the component that registers one. */
export const MANAGED_NODE_GROUPS: readonly string[] = [EKS_NODE_GROUP, "eks:index:ManagedNodeGroup"];
export const SELF_MANAGED_NODE_GROUPS: readonly string[] = ["eks:index:NodeGroup", "eks:index:NodeGroupV2"];
export const NODE_GROUPS: readonly string[] = [...MANAGED_NODE_GROUPS, ...SELF_MANAGED_NODE_GROUPS];

/** A rule for node groups of some types, all of {@link NODE_GROUPS}. */
export function onNodeGroups(types: readonly string[], check: (group: NodeGroup, resource: Resource) => readonly Finding[]): TypedRule {
  return { types, check: (resource) => check(readNodeGroup(resource), resource) };
}

/** Reads a resource of one of the types {@link NODE_GROUPS}. */
export function readNodeGroup({ type, props }: Pick<StackMember, "type" | "props">): NodeGroup {
  return SELF_MANAGED_NODE_GROUPS.includes(type)
    ? readSelfManaged(props as SelfManagedProperties)
    : readManaged(props as ManagedProperties);
}

function readSelfManaged(properties: SelfManagedProperties): NodeGroup {
  const { amiType, labels, releaseVersion, gpu } = properties;
  const { instanceType, taints, minSize, desiredCapacity, maxSize, nodeSubnetIds } = properties;
  return {
    ...{ kind: "selfManaged", amiType, hasTemplate: false, labels, releaseVersion, saysGpu: gpu },
    instanceTypes: instanceType === UNKNOWN || instanceType === undefined ? instanceType : [instanceType],
    taints:
      taints === UNKNOWN ? UNKNOWN : Object.entries(fieldsOf(taints)).map(([key, taint]) => ({ key, effect: field(taint, "effect") })),
    size: { min: minSize, desired: desiredCapacity, max: maxSize },
    subnets: { path: "nodeSubnetIds", value: nodeSubnetIds },
  };
}

function readManaged(properties: ManagedProperties): NodeGroup {
  const { amiType, labels, releaseVersion, gpu } = properties;
  const { instanceTypes, taints, scalingConfig, subnetIds, launchTemplate } = properties;
  return {
    ...{ kind: "managed", amiType, hasTemplate: launchTemplate !== undefined, labels, releaseVersion, saysGpu: gpu },
    instanceTypes: instanceTypes === UNKNOWN || Array.isArray(instanceTypes) ? instanceTypes : undefined,
    taints: taints === UNKNOWN ? UNKNOWN : entries(taints).map((taint) => ({ key: field(taint, "key"), effect: field(taint, "effect") })),
    size: { min: field(scalingConfig, "minSize"), desired: field(scalingConfig, "desiredSize"), max: field(scalingConfig, "maxSize") },
    subnets: { path: "subnetIds", value: subnetIds },
  };
}

/** Families of EC2 with GPUs, also those that are newer than the catalogue: g7, p7. A test compares it with the catalogue. */
const GPU_FAMILY = /^(?:p|g|gr)\d/;

/**
 * Whether a node group's nodes have GPUs. `unknown` if a value is unknown until `pulumi up`, or if the instance type is in a launch template. EKS takes an
 * image of AWS for a type without GPUs unless `amiType` says otherwise, but the template can have an image of its own, and then it says nothing.
 */
export function hasGpus(group: NodeGroup): "yes" | "no" | "unknown" {
  const { amiType, hasTemplate, instanceTypes, labels, saysGpu } = group;
  if (saysGpu === true || (typeof amiType === "string" && amiType.toUpperCase().includes("NVIDIA"))) {
    return "yes";
  }
  if (instanceTypes !== UNKNOWN && instanceTypes?.some(isGpuType)) {
    return "yes";
  }
  if (isRecord(labels) && Object.keys(labels).some((key) => key.startsWith("nvidia.com/"))) {
    return "yes";
  }
  const hidden = instanceTypes === undefined && (amiType === "CUSTOM" || (hasTemplate && amiType === undefined));
  const isUnknown = amiType === UNKNOWN || saysGpu === UNKNOWN || instanceTypes === UNKNOWN || instanceTypes?.includes(UNKNOWN) === true;
  return hidden || isUnknown ? "unknown" : "no";
}

/**
 * Whether a type is one of EC2 without NVIDIA GPUs. A name of an unknown form, and none, can be anything: a launch template can name the type.
 */
export function isKnownWithoutGpus(name: unknown): boolean {
  return typeof name === "string" && /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/.test(name) && !isGpuType(name);
}

function isGpuType(name: unknown): boolean {
  return typeof name === "string" && GPU_FAMILY.test(name);
}

/** Bottlerocket ignores NVIDIA_VISIBLE_DEVICES unless told otherwise (its settings reference, nvidia-container-runtime), and takes no scripts. */
export function bootsBottlerocket({ amiType }: NodeGroup): boolean {
  return typeof amiType === "string" && amiType.startsWith("BOTTLEROCKET");
}
