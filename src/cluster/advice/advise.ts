/** All advice there is. */
import type { ObjectProblem } from "../judgement/checks";
import { adviseOnAutoscaling } from "./autoscaling";
import { adviseOnDisruption } from "./disruption";
import { adviseOnIdle } from "./idle";
import { adviseOnImages } from "./images";
import { adviseOnParallelism } from "./parallelism";
import { adviseOnRollouts } from "./rollouts";
import { adviseOnManagedBy } from "./managed-by";
import type { Advise, Situation } from "./types";
import { adviseOnVolumes } from "./volumes";

const ALL: readonly Advise[] = [
  adviseOnRollouts,
  adviseOnAutoscaling,
  adviseOnParallelism,
  adviseOnDisruption,
  adviseOnVolumes,
  adviseOnIdle,
  adviseOnManagedBy,
  adviseOnImages,
];

export function adviceOn(situation: Situation): readonly ObjectProblem[] {
  return ALL.flatMap((advise) => advise(situation));
}
