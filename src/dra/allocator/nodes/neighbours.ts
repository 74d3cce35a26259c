/**
 * Required affinity and anti-affinity between pods, as kube-scheduler's plugin InterPodAffinity filters nodes by it.
 * Source: Kubernetes v1.34.4, `pkg/scheduler/framework/plugins/interpodaffinity/filtering.go` (the same in v1.35.4 and v1.36.3).
 */
import type { Pod, PodAffinityTerm } from "../../pods";
import { append, oneLabel } from "./pod-groups";
import type { PodGroup, PodGroups } from "./pod-groups";
import type { PodRules, Rule } from "./pod-rules";
import { keyOfRule, labelsOf, labelText, matches } from "./pod-rules";

/** Why a pod cannot be in the place of a node, because of the pods that run there or do not. */
export type NeighbourMismatch =
  /** No pod that it wants to be with is in the same place. */
  | { readonly type: "podAffinity"; readonly topologyKey: string; readonly wanted: string }
  /** A pod that it wants to be away from is in the same place. */
  | { readonly type: "podAntiAffinity"; readonly topologyKey: string; readonly unwanted: string }
  /** A pod in the same place wants to be away from it. */
  | { readonly type: "existingAntiAffinity"; readonly topologyKey: string; readonly pod: string };

/** Equal rules of pods that run, and the places that they keep others out of. */
interface Repulsion {
  readonly rule: Rule;
  /** One of the pods that have it. */
  readonly pod: string;
  /** Values of the topology key. */
  readonly values: Set<string>;
}

/** The pods of a cluster as far as they keep each other from nodes. It only learns of further ones: nothing here ends a pod. */
export class Neighbours {
  private readonly repulsions = new Map<string, Repulsion>();
  private readonly repulsionsByLabel = new Map<string, Repulsion[]>();
  /** Those that no single label of theirs calls for. */
  private readonly otherRepulsions: Repulsion[] = [];

  constructor(
    private readonly rules: PodRules,
    private readonly groups: PodGroups,
  ) {}

  /** A pod runs on a node. */
  add(pod: Pod, index: number): void {
    for (const term of pod.podAntiAffinity) {
      const rule = this.rules.ruleOf(pod, term);
      if (this.rules.isUnknown(pod, rule, term.namespaceSelector)) {
        continue;
      }
      const value = this.rules.valueOn(index, rule.topologyKey);
      if (value !== undefined) {
        this.repulsionOf(pod, term, rule).values.add(value);
      }
    }
  }

  /** What keeps a pod from a node; undefined: no rule is about it. */
  filter(pod: Pod): ((index: number) => NeighbourMismatch | undefined) | undefined {
    const against = this.repulsionsAgainst(pod);
    if (against.length === 0 && pod.podAffinity.length === 0 && pod.podAntiAffinity.length === 0) {
      return undefined;
    }
    const affinity = this.knownRules(pod, pod.podAffinity);
    const wanted = this.placesWithAll(affinity);
    // The first pod of a group finds none that it wants to be with, and is one of them itself.
    const isFirst = wanted.every(({ values }) => values.size === 0) && affinity.every((rule) => matches(rule, pod));
    const unwanted = this.knownRules(pod, pod.podAntiAffinity).map((rule) => ({
      rule,
      values: this.placesOf(this.groups.about(rule), rule),
    }));
    return (index) =>
      this.missing(index, wanted, isFirst) ??
      this.tooNear(index, unwanted, ({ rule }) => ({
        type: "podAntiAffinity",
        topologyKey: rule.topologyKey,
        unwanted: describe(rule),
      })) ??
      this.tooNear(index, against, ({ rule, pod: other }) => ({
        type: "existingAntiAffinity",
        topologyKey: rule.topologyKey,
        pod: other,
      }));
  }

  /** Paths of a pod's terms whose result is unknown in this cluster. */
  unknownTerms(pod: Pod): readonly string[] {
    return [...pod.podAffinity, ...pod.podAntiAffinity]
      .filter((term) => this.rules.isUnknown(pod, this.rules.ruleOfNew(pod, term), term.namespaceSelector))
      .map(({ path }) => path);
  }

  private knownRules(pod: Pod, terms: readonly PodAffinityTerm[]): readonly Rule[] {
    return terms.flatMap((term) => {
      const rule = this.rules.ruleOfNew(pod, term);
      return this.rules.isUnknown(pod, rule, term.namespaceSelector) ? [] : [rule];
    });
  }

  private missing(
    index: number,
    wanted: readonly { readonly rule: Rule; readonly values: ReadonlySet<string> }[],
    isFirst: boolean,
  ): NeighbourMismatch | undefined {
    for (const { rule, values } of wanted) {
      const { topologyKey } = rule;
      const value = this.rules.valueOn(index, topologyKey);
      if (value === undefined || (!values.has(value) && !isFirst)) {
        return { type: "podAffinity", topologyKey, wanted: describe(rule) };
      }
    }
    return undefined;
  }

  private tooNear<T extends { readonly rule: Rule; readonly values: ReadonlySet<string> }>(
    index: number,
    all: readonly T[],
    mismatch: (each: T) => NeighbourMismatch,
  ): NeighbourMismatch | undefined {
    for (const each of all) {
      const value = this.rules.valueOn(index, each.rule.topologyKey);
      if (value !== undefined && each.values.has(value)) {
        return mismatch(each);
      }
    }
    return undefined;
  }

  /** Per rule the places with a pod that all of the rules are about. */
  private placesWithAll(rules: readonly Rule[]): readonly { readonly rule: Rule; readonly values: ReadonlySet<string> }[] {
    const [first] = rules;
    const groups = first === undefined ? [] : this.groups.about(first).filter((group) => rules.every((rule) => matches(rule, group)));
    return rules.map((rule) => ({ rule, values: this.placesOf(groups, rule) }));
  }

  private placesOf(groups: readonly PodGroup[], { topologyKey }: Rule): ReadonlySet<string> {
    return new Set(groups.flatMap(({ nodes }) => [...nodes.keys()].flatMap((index) => this.rules.valueOn(index, topologyKey) ?? [])));
  }

  private repulsionOf(pod: Pod, term: PodAffinityTerm, rule: Rule): Repulsion {
    const key = keyOfRule(pod.namespace, term, rule);
    let repulsion = this.repulsions.get(key);
    if (repulsion === undefined) {
      repulsion = { rule, pod: `${pod.namespace}/${pod.name}`, values: new Set() };
      this.repulsions.set(key, repulsion);
      const label = oneLabel(rule.requirements);
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
