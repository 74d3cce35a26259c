/**
 * How evenly pods are spread: what a pod says with `ScheduleAnyway`, otherwise over nodes and zones among the pods of its Services and of what has made it.
 * Sources: Kubernetes v1.34.4, `pkg/scheduler/framework/plugins/podtopologyspread/{scoring,common,plugin}.go` and `helper/spread.go` (the same in v1.35.4 and v1.36.3).
 */
import { HOSTNAME_LABEL, ZONE_LABEL } from "../../../well-known/labels";
import type { LabelRequirement, Pod } from "../../pods";
import type { SoftSpread } from "../../pods/scoring";
import type { Node } from "../nodes/nodes";
import { labelOf, meets, nodeMismatch } from "../nodes/nodes";
import type { PodGroups } from "../nodes/pod-groups";
import type { Labels, PodRules, Rule } from "../nodes/pod-rules";
import { ofKeys } from "../nodes/pod-rules";
import { largest, MAX_SCORE } from "./normalize";

/** A Service, as far as it says which pods are alike. */
export interface ServiceSelector {
  readonly namespace: string;
  readonly selector: Labels;
}

/** `systemDefaultConstraints`: for pods that have no constraint of their own. */
const DEFAULTS: readonly Pick<SoftSpread, "topologyKey" | "maxSkew">[] = [
  { topologyKey: HOSTNAME_LABEL, maxSkew: 3 },
  { topologyKey: ZONE_LABEL, maxSkew: 5 },
];

/** A constraint with the pods that it counts. */
interface Constraint extends Pick<SoftSpread, "maxSkew" | "honorsAffinity" | "honorsTaints"> {
  readonly rule: Rule;
}

/** Scores from 0 to 100 of nodes; undefined: they go by labels, or by a controller's selector, that are unknown. */
export type SpreadScores = readonly number[] | undefined;

export class Spread {
  constructor(
    private readonly nodes: readonly Node[],
    private readonly rules: PodRules,
    private readonly groups: PodGroups,
    private readonly services: readonly ServiceSelector[],
  ) {}

  /** @param feasible indices of the nodes that fit */
  scores(pod: Pod, feasible: readonly number[]): SpreadScores {
    const constraints = this.constraintsOf(pod);
    if (constraints === undefined || constraints.some(({ rule }) => this.rules.isUnknown(pod, rule))) {
      return undefined;
    }
    if (constraints.length === 0) {
      return feasible.map(() => 0);
    }
    const isOwn = pod.scoring.spread !== undefined;
    // Of kube-scheduler's own constraints a node need not have every label.
    const counts = (index: number) => !isOwn || constraints.every(({ rule }) => this.rules.valueOn(index, rule.topologyKey) !== undefined);
    const scored = feasible.filter(counts);
    const parts = constraints.map((constraint) => this.partOf(pod, constraint, scored, counts));
    const sums = scored.map((index) => Math.round(parts.reduce((sum, part) => sum + part(index), 0)));
    const [least, most] = [sums.reduce((low, sum) => Math.min(low, sum), Infinity), largest(sums)];
    const byNode = new Map(
      scored.map((index, position) => [
        index,
        most === 0 ? MAX_SCORE : Math.floor((MAX_SCORE * (most + least - (sums[position] ?? 0))) / most),
      ]),
    );
    return feasible.map((index) => byNode.get(index) ?? 0);
  }

  /** Undefined: unknown. */
  private constraintsOf(pod: Pod): readonly Constraint[] | undefined {
    const { spread } = pod.scoring;
    const isOfNamespace = (namespace: string) => namespace === pod.namespace;
    if (spread !== undefined) {
      return spread.map(({ topologyKey, labelSelector, matchLabelKeys, ...rest }) => ({
        ...rest,
        rule: {
          topologyKey,
          isOfNamespace,
          // A selector without requirements counts no pods here.
          requirements: nonEmpty(labelSelector && [...ofKeys(matchLabelKeys, pod.labels, "In"), ...labelSelector]),
        },
      }));
    }
    const requirements = this.alike(pod);
    return requirements?.length === 0
      ? []
      : requirements &&
          DEFAULTS.map(({ topologyKey, maxSkew }) => ({
            ...{ maxSkew, honorsAffinity: true, honorsTaints: false },
            rule: { topologyKey, isOfNamespace, requirements },
          }));
  }

  /** What Services of the pod and its controller select together. */
  private alike(pod: Pod): readonly LabelRequirement[] | undefined {
    const merged = new Map(
      this.services
        .filter(({ namespace, selector }) => namespace === pod.namespace && selects(selector, pod.labels))
        .flatMap(({ selector }) => Object.entries(selector)),
    );
    const ofServices = [...merged].map(([key, value]): LabelRequirement => ({ key, operator: "In", values: [value] }));
    return pod.ownerSelector && [...ofServices, ...pod.ownerSelector];
  }

  /** What a constraint adds to the score of a node. */
  private partOf(
    pod: Pod,
    { rule, maxSkew, honorsAffinity, honorsTaints }: Constraint,
    scored: readonly number[],
    counts: (index: number) => boolean,
  ): (index: number) => number {
    const pods = new Map<number, number>();
    for (const { nodes } of this.groups.about(rule)) {
      nodes.forEach((count, index) => pods.set(index, (pods.get(index) ?? 0) + count));
    }
    const { topologyKey } = rule;
    if (topologyKey === HOSTNAME_LABEL) {
      const weight = weightOf(scored.length);
      return (index) => (this.rules.valueOn(index, topologyKey) === undefined ? 0 : (pods.get(index) ?? 0) * weight + (maxSkew - 1));
    }
    const sums = new Map(scored.map((index) => [this.rules.valueOn(index, topologyKey) ?? "", 0]));
    pods.forEach((count, index) => {
      const value = this.rules.valueOn(index, topologyKey) ?? "";
      const sum = sums.get(value);
      if (sum !== undefined && counts(index) && this.isIncluded(pod, index, honorsAffinity, honorsTaints)) {
        sums.set(value, sum + count);
      }
    });
    const weight = weightOf(sums.size);
    return (index) => {
      const value = this.rules.valueOn(index, topologyKey);
      return value === undefined ? 0 : (sums.get(value) ?? 0) * weight + (maxSkew - 1);
    };
  }

  private isIncluded(pod: Pod, index: number, honorsAffinity: boolean, honorsTaints: boolean): boolean {
    const node = this.nodes[index];
    const selecting = honorsAffinity ? pod : { ...pod, nodeSelector: {}, nodeAffinity: undefined };
    const mismatch = node && nodeMismatch({ ...selecting, nodeName: undefined }, withTaints(node, honorsTaints));
    return mismatch === undefined;
  }
}

/** Taints do not count where a constraint ignores them, and a cordon counts by its taint only. */
function withTaints(node: Node, honorsTaints: boolean): Node {
  return { ...node, spec: { taints: honorsTaints ? (node.spec?.taints ?? []) : [] } };
}

/** `topologyNormalizingWeight`: places of which there are few do not outweigh those of which there are many. */
function weightOf(places: number): number {
  return Math.log(places + 2);
}

function nonEmpty(requirements: readonly LabelRequirement[] | undefined): readonly LabelRequirement[] | undefined {
  return requirements?.length === 0 ? undefined : requirements;
}

function selects(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => meets({ key, operator: "In", values: [value] }, labelOf(labels, key)));
}
