/** Pods that run one after the other. */
import type { PlannedPods } from "./workloads";

/** Pods by phase, first the phase with most claims and pods. */
export function phasesOf(all: readonly PlannedPods[]): readonly (readonly PlannedPods[])[] {
  const phases = [...new Set(all.map(({ phase }) => phase))].map((phase) => all.filter((pods) => pods.phase === phase));
  return phases.sort((a, b) => sizeOf(b) - sizeOf(a));
}

/** How much pods ask for: those with claims count first. */
function sizeOf(phase: readonly PlannedPods[]): number {
  const manyPods = 2 ** 32;
  return phase.reduce((sum, pods) => sum + pods.count * (pods.count > 0 && pods.at(0).pod.claims.length > 0 ? manyPods : 1), 0);
}
