/** What happens to a rehearsed stack after `up`, step by step. */
import { play } from "../planner/life/play";
import type { Played } from "../planner/life/play";
import type { LifeStep } from "../planner/life/steps";
import { readCluster } from "../planner/state/read";
import { UserError } from "./files";
import type { Recording } from "./monitor/recording";
import { layoutOf, migConfigsOf } from "./recorded/mig-manager";
import { simulatedSnapshot } from "./simulated-snapshot";
import type { SimulatedCluster } from "./simulated-snapshot";

/** @throws UserError for a step that the cluster cannot do. */
export function playedOn(cluster: SimulatedCluster, steps: readonly LifeStep[], recording: Recording): readonly Played[] {
  const configs = migConfigsOf(recording);
  const playing = play(readCluster(simulatedSnapshot(cluster)), steps, (...layout) => layoutOf(...layout, configs));
  if (playing.type === "invalid") {
    throw new UserError(`--then ${playing.step.text}: ${playing.reason}`);
  }
  return playing.played;
}
