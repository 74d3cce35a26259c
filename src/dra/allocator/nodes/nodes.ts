import { amountOf } from "../../manifest/resources";
import type { NodeRequirement, NodeSelectorTerm, NodeToleration, Pod, ResourceAmounts } from "../../pods";
import { tolerates } from "../../tolerations";

export interface NodeTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** A Node of `v1`, with the fields that decide which pods it can run. A live cluster's objects can be passed as they are. */
export interface Node {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: { readonly taints?: readonly NodeTaint[]; readonly unschedulable?: boolean };
  /** Quantities by resource name (`cpu`, `memory`, `pods`, ...). What is not named the node does not have. */
  readonly status: { readonly allocatable: Readonly<Record<string, string>> };
  /** How many EBS volumes can be attached to it, as its CSINode says; undefined: it says nothing, and kube-scheduler knows no limit. */
  readonly mostVolumes?: number;
  /** Of a node that is not there yet: whether it may have a label that is not among its labels, with a value that is unknown. @default none */
  readonly mayHaveLabel?: (key: string) => boolean;
}

/** Why a node is out of the question for a pod, whatever devices it has. */
export type NodeMismatch =
  | { readonly type: "cordoned" }
  | { readonly type: "otherNode"; readonly nodeName: string }
  | { readonly type: "taint"; readonly taint: NodeTaint }
  | { readonly type: "nodeSelector"; readonly missing: readonly string[] }
  | { readonly type: "nodeAffinity" };

/** That Kubernetes gives to a cordoned node. */
const CORDON: NodeTaint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

/** A node as it is once somebody has cordoned it. */
export function cordoned<T extends Node>(node: T): T {
  return { ...node, spec: { taints: [...(uncordoned(node).spec?.taints ?? []), CORDON], unschedulable: true } };
}

/** A node as it is once nobody has cordoned it. */
export function uncordoned<T extends Node>(node: T): T {
  return { ...node, spec: { taints: node.spec?.taints?.filter(({ key }) => key !== CORDON.key) ?? [] } };
}

/** The first reason, in the order of kube-scheduler's filters, why a pod cannot run on a node; undefined: none. @param spec that counts. @default the node's */
export function nodeMismatch(pod: Pod, node: Node, spec = node.spec): NodeMismatch | undefined {
  const { metadata } = node;
  if (spec?.unschedulable === true && !isTolerated(CORDON, pod.tolerations)) {
    return { type: "cordoned" };
  }
  if (pod.nodeName !== undefined && pod.nodeName !== metadata.name) {
    return { type: "otherNode", nodeName: pod.nodeName };
  }
  const taint = spec?.taints?.find((candidate) => candidate.effect !== "PreferNoSchedule" && !isTolerated(candidate, pod.tolerations));
  if (taint !== undefined) {
    return { type: "taint", taint };
  }
  const labels = metadata.labels ?? {};
  const isOpen = isOpenOn(node);
  const missing = Object.entries(pod.nodeSelector).filter(([key, value]) => labelOf(labels, key) !== value && !isOpen(key));
  if (missing.length > 0) {
    return { type: "nodeSelector", missing: missing.map(([key, value]) => `${key}=${value}`) };
  }
  const matchesAffinity = pod.nodeAffinity === undefined || matchesSelector(pod.nodeAffinity, labels, metadata.name, isOpen);
  return matchesAffinity ? undefined : { type: "nodeAffinity" };
}

function isTolerated(taint: NodeTaint, tolerations: readonly NodeToleration[]): boolean {
  return tolerations.some((toleration) => tolerates(toleration, taint));
}

/** The labels on which a pod insists and of which it is unknown whether a node has them so: the pod fits as if it had. */
export function openLabels(pod: Pod, node: Pick<Node, "metadata" | "mayHaveLabel">): readonly string[] {
  const keys = [
    ...Object.keys(pod.nodeSelector),
    ...(pod.nodeAffinity ?? []).flatMap(({ matchExpressions }) => matchExpressions.map(({ key }) => key)),
  ];
  return [...new Set(keys)].filter(isOpenOn(node));
}

function isOpenOn({ metadata: { labels = {} }, mayHaveLabel = () => false }: Pick<Node, "metadata" | "mayHaveLabel">) {
  return (key: string): boolean => labelOf(labels, key) === undefined && mayHaveLabel(key);
}

/** Whether it is unknown if a node has the labels that a term is about. */
export function hasOpenLabels({ matchExpressions }: NodeSelectorTerm, node: Node): boolean {
  return matchExpressions.some(({ key }) => isOpenOn(node)(key));
}

export function matchesTerm(term: NodeSelectorTerm, { metadata: { labels = {}, name } }: Node): boolean {
  return meetsTerm(term, labels, name, () => false);
}

/** Whether one of the terms matches a node. @param isOpen labels of which it is unknown whether the node has them so. */
export function matchesSelector(
  terms: readonly NodeSelectorTerm[],
  labels: Readonly<Record<string, string>>,
  name: string,
  isOpen: (key: string) => boolean = () => false,
): boolean {
  return terms.some((term) => meetsTerm(term, labels, name, isOpen));
}

function meetsTerm(
  { matchExpressions, matchFields }: NodeSelectorTerm,
  labels: Readonly<Record<string, string>>,
  name: string,
  isOpen: (key: string) => boolean,
): boolean {
  return (
    matchExpressions.length + matchFields.length > 0 &&
    matchExpressions.every((requirement) => isOpen(requirement.key) || meets(requirement, labelOf(labels, requirement.key))) &&
    matchFields.every((requirement) => meets(requirement, requirement.key === "metadata.name" ? name : undefined))
  );
}

/** The value of a label. Every object of JavaScript has members besides, and a label can be called like one: `constructor`. */
export function labelOf(labels: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** Whether the value of a label is as required; undefined: there is no such label. */
export function meets({ operator, values }: NodeRequirement, actual: string | undefined): boolean {
  switch (operator) {
    case "In":
      return actual !== undefined && values.includes(actual);
    case "NotIn":
      return actual === undefined || !values.includes(actual);
    case "Exists":
      return actual !== undefined;
    case "DoesNotExist":
      return actual === undefined;
    case "Gt":
    case "Lt": {
      const [limit, value] = [integerOf(values.length === 1 ? values[0] : undefined), integerOf(actual)];
      return limit !== undefined && value !== undefined && (operator === "Gt" ? value > limit : value < limit);
    }
  }
}

export function isInteger(text: string): boolean {
  return integerOf(text) !== undefined;
}

/** An integer of 64 bits, as Go's `strconv.ParseInt` reads it. */
function integerOf(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[+-]?\d+$/.test(text)) {
    return undefined;
  }
  const value = BigInt(text.replace(/^\+/, ""));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** A resource of which a node has too little left for a pod. Amounts as in `ResourceAmounts`. */
export interface ResourceShortage {
  readonly resource: string;
  readonly requested: number;
  readonly free: number;
  readonly allocatable: number;
}

/** The first resource that a node is short of, `pods` included; undefined: the pod fits. */
export function resourceShortage(
  requests: ResourceAmounts,
  allocatable: ResourceAmounts,
  used: ResourceAmounts,
): ResourceShortage | undefined {
  for (const [resource, requested] of [["pods", 1] as const, ...Object.entries(requests)]) {
    const total = amountOf(allocatable, resource);
    const free = total - amountOf(used, resource);
    if (requested > 0 && requested > free) {
      return { resource, requested, free, allocatable: total };
    }
  }
  return undefined;
}
