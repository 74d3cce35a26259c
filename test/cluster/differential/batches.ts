/** Runs scenarios side by side in one cluster, some at a time. */
import type { Bed } from "./bed";
import { named, ofKind } from "./scenario";
import type { Scenario } from "./scenario";
import { runTrial } from "./trial";
import type { Trial } from "./trial";

/** So many that kube-scheduler always has something to do. */
const BATCH = 24;

let started = 0;

/** The trials of scenarios, in their order. @param onBatch told after every batch */
export async function runTrials(
  bed: Bed,
  scenarios: readonly Scenario[],
  onBatch: (trials: readonly Trial[]) => void,
): Promise<readonly Trial[]> {
  const trials: Trial[] = [];
  for (let first = 0; first < scenarios.length; first += BATCH) {
    const batch = scenarios.slice(first, first + BATCH).map((scenario) => named(scenario, `scenario-${String(++started)}`));
    const refusals = await Promise.all(batch.map((scenario) => bed.create(scenario)));
    await bed.settle(batch.some((scenario) => ofKind(scenario, "StorageClass").length > 0));
    trials.push(...(await Promise.all(batch.map((scenario, index) => runTrial(bed, scenario, refusals[index] ?? new Map())))));
    await Promise.all(batch.map((scenario) => bed.remove(scenario)));
    onBatch(trials);
  }
  return trials;
}

/** One scenario alone. */
export async function runOne(bed: Bed, scenario: Scenario): Promise<Trial> {
  const [trial] = await runTrials(bed, [scenario], () => undefined);
  if (trial === undefined) {
    throw new RangeError("no trial");
  }
  return trial;
}
