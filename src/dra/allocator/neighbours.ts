/**
 * Required affinity and anti-affinity between pods, as kube-scheduler's plugin InterPodAffinity filters nodes by it.
 * Sources: Kubernetes v1.34.4, `pkg/scheduler/framework/plugins/interpodaffinity/filtering.go` (the same in v1.35.4 and v1.36.3), and for `matchLabelKeys` and
 * `mismatchLabelKeys`, which the API server makes part of the selector, `pkg/registry/core/pod/strategy.go`.
 */
import type { LabelRequirement, Pod, PodAffinityTerm } from "../pods";
import type { Node } from "./nodes";
import { labelOf, meets } from "./nodes";

type Labels = Readonly<Record<string, string>>;

/** Labels of namespaces by their names; undefined: they are unknown. */
export type Namespaces = ReadonlyMap<string, Labels> | undefined;

/** Why a pod cannot be in the place of a node, because of the pods that run there or do not. */
export type NeighbourMismatch =
  /** No pod that it wants to be with is in the same place. */
  | { readonly type: "podAffinity"; readonly topologyKey: string; readonly wanted: string }
  /** A pod that it wants to be away from is in the same place. */
  | { readonly type: "podAntiAffinity"; readonly topologyKey: string; readonly unwanted: string }
  /** A pod in the same place wants to be away from it. */
  | { readonly type: "existingAntiAffinity"; readonly topologyKey: string; readonly pod: string };

/** A term with everything that follows from the pod which has it. */
interface Rule {
  readonly term: PodAffinityTerm;
  readonly isOfNamespace: (namespace: string) => boolean;
  /** Undefined: it is about no pod. */
  readonly requirements: readonly LabelRequirement[] | undefined;
}

/** Pods that no rule tells apart, and the nodes that they are on. */
interface Group {
  readonly namespace: string;
  readonly labels: Labels;
  readonly nodes: Set<number>;
}

/** Equal rules of pods that run, and the places that they keep others out of. */
interface Repulsion {
  readonly rule: Rule;
  /** One of the pods that have it. */
  readonly pod: string;
  /** Values of the topology key. */
  readonly values: Set<string>;
}

/** The pods of a cluster as far as they decide about each other. It only learns of further ones: nothing here ends a pod. */
export class Neighbours {
  private readonly running: { readonly pod: Pod; readonly index: number }[] = [];
  /** Of so many of the running pods the groups are known. Most clusters have no rule that asks for them. */
  private grouped = 0;
  private readonly groups = new Map<string, Group>();
  private readonly groupsByLabel = new Map<string, Group[]>();
  private readonly repulsions = new Map<string, Repulsion>();
  private readonly repulsionsByLabel = new Map<string, Repulsion[]>();
  /** Those that no single label of theirs calls for. */
  private readonly otherRepulsions: Repulsion[] = [];
  /** Topology keys, and whether some node may have them with an unknown value. */
  private readonly openKeys = new Map<string, boolean>();
  /** Pods that may have more labels than are known, each sort once. */
  private readonly openPods = new Map<string, Pick<Pod, "namespace" | "labels">>();

  constructor(
    private readonly nodes: readonly Node[],
    private readonly namespaces: Namespaces,
  ) {}

  /** A pod runs on a node. */
  add(pod: Pod, index: number): void {
    this.running.push({ pod, index });
    if (pod.mayHaveOtherLabels) {
      const { namespace, labels } = pod;
      this.openPods.set(JSON.stringify([namespace, labels]), { namespace, labels });
    }
    if (pod.podAntiAffinity.length === 0) {
      return;
    }
    for (const rule of this.rulesOf(pod, pod.podAntiAffinity)) {
      const value = this.valueOn(index, rule.term.topologyKey);
      if (value !== undefined) {
        this.repulsionOf(pod, rule).values.add(value);
      }
    }
  }

  /** What keeps a pod from a node; undefined: no rule is about it. */
  filter(pod: Pod): ((index: number) => NeighbourMismatch | undefined) | undefined {
    const against = this.repulsionsAgainst(pod);
    if (against.length === 0 && pod.podAffinity.length === 0 && pod.podAntiAffinity.length === 0) {
      return undefined;
    }
    const affinity = this.rulesOf(pod, pod.podAffinity);
    const wanted = this.placesWithAll(affinity);
    // The first pod of a group finds none that it wants to be with, and is one of them itself.
    const isFirst = wanted.every(({ values }) => values.size === 0) && affinity.every((rule) => matches(rule, pod));
    const unwanted = this.rulesOf(pod, pod.podAntiAffinity).map((rule) => ({ rule, values: this.placesWith(rule) }));
    return (index) =>
      this.missing(index, wanted, isFirst) ??
      this.tooNear(index, unwanted, ({ topologyKey }, rule) => ({
        type: "podAntiAffinity",
        topologyKey,
        unwanted: describe(rule),
      })) ??
      this.tooNear(index, against, ({ topologyKey }, _, { pod: other }) => ({ type: "existingAntiAffinity", topologyKey, pod: other }));
  }

