/**
 * Terms of affinity between pods, with everything that follows from the pod which has them.
 * Sources: Kubernetes v1.34.4, `pkg/scheduler/framework/plugins/interpodaffinity/plugin.go` (the same in v1.35.4 and v1.36.3), and for `matchLabelKeys` and
 * `mismatchLabelKeys`, which the API server makes part of the selector, `pkg/registry/core/pod/strategy.go`.
 */
import type { LabelRequirement, Pod, PodAffinityTerm } from "../../pods";
import type { Node } from "./nodes";
import { labelOf, meets } from "./nodes";

export type Labels = Readonly<Record<string, string>>;

/** Labels of namespaces by their names; undefined: they are unknown. */
export type Namespaces = ReadonlyMap<string, Labels> | undefined;

export interface Rule {
  readonly topologyKey: string;
  readonly isOfNamespace: (namespace: string) => boolean;
  /** Undefined: it is about no pod. */
  readonly requirements: readonly LabelRequirement[] | undefined;
}

/** The same for terms that come to equal rules. @param namespace of the pod that has the term. */
export function keyOfRule(
  namespace: string,
  { topologyKey, namespaces, namespaceSelector }: PodAffinityTerm,
  { requirements }: Rule,
): string {
  return JSON.stringify([namespace, topologyKey, namespaces, namespaceSelector ?? null, requirements]);
}

/** Reads the terms of pods in one cluster, and says which of them cannot be told there. */
export class PodRules {
  /** Topology keys, and whether some node may have them with an unknown value. */
  private readonly openKeys = new Map<string, boolean>();
  /** Pods that may have more labels than are known, each sort once. */
  private readonly openPods = new Map<string, Pick<Pod, "namespace" | "labels">>();

  constructor(
    private readonly nodes: readonly Node[],
    private readonly namespaces: Namespaces,
  ) {}

  /** A pod runs. */
  add({ mayHaveOtherLabels, namespace, labels }: Pod): void {
    if (mayHaveOtherLabels) {
      this.openPods.set(JSON.stringify([namespace, labels]), { namespace, labels });
    }
  }

  /** A term of a pod that runs. */
  ruleOf({ namespace, labels }: Pod, term: PodAffinityTerm): Rule {
    const { topologyKey } = term;
    return { topologyKey, requirements: requirementsOf(term, labels), isOfNamespace: this.namespacesOf(term, namespace) };
  }

  /**
   * A term of a pod that is to be placed. For kube-scheduler a selector of namespaces that is met without any labels then selects all of them: it compares it with
   * no labels, besides with those of the namespaces (`mergeAffinityTermNamespacesIfNotEmpty` sets the selector in a copy of the term).
   */
  ruleOfNew(pod: Pod, term: PodAffinityTerm): Rule {
    const rule = this.ruleOf(pod, term);
    const { namespaceSelector } = term;
    return namespaceSelector !== undefined && meetsAll(namespaceSelector, {}) ? { ...rule, isOfNamespace: () => true } : rule;
  }

  /** Whether what a rule finds goes by unknown labels of nodes, of namespaces or of pods. */
  isUnknown(pod: Pod, rule: Rule, namespaceSelector?: readonly LabelRequirement[]): boolean {
    return this.isUnknownOf(pod, rule, namespaceSelector) || [...this.openPods.values()].some((other) => mayMatch(rule, other));
  }

  /** Whether it is unknown if a rule is about a pod, and where. */
  isUnknownOf(pod: Pod, rule: Rule, namespaceSelector: readonly LabelRequirement[] = []): boolean {
    return (
      this.isOpenOnNodes(rule.topologyKey) ||
      (this.namespaces === undefined && namespaceSelector.length > 0) ||
      (pod.mayHaveOtherLabels && mayMatch(rule, pod))
    );
  }

  /** The value of a label of a node. */
  valueOn(index: number, label: string): string | undefined {
    return labelOf(this.nodes[index]?.metadata.labels ?? {}, label);
  }

  private isOpenOnNodes(topologyKey: string): boolean {
    let isOpen = this.openKeys.get(topologyKey);
    if (isOpen === undefined) {
      isOpen = this.nodes.some(
        ({ metadata: { labels = {} }, mayHaveLabel = () => false }) =>
          labelOf(labels, topologyKey) === undefined && mayHaveLabel(topologyKey),
      );
      this.openKeys.set(topologyKey, isOpen);
    }
    return isOpen;
  }

  private namespacesOf({ namespaces, namespaceSelector }: PodAffinityTerm, own: string): Rule["isOfNamespace"] {
    if (namespaces.length === 0 && namespaceSelector === undefined) {
      return (namespace) => namespace === own;
    }
    return (namespace) =>
      namespaces.includes(namespace) ||
      (namespaceSelector !== undefined && meetsAll(namespaceSelector, this.namespaces?.get(namespace) ?? {}));
  }
}

function requirementsOf({ labelSelector, matchLabelKeys, mismatchLabelKeys }: PodAffinityTerm, own: Labels): Rule["requirements"] {
  return labelSelector && [...labelSelector, ...ofKeys(matchLabelKeys, own, "In"), ...ofKeys(mismatchLabelKeys, own, "NotIn")];
}

/** What a pod's own labels make of keys: others need the same value, or another one. */
export function ofKeys(keys: readonly string[], own: Labels, operator: "In" | "NotIn"): readonly LabelRequirement[] {
  return keys.flatMap((key): LabelRequirement[] => {
    const value = labelOf(own, key);
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  });
}

/** Whether a pod is one that a rule is about. */
export function matches(
  { isOfNamespace, requirements }: Rule,
  { namespace, labels }: { readonly namespace: string; readonly labels: Labels },
): boolean {
  return requirements !== undefined && isOfNamespace(namespace) && meetsAll(requirements, labels);
}

/** The same if the pod has certain labels besides those that are known. */
function mayMatch({ isOfNamespace, requirements = [] }: Rule, { namespace, labels }: Pick<Pod, "namespace" | "labels">): boolean {
  const [known, unknown] = [true, false].map((has) => requirements.filter(({ key }) => Object.hasOwn(labels, key) === has));
  return isOfNamespace(namespace) && (unknown ?? []).length > 0 && meetsAll(known ?? [], labels);
}

function meetsAll(requirements: readonly LabelRequirement[], labels: Labels): boolean {
  return requirements.every((requirement) => meets(requirement, labelOf(labels, requirement.key)));
}

export function labelsOf(labels: Labels): readonly string[] {
  return Object.entries(labels).map(([key, value]) => labelText(key, value));
}

export function labelText(key: string, value: string): string {
  return `${key}=${value}`;
}
