/** Policies for node groups with GPUs. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { findInstanceType } from "../src/hardware/instance-types";
import { isStockLayout, resolveLayout } from "../src/hardware/layouts";
import type { LayoutSpec } from "../src/hardware/layouts";
import { GPU_TAINT, MIG_CONFIG_LABEL } from "../src/releases/node-labels";
import { NODE_GROUPS, hasGpus, readNodeGroup } from "./aws-node-groups";
import { ifKnown, undetermined } from "./findings";
import type { Finding } from "./findings";
import { onTypes } from "./on-types";
import { UNKNOWN, field, isRecord, show } from "./snapshot";

/**
 * Checks that GPU nodes take no pod that did not ask for a GPU. On the nodes' image the NVIDIA runtime is every container's: what keeps a pod
 * without a claim, and its image's NVIDIA_VISIBLE_DEVICES, away from the GPUs is first of all that it does not run there.
 */
export const gpuPoolTainted: ResourceValidationPolicy = {
  name: "gpu-pool-tainted",
  displayName: "GPU pools are tainted",
  description: `Checks that a node group with GPUs has the taint ${GPU_TAINT.key} with the effect ${GPU_TAINT.effect}.`,
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["aws", "eks", "gpu", "tenancy"],
  remediationSteps: `Add the taint {key: "${GPU_TAINT.key}", value: "${GPU_TAINT.value}", effect: "NO_SCHEDULE"}.`,
  validateResource: onTypes(NODE_GROUPS, (properties, args) => {
    const group = readNodeGroup(args.type, properties);
    const gpus = hasGpus(group);
    if (gpus === "no") return [];
    const what = "whether GPU nodes keep other pods away";
    if (group.taints === UNKNOWN) return [undetermined("taints", what)];
    if (group.taints.some(({ key, effect }) => key === GPU_TAINT.key && (effect === "NO_SCHEDULE" || effect === GPU_TAINT.effect)))
      return [];
    const reason = gpus === "yes" ? "its nodes have GPUs" : "its nodes may have GPUs, which this policy cannot see";
    const sentence = `${reason}, and it has no taint ${GPU_TAINT.key} with the effect NO_SCHEDULE: any pod could run there`;
    return [ifKnown(group.taints, "taints", what, sentence)];
  }),
};

/**
 * Checks that the layout that a pool's label names can be made of its GPUs. Names that MIG Manager does not ship are left to the policy
 * `mig-layouts-fit`, which sees the whole stack and with it what they mean.
 */
export const gpuPoolLayoutLegal: ResourceValidationPolicy = {
  name: "gpu-pool-layout-legal",
  displayName: "MIG layouts are legal",
  description: `Checks that the layout in a node group's label ${MIG_CONFIG_LABEL} exists for the GPUs of its instance types.`,
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "eks", "gpu", "mig"],
  remediationSteps: "Name a layout that MIG Manager ships for this GPU, such as all-balanced.",
  validateResource: onTypes(NODE_GROUPS, (properties, args) => {
    const { labels, instanceTypes } = readNodeGroup(args.type, properties);
    const name = field(labels, MIG_CONFIG_LABEL);
    if (name === UNKNOWN)
      return [undetermined(labels === UNKNOWN ? "labels" : `labels["${MIG_CONFIG_LABEL}"]`, "what GPUs are divided into")];
    if (name === undefined || instanceTypes === undefined) return [];
    if (instanceTypes === UNKNOWN) return [undetermined("instanceTypes", `whether the layout ${show(name)} is legal`)];
    return instanceTypes.flatMap((type) => layoutProblem(name, type, typeof name === "string" && isStockLayout(name) ? name : undefined));
  }),
};

