/** All advice there is. */
import type { ObjectProblem } from "../judgement/checks";
import { adviseOnAutoscaling } from "./autoscaling";
import { adviseOnDisruption } from "./disruption";
import { adviseOnParallelism } from "./parallelism";
import { adviseOnRollouts } from "./rollouts";
import type { Advise, Situation } from "./types";
import { adviseOnVolumes } from "./volumes";

const ALL: readonly Advise[] = [adviseOnRollouts, adviseOnAutoscaling, adviseOnParallelism, adviseOnDisruption, adviseOnVolumes];

export function adviceOn(situation: Situation): readonly ObjectProblem[] {
  return ALL.flatMap((advise) => advise(situation));
}
