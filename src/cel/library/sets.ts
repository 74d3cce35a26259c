import { listContains } from "../values/equality";
import { fn } from "../types/overloads";
import { BOOL, listOf, parameter } from "../types/types";
import type { Value } from "../values/values";
import type { Library } from "./library";

const T = parameter("T");

/** cel-go's set extension. */
export const SETS: Library = {
  functions: {
    "sets.contains": [fn("list_sets_contains_list", [listOf(T), listOf(T)], BOOL, containsAll)],
    "sets.equivalent": [
      fn("list_sets_equivalent_list", [listOf(T), listOf(T)], BOOL, (a, b) => {
        const contained = containsAll(a, b);
        return contained === true ? containsAll(b, a) : contained;
      }),
    ],
    "sets.intersects": [
      fn("list_sets_intersects_list", [listOf(T), listOf(T)], BOOL, (a, b) => a.some((element) => listContains(b, element) === true)),
    ],
  },
};

function containsAll(list: readonly Value[], sublist: readonly Value[]): boolean {
  return sublist.every((element) => listContains(list, element) === true);
}
