/** Carries plans out in a world that lives, in processes that are killed. */
import { carryOut } from "../../src/relayout/carry-out";
import type { CarryOutOptions } from "../../src/relayout/carry-out";
import type { Plan } from "../../src/relayout/plan";
import type { PoolPod } from "../../src/relayout/pool";
import type { Stop } from "../../src/relayout/step";
import type { World, WorldPod } from "./world";

/** Looks that a phase may last. */
const LIMIT = 50;

export class Killed extends Error {}

/** How many writes a process does before it is killed, and on which side of the next one. */
export interface Kill {
  readonly writes: number;
  readonly when: "before" | "after";
}

/** Carries a plan out. @param kill undefined: nobody kills it. */
export async function run(
  world: World,
  plan: Plan,
  kill?: Kill,
  onStep: CarryOutOptions["onStep"] = () => undefined,
): Promise<Stop | undefined> {
  let looks = 0;
  let writes = 0;
  const cluster = world.cluster((when) => {
    writes += when === "before" ? 1 : 0;
    if (kill !== undefined && writes > kill.writes && when === kill.when) {
      throw new Killed();
    }
  });
  const observe = async () => {
    looks++;
    const nodes = await cluster.observe();
    expect(nodes.filter(({ isCordoned }) => isCordoned).length).toBeLessThanOrEqual(1);
    return nodes;
  };
  return carryOut(
    plan,
    { ...cluster, observe },
    {
      limits: { drain: LIMIT, restart: LIMIT, partition: LIMIT, publication: LIMIT },
      pause: () => Promise.resolve(),
      now: () => looks,
      onStep,
    },
  );
}

/** Every pod that was evicted is one that the plan names, or was made in the place of one. */
export function expectPlanned({ evicts }: Plan, evicted: readonly WorldPod[]): void {
  const isNamed = ({ uid, owner }: WorldPod) =>
    evicts.some((each: PoolPod) => each.uid === uid || (each.owner.type === "controller" && each.owner.uid === owner));
  expect(evicted.filter((pod) => !isNamed(pod))).toEqual([]);
}
