/** The pods of a demand in the orders in which kube-scheduler may take them. */
import { groupBy } from "../group-by";
import type { PlannedCluster } from "../state/cluster";
import type { Asked, AskedPods } from "./pods";
import { outcomeOf } from "./trial";
import type { Outcome } from "./trial";

export interface Found {
  readonly outcome: Outcome;
  /** The pods in the order in which they fit. */
  readonly order: AskedPods;
  readonly pinned: boolean;
}

/**
 * kube-scheduler takes pods in any order, and of several nodes any. The demand fits by itself if it does in every order and with the nodes either way round; if
 * it does so in some only, it fits when order and nodes are kept to.
 */
export function bestTrial(cluster: PlannedCluster, asked: AskedPods): Found {
  const backwards = { ...cluster, state: { ...cluster.state, nodes: cluster.state.nodes.toReversed() } };
  const kinds = [...groupBy(asked.pods, ({ wants }) => wants).values()];
  const directions = (kinds.length === 1 ? [cluster] : [cluster, backwards]).map((each) => trials(each, asked, orders(kinds)));
  const tries = (directions[0] ?? []).flatMap((_, index) => directions.flatMap((direction) => direction[index] ?? []));
  const best = tries.reduce((one, other) => (other.outcome.refused.length < one.outcome.refused.length ? other : one));
  return { ...best, pinned: tries.some(({ outcome }) => outcome.refused.length > best.outcome.refused.length) };
}

type Tried = Omit<Found, "pinned">;

/** Tries every order. A kind that finds no place as the first one takes nothing in any order, so orders that differ in it alone are one. */
function trials(cluster: PlannedCluster, asked: AskedPods, all: readonly (readonly Asked[])[]): readonly Tried[] {
  const taking = new Set(asked.pods.map(({ wants }) => wants));
  const tried = new Map<readonly Asked[], Outcome>();
  const kindsOf = (pods: readonly Asked[]) => [...new Set(pods.map(({ wants }) => wants).filter((wants) => taking.has(wants)))].join();
  const tryOnce = (pods: readonly Asked[]): Outcome => {
    const [, known] = [...tried].find(([other]) => kindsOf(other) === kindsOf(pods)) ?? [];
    const outcome = known ?? outcomeOf(cluster, { ...asked, pods });
    tried.set(pods, outcome);
    const first = pods[0]?.wants ?? "";
    if (!outcome.places.some(({ wants }) => wants === first)) {
      taking.delete(first);
    }
    return outcome;
  };
  // Every kind is the first one once before the other orders.
  new Map(all.map((pods) => [pods[0]?.wants, pods])).forEach(tryOnce);
  return all.map((pods) => ({ order: { ...asked, pods }, outcome: tryOnce(pods) }));
}

/** Pods kind by kind, in every order of up to three kinds, and every kind first of more. */
function orders<T>(kinds: readonly (readonly T[])[]): readonly (readonly T[])[] {
  if (kinds.length <= 1) {
    return [kinds.flat()];
  }
  return kinds.flatMap((first, index) => {
    const others = kinds.filter((_, position) => position !== index);
    return kinds.length <= 3 ? orders(others).map((rest) => [...first, ...rest]) : [[...first, ...others.flat()]];
  });
}
