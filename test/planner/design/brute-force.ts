/** The cheapest purchase by trying: no linear program, no table of maximal layouts. */
import { WHOLE_GPU } from "../../../src/hardware/node-devices";
import { placeProfiles } from "../../../src/hardware/placement";
import type { GpuModel } from "../../../src/hardware/types";
import type { Offer } from "../../../src/planner/design/offers";
import type { Purchase } from "../../../src/planner/design/purchase";
import { served } from "../../../src/planner/design/suppliers";

/** Dollars an hour, in one zone, of a demand that each some node can serve. */
export function cheapestByTrying(purchase: Purchase): number {
  const { items, offers, spare } = purchase;
  const wanted = items.flatMap((item) => Array.from({ length: item.count }, () => item.wanted));
  const price = (counts: readonly number[]): number =>
    counts.reduce((sum, count, index) => sum + (count === 0 ? 0 : (count + spare) * (offers[index]?.usdPerHour ?? 0)), 0);
  let best = Infinity;
  const extend = (counts: readonly number[]): void => {
    if (price(counts) >= best) return;
    const offer = offers[counts.length];
    if (offer === undefined) {
      if (fits(purchase, gpusOf(offers, counts))) best = price(counts);
      return;
    }
    // More nodes than things that are asked for are never of use.
    for (let count = 0; count <= wanted.length; count++) extend([...counts, count]);
  };
  extend([]);
  return best;
}

function gpusOf(offers: readonly Offer[], counts: readonly number[]): readonly GpuModel[] {
  return offers.flatMap(({ model, gpus }, index) => Array.from({ length: gpus * (counts[index] ?? 0) }, () => model));
}

/** Puts one thing after the other on each GPU in turn. */
function fits({ items, match }: Purchase, gpus: readonly GpuModel[]): boolean {
  const wanted = items.flatMap((item) => Array.from({ length: item.count }, () => item.wanted));
  const contents: Record<string, number>[] = gpus.map(() => ({}));
  const failed = new Set<string>();
  const put = (index: number): boolean => {
    const next = wanted[index];
    if (next === undefined) return true;
    const state = JSON.stringify([index, contents.map((each, at) => [gpus[at]?.name, Object.entries(each).sort()]).sort()]);
    if (failed.has(state)) return false;
    const tried = new Set<string>();
    for (const [at, model] of gpus.entries()) {
      const has = contents[at] ?? {};
      for (const device of served(next, model, match)) {
        const more = { ...has, [device]: (has[device] ?? 0) + 1 };
        const key = JSON.stringify([model.name, Object.entries(more).sort()]);
        if (tried.has(key) || !isPossible(model, more)) continue;
        tried.add(key);
        contents[at] = more;
        if (put(index + 1)) return true;
        contents[at] = has;
      }
    }
    failed.add(state);
    return false;
  };
  return put(0);
}

const known = new Map<string, boolean>();

function isPossible(model: GpuModel, contents: Readonly<Record<string, number>>): boolean {
  if (WHOLE_GPU in contents) return Object.keys(contents).length === 1 && contents[WHOLE_GPU] === 1;
  const key = JSON.stringify([model.name, Object.entries(contents).sort()]);
  const possible = known.get(key) ?? placeProfiles(model, contents).type === "placed";
  known.set(key, possible);
  return possible;
}
