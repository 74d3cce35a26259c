import { EvaluationError, Unknown } from "../values/failures";
import { TWO_VARIABLE_MACROS } from "../syntax/macros";
import { fn } from "../types/overloads";
import { mapOf, parameter } from "../types/types";
import { EntryMap } from "../values/values";
import type { CelMap, Value } from "../values/values";
import type { Library } from "./library";

const K = parameter("K");
const V = parameter("V");
const MAP = mapOf(K, V);

/** cel-go's comprehensions of two variables. The functions are what `transformMap` and `transformMapEntry` call at every step. */
export const TWO_VARIABLE_COMPREHENSIONS: Library = {
  functions: {
    "cel.@mapInsert": [
      fn("@mapInsert_map_key_value", [MAP, K, V], MAP, (map, key, value) => insert(map, [[key, value]])),
      fn("@mapInsert_map_map", [MAP, MAP], MAP, (map, added) => {
        const keys = added.keys();
        return keys instanceof Unknown
          ? keys
          : insert(
              map,
              keys.map((key) => [key, added.find(key) ?? null]),
            );
      }),
    ],
  },
  macros: TWO_VARIABLE_MACROS,
};

function insert(map: CelMap, entries: readonly (readonly [Value, Value])[]): Value {
  const keys = map.keys();
  if (keys instanceof Unknown) {
    return keys;
  }
  for (const [key] of entries) {
    if (map.find(key) !== undefined) {
      return new EvaluationError(
        `insert failed: key ${typeof key === "bigint" || typeof key === "string" ? String(key) : ""} already exists`,
      );
    }
  }
  return new EntryMap([...keys.map((key) => [key, map.find(key) ?? null] as const), ...entries]);
}
