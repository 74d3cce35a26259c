/** What is said of a cluster in which the API server accepts everything and all pods have places, and which may not do what its author means. */
import type { Autoscalers } from "../autoscalers";
import type { ObjectProblem } from "../judgement/checks";
import type { ClusterObject } from "../objects";
import type { PodOutcome } from "../pod-outcomes";
import type { PlannedPods } from "../workloads";

/** Equal pods of an object, and what became of them. */
export interface PodGroup {
  readonly object: ClusterObject;
  readonly pods: PlannedPods;
  readonly outcomes: readonly PodOutcome[];
}

/** What happens to further pods beside all others. */
export interface Trial {
  readonly placed: number;
  /** Why the next one is pending; undefined if all are placed. */
  readonly reason: string | undefined;
}

export interface Situation {
  readonly objects: readonly ClusterObject[];
  readonly groups: readonly PodGroup[];
  readonly autoscalers: Autoscalers;
  /** As if a group had more pods. Nothing is kept of it. */
  tryMore(group: PodGroup, count: number): Trial;
  /** As if a group had more pods, of its next template. */
  tryUpdate(group: PodGroup, count: number): Trial;
}

export type Advise = (situation: Situation) => readonly ObjectProblem[];

/** The pods of a group that have a node. */
export function placedOf({ outcomes }: PodGroup): readonly Extract<PodOutcome, { readonly type: "placed" }>[] {
  return outcomes.flatMap((outcome) => (outcome.type === "placed" ? [outcome] : []));
}

/** `1 pod`, `3 pods`. */
export function podsInWords(count: number): string {
  return count === 1 ? "1 pod" : `${String(count)} pods`;
}