/** Why a layout cannot be made of the GPUs of an instance type. @param spec what the name stands for; undefined where that is not known here. */
export function layoutProblem(name: unknown, type: unknown, spec: LayoutSpec | undefined): readonly Finding[] {
  const label = `label ${MIG_CONFIG_LABEL} is ${show(name)}`;
  if (typeof type !== "string") {
    const sentence = `${label}, and an instance type is ${show(type)}, so this policy cannot check whether the layout is legal`;
    return [ifKnown(type, "instanceTypes", `whether the layout ${show(name)} is legal`, sentence)];
  }
  const instanceType = findInstanceType(type);
  if (instanceType === undefined)
    return [`${label}, and the instance type ${type} is not in the catalogue, so this policy cannot check whether the layout is legal`];
  const { gpus } = instanceType;
  if (gpus.type === "none") return [`${label}, and a ${type} has no GPU`];
  if (gpus.type === "noMig") return [`${label}, and the ${gpus.gpuName} of a ${type} cannot be divided: ${gpus.reason}`];
  if (spec === undefined) return [];
  const result = resolveLayout(spec, gpus.model, gpus.count);
  if (result.type === "legal") return [];
  const nearest = result.nearest.length > 0 ? `; nearest: ${result.nearest.join(", ")}` : "";
  return [`${label}, which is not legal on a ${type}: ${result.reason}${nearest}`];
}

/**
 * Labels that the platform's own agents set, each once something is true. Set by hand from the start they make the GPU Operator and the DRA
 * driver begin too early, on GPUs that are not divided yet. Source: NVIDIA/gpu-operator v25.10.1, controllers/state_manager.go; the affinity
 * of the kubelet plugin in chart nvidia-dra-driver-gpu 25.8.1.
 */
const AGENTS_LABELS: readonly string[] = ["nvidia.com/gpu.present", "nvidia.com/mig.capable", "nvidia.com/mig.config.state"];
const AGENTS_PREFIXES: readonly string[] = ["nvidia.com/gpu.deploy.", "feature.node.kubernetes.io/"];

/** Checks that no pool carries a label that says the agents' work is done. */
export const gpuPoolLabelsLeftToAgents: ResourceValidationPolicy = {
  name: "gpu-pool-labels-left-to-agents",
  displayName: "Agents' node labels are theirs",
  description: "Checks that a node group does not set labels that the GPU Operator, MIG Manager and Node Feature Discovery set themselves.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "eks", "gpu", "mig"],
  remediationSteps: `Leave these labels out; ${MIG_CONFIG_LABEL} is the only one that a GPU pool needs.`,
  validateResource: onTypes(NODE_GROUPS, (properties, args) => {
    const { labels } = readNodeGroup(args.type, properties);
    if (labels === UNKNOWN) return [undetermined("labels", "whether GPU nodes claim to be ready before they are")];
    return Object.keys(isRecord(labels) ? labels : {})
      .filter((key) => AGENTS_LABELS.includes(key) || AGENTS_PREFIXES.some((prefix) => key.startsWith(prefix)))
      .map((key) => `it sets the label ${key}, which tells other agents that something is true before it is`);
  }),
};

/**
 * Checks that a GPU pool in use keeps a node. No autoscaler brings a pool with DRA devices back from zero: without a node
 * there is no ResourceSlice to tell what one would offer. A parked pool (desired 0, at most 1) is fine.
 * Source: kubernetes/autoscaler, docs/dra_support.md (2026-11).
 */
export const gpuPoolKeepsANode: ResourceValidationPolicy = {
  name: "gpu-pool-keeps-a-node",
  displayName: "GPU pools do not scale to zero",
  description: "Checks that a node group with GPUs has a minimum of at least one node, or is parked.",
  enforcementLevel: "mandatory",
  severity: "medium",
  tags: ["aws", "eks", "gpu", "dra"],
  remediationSteps: "Set the minimum to 1, or park the pool: minimum and desired size 0, maximum 1.",
  validateResource: onTypes(NODE_GROUPS, (properties, args) => {
    const group = readNodeGroup(args.type, properties);
    if (hasGpus(group) === "no") return [];
    const { min, desired, max } = group.size;
    if (typeof min === "number" && min > 0) return [];
    const parked = desired === 0 && typeof max === "number" && max <= 1;
    if (parked) return [];
    const sentence = `its minimum is ${show(min)}: a pool with DRA devices cannot be scaled up from zero`;
    return [ifKnown(min, "scalingConfig.minSize", "whether the pool can run out of nodes", sentence)];
  }),
};
