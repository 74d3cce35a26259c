/**
 * Required spread (`whenUnsatisfiable: DoNotSchedule`), as kube-scheduler's plugin PodTopologySpread filters nodes by it.
 * Source: Kubernetes v1.34.4, `pkg/scheduler/framework/plugins/podtopologyspread/{filtering,common}.go` (the same in v1.35.4 and v1.36.3).
 */
import type { Pod, RequiredSpread } from "../../pods";
import type { SpreadConstraint } from "../../pods/spread";
import type { Node } from "./nodes";
import { nodeMismatch, openLabels } from "./nodes";
import type { PodGroups } from "./pod-groups";
import type { PodRules, Rule } from "./pod-rules";
import { matches, ofKeys } from "./pod-rules";

/** Why a pod cannot be in the place of a node, because of how many pods like it are in which place. */
export type SpreadMismatch =
  /** The node is in no place at all. */
  | { readonly type: "spreadLabel"; readonly topologyKey: string }
  /** Its place would have too many more than the one with the fewest. */
  | { readonly type: "spread"; readonly topologyKey: string; readonly maxSkew: number; readonly fewest: Fewest };

/** How many pods the place with the fewest has; 0 where there are fewer places than `minDomains`. */
export type Fewest =
  { readonly type: "counted"; readonly pods: number } | { readonly type: "belowMinDomains"; readonly minDomains: number };

/** A constraint with what it counts. */
interface Count {
  readonly constraint: RequiredSpread;
  /** Pods by value of the topology key. */
  readonly byValue: ReadonlyMap<string, number>;
  readonly fewest: Fewest;
  /** 1 if the pod is one of those that it counts. */
  readonly itself: 0 | 1;
}

/** The pods of a namespace that a constraint counts. */
export function ruleOfSpread({ namespace: own, labels }: Pod, { topologyKey, labelSelector, matchLabelKeys }: SpreadConstraint): Rule {
  return {
    topologyKey,
    isOfNamespace: (namespace) => namespace === own,
    requirements: labelSelector && [...ofKeys(matchLabelKeys, labels, "In"), ...labelSelector],
  };
}

/** How many of those pods are on each node that has some. A selector without requirements counts none, and neither do pods that are being deleted. */
export function countsOf(rule: Rule, groups: PodGroups): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { nodes, isEnding } of rule.requirements?.length === 0 ? [] : groups.about(rule)) {
    if (!isEnding) {
      nodes.forEach((count, index) => counts.set(index, (counts.get(index) ?? 0) + count));
    }
  }
  return counts;
}

/** Whether a node's pods count, by the constraint's policies. */
export function countedBy(pod: Pod, { honorsAffinity, honorsTaints }: SpreadConstraint): (node: Node) => boolean {
  const selecting = { ...pod, nodeName: undefined, ...(honorsAffinity ? {} : { nodeSelector: {}, nodeAffinity: undefined }) };
  // Taints do not count where a constraint ignores them, and a cordon counts by its taint only.
  return (node) => nodeMismatch(selecting, node, honorsTaints ? { taints: node.spec?.taints ?? [] } : {}) === undefined;
}

export class SpreadFilter {
  /** Nodes that may have more labels than are known. */
  private readonly openNodes: readonly Node[];

  constructor(
    private readonly nodes: readonly Node[],
    private readonly rules: PodRules,
    private readonly groups: PodGroups,
  ) {
    this.openNodes = nodes.filter(({ mayHaveLabel }) => mayHaveLabel !== undefined);
  }

  /** What keeps a pod from a node; undefined: it has no constraint, or one whose result is unknown here. */
  filter(pod: Pod): ((index: number) => SpreadMismatch | undefined) | undefined {
    if (pod.spread.length === 0 || this.unknownEntries(pod).length > 0) {
      return undefined;
    }
    const inPlaces = [...this.nodes.keys()].filter((index) =>
      pod.spread.every(({ topologyKey }) => this.rules.valueOn(index, topologyKey) !== undefined),
    );
    const counts = pod.spread.map((constraint) => this.countOf(pod, constraint, inPlaces));
    return (index) => {
      for (const count of counts) {
        const mismatch = this.mismatchOn(index, count);
        if (mismatch !== undefined) {
          return mismatch;
        }
      }
      return undefined;
    };
  }

  /** Paths of a pod's constraints, if the result of one of them is unknown in this cluster: each counts only nodes that have the labels of all. */
  unknownEntries(pod: Pod): readonly string[] {
    const isUnknown = pod.spread.some(
      (constraint) =>
        this.rules.isUnknown(pod, ruleOfSpread(pod, constraint)) ||
        (constraint.honorsAffinity && this.openNodes.some((node) => openLabels(pod, node).length > 0)),
    );
    return isUnknown ? pod.spread.map(({ path }) => path) : [];
  }

  /** @param inPlaces nodes that have the labels of all constraints */
  private countOf(pod: Pod, constraint: RequiredSpread, inPlaces: readonly number[]): Count {
    const rule = ruleOfSpread(pod, constraint);
    const pods = countsOf(rule, this.groups);
    const byValue = new Map<string, number>();
    const isCounted = countedBy(pod, constraint);
    for (const index of inPlaces) {
      const node = this.nodes[index];
      if (node !== undefined && isCounted(node)) {
        const value = this.rules.valueOn(index, constraint.topologyKey) ?? "";
        byValue.set(value, (byValue.get(value) ?? 0) + (pods.get(index) ?? 0));
      }
    }
    return { constraint, byValue, fewest: fewestOf(byValue, constraint), itself: matches(rule, pod) ? 1 : 0 };
  }

  private mismatchOn(index: number, { constraint, byValue, fewest, itself }: Count): SpreadMismatch | undefined {
    const { topologyKey, maxSkew } = constraint;
    const value = this.rules.valueOn(index, topologyKey);
    if (value === undefined) {
      return { type: "spreadLabel", topologyKey };
    }
    const least = fewest.type === "counted" ? fewest.pods : 0;
    return (byValue.get(value) ?? 0) + itself - least > maxSkew ? { type: "spread", topologyKey, maxSkew, fewest } : undefined;
  }
}

function fewestOf(byValue: ReadonlyMap<string, number>, { minDomains }: RequiredSpread): Fewest {
  return byValue.size < minDomains
    ? { type: "belowMinDomains", minDomains }
    : { type: "counted", pods: [...byValue.values()].reduce((a, b) => Math.min(a, b), Infinity) };
}
