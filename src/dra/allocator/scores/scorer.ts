/**
 * Which of the nodes that fit kube-scheduler prefers: the sum of what its plugins say, each from 0 to 100, by weight.
 * Source: `getDefaultPlugins` of Kubernetes v1.34.4, `pkg/scheduler/apis/config/v1/default_plugins.go` (with DynamicResources from v1.35.4 on).
 * Not scored: images (ImageLocality), because no node that is still to be made has any.
 */
import type { SchedulerFeatures } from "../../../releases/kubernetes";
import type { Pod } from "../../pods";
import type { ChosenDevice } from "../devices/assignment";
import type { NodeTable } from "../nodes/table";
import type { Node } from "../nodes/nodes";
import type { ClaimPlan } from "../devices/plan";
import type { PodGroups } from "../nodes/pod-groups";
import type { PodRules } from "../nodes/pod-rules";
import { alternativesScore } from "./alternatives";
import { Attractions } from "./attractions";
import { affinityWeight, avoidedTaints } from "./nodes";
import { largest, proportional, reversed } from "./normalize";
import { balanceScore, freeScore } from "./room";
import type { ServiceSelector } from "./spread";
import { Spread } from "./spread";

/** How a scheduler chooses among the nodes that fit. */
export type NodeChoice =
  /** The first in their order. */
  | "first"
  /** By score; of equal ones the first or the last, so that two runs show what the draw decides. */
  | "firstOfBest"
  | "lastOfBest";

const WEIGHTS = { taints: 3, nodeAffinity: 2, room: 1, balance: 1, spread: 2, podAffinity: 2, alternatives: 2 } as const;

/** A node that fits, with the devices that the pod would get there. */
export interface Candidate {
  readonly index: number;
  readonly devices: readonly (readonly ChosenDevice[])[];
}

export class Scorer {
  private readonly attractions: Attractions;
  private readonly spread: Spread;

  constructor(
    private readonly nodes: readonly Node[],
    private readonly table: NodeTable,
    rules: PodRules,
    groups: PodGroups,
    services: readonly ServiceSelector[],
    private readonly features: SchedulerFeatures,
  ) {
    this.attractions = new Attractions(rules, groups);
    this.spread = new Spread(nodes, rules, groups, services);
  }

  /** A pod runs on a node. */
  add(pod: Pod, index: number): void {
    this.attractions.add(pod, index);
  }

  /** The nodes that kube-scheduler draws among: the best ones, or all where a preference goes by what is unknown. */
  best<T extends Candidate>(pod: Pod, plans: readonly ClaimPlan[], candidates: readonly T[]): readonly T[] {
    const scores = candidates.length === 1 ? undefined : this.scores(pod, plans, candidates);
    if (scores === undefined) {
      return candidates;
    }
    const most = largest(scores);
    return candidates.filter((_, position) => scores[position] === most);
  }

  /** Undefined: unknown. */
  private scores(pod: Pod, plans: readonly ClaimPlan[], candidates: readonly Candidate[]): readonly number[] | undefined {
    const indices = candidates.map(({ index }) => index);
    const preferred = this.byNode(indices, (node) => affinityWeight(pod, node));
    const spread = this.spread.scores(pod, indices);
    const attraction = this.attractions.scores(pod, indices);
    if (spread === undefined || attraction === undefined || !preferred.every((weight) => weight !== undefined)) {
      return undefined;
    }
    const usage = indices.map((index) => this.table.usage(index));
    const { scoresAlternatives, scoresBalanceGained } = this.features;
    const parts: readonly (readonly [number, readonly number[]])[] = [
      [WEIGHTS.taints, reversed(this.byNode(indices, (node) => avoidedTaints(pod, node)))],
      [WEIGHTS.nodeAffinity, proportional(preferred)],
      [WEIGHTS.room, usage.map((node) => freeScore(pod.scoring.requests, node))],
      [WEIGHTS.balance, usage.map((node) => balanceScore(pod.requests, node, scoresBalanceGained))],
      [WEIGHTS.spread, spread],
      [WEIGHTS.podAffinity, attraction],
      ...(scoresAlternatives
        ? [[WEIGHTS.alternatives, proportional(candidates.map(({ devices }) => alternativesScore(plans, devices)))] as const]
        : []),
    ];
    return indices.map((_, position) => parts.reduce((sum, [weight, scores]) => sum + weight * (scores[position] ?? 0), 0));
  }

  private byNode<T>(indices: readonly number[], of: (node: Node) => T): readonly T[] {
    return indices.flatMap((index) => {
      const node = this.nodes[index];
      return node === undefined ? [] : [of(node)];
    });
  }
}
