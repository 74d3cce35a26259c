/**
 * What pods prefer of each other: preferred affinity and anti-affinity of a pod that is to be placed, the same of pods that run, and their required affinity.
 * Source: Kubernetes v1.34.4, `pkg/scheduler/framework/plugins/interpodaffinity/scoring.go` (the same in v1.35.4 and v1.36.3).
 */
import type { Pod, PodAffinityTerm } from "../../pods";
import type { PodGroups } from "../nodes/pod-groups";
import type { PodRules, Rule } from "../nodes/pod-rules";
import { keyOfRule, matches } from "../nodes/pod-rules";
import { MAX_SCORE } from "./normalize";

/** `hardPodAffinityWeight` of kube-scheduler: what a term weighs that a running pod insists on. */
const WEIGHT_OF_REQUIRED = 1;

/** Equal rules of pods that run. */
interface Attraction {
  readonly rule: Rule;
  readonly isUnknown: (pod: Pod) => boolean;
  /** By value of the topology key; negative where its pods want to be alone. */
  readonly weights: Map<string, number>;
}

/** Weights by topology key and value. */
type Weights = Map<string, Map<string, number>>;

export class Attractions {
  private readonly all = new Map<string, Attraction>();

  constructor(
    private readonly rules: PodRules,
    private readonly groups: PodGroups,
  ) {}

  /** A pod runs on a node. */
  add(pod: Pod, index: number): void {
    for (const term of pod.podAffinity) {
      this.attract(pod, term, index, WEIGHT_OF_REQUIRED);
    }
    for (const { weight, term } of pod.scoring.podAffinity) {
      this.attract(pod, term, index, weight);
    }
    for (const { weight, term } of pod.scoring.podAntiAffinity) {
      this.attract(pod, term, index, -weight);
    }
  }

  /** Scores from 0 to 100 of nodes for a pod: all the same where no rule is about it. Undefined: one goes by labels that are unknown. */
  scores(pod: Pod, nodes: readonly number[]): readonly number[] | undefined {
    const weights: Weights = new Map();
    for (const { rule, isUnknown, weights: byValue } of this.all.values()) {
      if (isUnknown(pod)) {
        return undefined;
      }
      if (matches(rule, pod)) {
        byValue.forEach((weight, value) => addTo(weights, rule.topologyKey, value, weight));
      }
    }
    const { podAffinity, podAntiAffinity } = pod.scoring;
    const own = [...podAffinity, ...podAntiAffinity.map(({ weight, term }) => ({ term, weight: -weight }))];
    for (const { weight, term } of own) {
      const rule = this.rules.ruleOfNew(pod, term);
      if (this.rules.isUnknown(pod, rule, term.namespaceSelector)) {
        return undefined;
      }
      this.count(weights, rule, weight);
    }
    return normalized(nodes.map((index) => this.weightOf(index, weights)));
  }

  private count(weights: Weights, rule: Rule, weight: number): void {
    for (const { nodes } of this.groups.about(rule)) {
      for (const [index, pods] of nodes) {
        const value = this.rules.valueOn(index, rule.topologyKey);
        if (value !== undefined) {
          addTo(weights, rule.topologyKey, value, weight * pods);
        }
      }
    }
  }

  private weightOf(index: number, weights: Weights): number {
    let sum = 0;
    for (const [topologyKey, byValue] of weights) {
      const value = this.rules.valueOn(index, topologyKey);
      sum += value === undefined ? 0 : (byValue.get(value) ?? 0);
    }
    return sum;
  }

  private attract(pod: Pod, term: PodAffinityTerm, index: number, weight: number): void {
    const value = this.rules.valueOn(index, term.topologyKey);
    if (value === undefined) {
      return;
    }
    const rule = this.rules.ruleOf(pod, term);
    const key = keyOfRule(pod.namespace, term, rule);
    const isUnknown = (other: Pod) => this.rules.isUnknownOf(other, rule, term.namespaceSelector);
    const attraction = this.all.get(key) ?? { rule, isUnknown, weights: new Map<string, number>() };
    this.all.set(key, attraction);
    attraction.weights.set(value, (attraction.weights.get(value) ?? 0) + weight);
  }
}

function addTo(weights: Weights, topologyKey: string, value: string, weight: number): void {
  const byValue = weights.get(topologyKey) ?? new Map<string, number>();
  weights.set(topologyKey, byValue.set(value, (byValue.get(value) ?? 0) + weight));
}

/** From the smallest to the largest in floating-point numbers, as kube-scheduler does here. */
function normalized(sums: readonly number[]): readonly number[] {
  const [least, most] = sums.reduce(([low, high], sum) => [Math.min(low, sum), Math.max(high, sum)], [Infinity, -Infinity]);
  return sums.map((sum) => (most > least ? Math.trunc(MAX_SCORE * ((sum - least) / (most - least))) : 0));
}
