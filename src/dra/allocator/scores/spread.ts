/**
 * How evenly pods are spread: what a pod says with `ScheduleAnyway`, otherwise over nodes and zones among the pods of its Services and of what has made it.
 * Sources: Kubernetes v1.34.4, `pkg/scheduler/framework/plugins/podtopologyspread/{scoring,common,plugin}.go` and `helper/spread.go` (the same in v1.35.4 and v1.36.3).
 */
import { HOSTNAME_LABEL, ZONE_LABEL } from "../../../well-known/labels";
import type { LabelRequirement, Pod } from "../../pods";
import type { SpreadConstraint } from "../../pods/spread";
import type { Node } from "../nodes/nodes";
import { labelOf, meets } from "../nodes/nodes";
import type { PodGroups } from "../nodes/pod-groups";
import type { Labels, PodRules } from "../nodes/pod-rules";
import { countedBy, countsOf, ruleOfSpread } from "../nodes/spread";
import { largest, MAX_SCORE } from "./normalize";

/** A Service, as far as it says which pods are alike. */
export interface ServiceSelector {
  readonly namespace: string;
  readonly selector: Labels;
}

/** `systemDefaultConstraints`: for pods that have no constraint of their own. */
const DEFAULTS = [
  { topologyKey: HOSTNAME_LABEL, maxSkew: 3 },
  { topologyKey: ZONE_LABEL, maxSkew: 5 },
];

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
    if (constraints === undefined || constraints.some((constraint) => this.rules.isUnknown(pod, ruleOfSpread(pod, constraint)))) {
      return undefined;
    }
    if (constraints.length === 0) {
      return feasible.map(() => 0);
    }
    const isOwn = pod.scoring.spread !== undefined;
    // Of kube-scheduler's own constraints a node need not have every label.
    const counts = (index: number) =>
      !isOwn || constraints.every(({ topologyKey }) => this.rules.valueOn(index, topologyKey) !== undefined);
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
  private constraintsOf(pod: Pod): readonly SpreadConstraint[] | undefined {
    const { spread } = pod.scoring;
    if (spread !== undefined) {
      return spread;
    }
    const alike = this.alike(pod);
    return alike?.length === 0
      ? []
      : alike && DEFAULTS.map((each) => ({ ...each, labelSelector: alike, matchLabelKeys: [], honorsAffinity: true, honorsTaints: false }));
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
    constraint: SpreadConstraint,
    scored: readonly number[],
    counts: (index: number) => boolean,
  ): (index: number) => number {
    const pods = countsOf(ruleOfSpread(pod, constraint), this.groups);
    const { topologyKey, maxSkew } = constraint;
    if (topologyKey === HOSTNAME_LABEL) {
      const weight = weightOf(scored.length);
      return (index) => (this.rules.valueOn(index, topologyKey) === undefined ? 0 : (pods.get(index) ?? 0) * weight + (maxSkew - 1));
    }
    const sums = new Map(scored.map((index) => [this.rules.valueOn(index, topologyKey) ?? "", 0]));
    const isCounted = countedBy(pod, constraint);
    pods.forEach((count, index) => {
      const value = this.rules.valueOn(index, topologyKey) ?? "";
      const sum = sums.get(value);
      const node = this.nodes[index];
      if (sum !== undefined && node !== undefined && counts(index) && isCounted(node)) {
        sums.set(value, sum + count);
      }
    });
    const weight = weightOf(sums.size);
    return (index) => {
      const value = this.rules.valueOn(index, topologyKey);
      return value === undefined ? 0 : (sums.get(value) ?? 0) * weight + (maxSkew - 1);
    };
  }
}

/** `topologyNormalizingWeight`: places of which there are few do not outweigh those of which there are many. */
function weightOf(places: number): number {
  return Math.log(places + 2);
}

function selects(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => meets({ key, operator: "In", values: [value] }, labelOf(labels, key)));
}
