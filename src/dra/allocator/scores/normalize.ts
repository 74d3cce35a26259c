/** Scores of nodes from 0 to 100, by integer arithmetic as Go has it. */

/** The score that a node can get of one plugin. Source: `MaxNodeScore` of `k8s.io/kube-scheduler/framework`, v0.34.4. */
export const MAX_SCORE = 100;

/** The largest becomes 100, and the others keep their proportion. Source: `DefaultNormalizeScore` of `pkg/scheduler/framework/plugins/helper`, Kubernetes v1.34.4. */
export function proportional(scores: readonly number[]): readonly number[] {
  const most = largest(scores);
  return most === 0 ? scores : scores.map((score) => Math.floor((MAX_SCORE * score) / most));
}

/** The same the other way round: of nodes with the largest score 0 is left. */
export function reversed(scores: readonly number[]): readonly number[] {
  return proportional(scores).map((score) => MAX_SCORE - score);
}

/** Without a loop over arguments, of which there can be too many. */
export function largest(scores: readonly number[]): number {
  return scores.reduce((most, score) => (score > most ? score : most), 0);
}