  /** Paths of a pod's terms whose result is unknown in this cluster. */
  unknownTerms(pod: Pod): readonly string[] {
    return [...pod.podAffinity, ...pod.podAntiAffinity]
      .filter((term) => this.isUnknown(pod, this.ruleOf(pod, term)))
      .map(({ path }) => path);
  }

  /** It goes by unknown labels of nodes, of namespaces or of pods. */
  private isUnknown(pod: Pod, rule: Rule): boolean {
    const { topologyKey, namespaceSelector = [] } = rule.term;
    const open = pod.mayHaveOtherLabels ? [pod, ...this.openPods.values()] : [...this.openPods.values()];
    return (
      this.isOpenOnNodes(topologyKey) ||
      (this.namespaces === undefined && namespaceSelector.length > 0) ||
      open.some((other) => mayMatch(rule, other))
    );
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

  private missing(
    index: number,
    wanted: readonly { readonly rule: Rule; readonly values: ReadonlySet<string> }[],
    isFirst: boolean,
  ): NeighbourMismatch | undefined {
    for (const { rule, values } of wanted) {
      const { topologyKey } = rule.term;
      const value = this.valueOn(index, topologyKey);
      if (value === undefined || (!values.has(value) && !isFirst)) {
        return { type: "podAffinity", topologyKey, wanted: describe(rule) };
      }
    }
    return undefined;
  }

  private tooNear<T extends { readonly rule: Rule; readonly values: ReadonlySet<string> }>(
    index: number,
    all: readonly T[],
    mismatch: (term: PodAffinityTerm, rule: Rule, each: T) => NeighbourMismatch,
  ): NeighbourMismatch | undefined {
    for (const each of all) {
      const value = this.valueOn(index, each.rule.term.topologyKey);
      if (value !== undefined && each.values.has(value)) {
        return mismatch(each.rule.term, each.rule, each);
      }
    }
    return undefined;
  }

  private valueOn(index: number, label: string): string | undefined {
    return labelOf(this.nodes[index]?.metadata.labels ?? {}, label);
  }

  private rulesOf(pod: Pod, terms: readonly PodAffinityTerm[]): readonly Rule[] {
    return terms.map((term) => this.ruleOf(pod, term)).filter((rule) => !this.isUnknown(pod, rule));
  }

  private ruleOf({ namespace, labels }: Pod, term: PodAffinityTerm): Rule {
    return { term, requirements: requirementsOf(term, labels), isOfNamespace: this.namespacesOf(term, namespace) };
  }

  private namespacesOf({ namespaces, namespaceSelector }: PodAffinityTerm, own: string): Rule["isOfNamespace"] {
    if (namespaces.length === 0 && namespaceSelector === undefined) {
      return (namespace) => namespace === own;
    }
    return (namespace) =>
      namespaces.includes(namespace) ||
      (namespaceSelector !== undefined && meetsAll(namespaceSelector, this.namespaces?.get(namespace) ?? {}));
  }

  /** Per rule the places with a pod that all of the rules are about. */
  private placesWithAll(rules: readonly Rule[]): readonly { readonly rule: Rule; readonly values: ReadonlySet<string> }[] {
    const [first] = rules;
    const groups = first === undefined ? [] : this.candidates(first).filter((group) => rules.every((rule) => matches(rule, group)));
    return rules.map((rule) => ({ rule, values: this.placesOf(groups, rule) }));
  }

  private placesWith(rule: Rule): ReadonlySet<string> {
    return this.placesOf(
      this.candidates(rule).filter((group) => matches(rule, group)),
      rule,
    );
  }

  private placesOf(groups: readonly Group[], { term: { topologyKey } }: Rule): ReadonlySet<string> {
    return new Set(groups.flatMap(({ nodes }) => [...nodes].flatMap((index) => this.valueOn(index, topologyKey) ?? [])));
  }

  /** Groups that a rule may be about. */
  private candidates(rule: Rule): readonly Group[] {
    for (; this.grouped < this.running.length; this.grouped++) {
      const { pod, index } = this.running[this.grouped] ?? {};
      if (pod !== undefined && index !== undefined) {
        this.groupOf(pod).nodes.add(index);
      }
    }
    const label = oneLabel(rule);
    return label === undefined ? [...this.groups.values()] : (this.groupsByLabel.get(label) ?? []);
  }

  private groupOf({ namespace, labels }: Pod): Group {
    const key = JSON.stringify([namespace, labels]);
    let group = this.groups.get(key);
    if (group === undefined) {
      group = { namespace, labels, nodes: new Set() };
      this.groups.set(key, group);
      for (const label of labelsOf(labels)) {
        append(this.groupsByLabel, label, group);
      }
    }
    return group;
  }

  private repulsionOf(pod: Pod, rule: Rule): Repulsion {
    const { topologyKey, namespaces, namespaceSelector } = rule.term;
    const key = JSON.stringify([pod.namespace, topologyKey, namespaces, namespaceSelector ?? null, rule.requirements]);
    let repulsion = this.repulsions.get(key);
    if (repulsion === undefined) {
      repulsion = { rule, pod: `${pod.namespace}/${pod.name}`, values: new Set() };
      this.repulsions.set(key, repulsion);
      const label = oneLabel(rule);
      if (label === undefined) {
        this.otherRepulsions.push(repulsion);
      } else {
        append(this.repulsionsByLabel, label, repulsion);
      }
    }
    return repulsion;
  }

  private repulsionsAgainst(pod: Pod): readonly Repulsion[] {
    if (this.repulsions.size === 0) {
      return [];
    }
    const called = labelsOf(pod.labels).flatMap((label) => this.repulsionsByLabel.get(label) ?? []);
    return [...called, ...this.otherRepulsions].filter(({ rule }) => matches(rule, pod));
  }
}

function requirementsOf({ labelSelector, matchLabelKeys, mismatchLabelKeys }: PodAffinityTerm, own: Labels): Rule["requirements"] {
  const ofKeys = (keys: readonly string[], operator: "In" | "NotIn") =>
    keys.flatMap((key): LabelRequirement[] => {
      const value = labelOf(own, key);
      return value === undefined ? [] : [{ key, operator, values: [value] }];
    });
  return labelSelector && [...labelSelector, ...ofKeys(matchLabelKeys, "In"), ...ofKeys(mismatchLabelKeys, "NotIn")];
}

function matches(
  { isOfNamespace, requirements }: Rule,
  { namespace, labels }: { readonly namespace: string; readonly labels: Labels },
): boolean {
  return requirements !== undefined && isOfNamespace(namespace) && meetsAll(requirements, labels);
}

/** Whether a pod is one that a rule is about if it has certain labels besides those that are known. */
function mayMatch({ isOfNamespace, requirements = [] }: Rule, { namespace, labels }: Pick<Pod, "namespace" | "labels">): boolean {
  const [known, unknown] = [true, false].map((has) => requirements.filter(({ key }) => Object.hasOwn(labels, key) === has));
  return isOfNamespace(namespace) && (unknown ?? []).length > 0 && meetsAll(known ?? [], labels);
}

function meetsAll(requirements: readonly LabelRequirement[], labels: Labels): boolean {
  return requirements.every((requirement) => meets(requirement, labelOf(labels, requirement.key)));
}

/** A label that every pod has which a rule is about; undefined: none is sure. */
function oneLabel({ requirements = [] }: Rule): string | undefined {
  const requirement = requirements.find(({ operator, values }) => operator === "In" && values.length === 1);
  return requirement && labelText(requirement.key, requirement.values[0] ?? "");
}

function labelsOf(labels: Labels): readonly string[] {
  return Object.entries(labels).map(([key, value]) => labelText(key, value));
}

function labelText(key: string, value: string): string {
  return `${key}=${value}`;
}

/** Which pods a rule is about, for a person: `app=web`. */
function describe({ requirements }: Rule): string {
  if (requirements === undefined) {
    return "no labelSelector, which is no pod";
  }
  const texts = requirements.map(({ key, operator, values }) => {
    switch (operator) {
      case "In":
        return values.length === 1 ? labelText(key, values[0] ?? "") : `${key} in (${values.join(", ")})`;
      case "NotIn":
        return `${key} not in (${values.join(", ")})`;
      case "Exists":
        return key;
      case "DoesNotExist":
        return `no ${key}`;
    }
  });
  return texts.length === 0 ? "any labels" : texts.join(", ");
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) {
    map.set(key, [value]);
  } else {
    list.push(value);
  }
}
