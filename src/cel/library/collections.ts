import { compare, equal, listContains } from "../values/equality";
import { EvaluationError, Unknown } from "../values/failures";
import { fn, instruction, method } from "../types/overloads";
import type { Overload } from "../types/overloads";
import { BOOL, BYTES, DOUBLE, DYN, INT, listOf, mapOf, optionalOf, parameter, STRING, UINT } from "../types/types";
import type { CelType } from "../types/types";
import { CelMap, EntryMap, isFailure, isList, Optional, toInt, toUint, Uint } from "../values/values";
import type { Value } from "../values/values";

const A = parameter("A");
const T = parameter("T");
const K = parameter("K");
const V = parameter("V");
const MAP = mapOf(K, V);
const OPTIONAL = optionalOf(V);

const COMPARABLE: readonly (readonly [string, CelType])[] = [
  ["int", INT],
  ["uint", UINT],
  ["double", DOUBLE],
  ["bool", BOOL],
  ["string", STRING],
  ["bytes", BYTES],
];
const SUMMABLE: readonly (readonly [string, CelType, Value])[] = [
  ["int", INT, 0n],
  ["uint", UINT, new Uint(0n)],
  ["double", DOUBLE, 0],
];

/** Kubernetes' list library. */
const LISTS: Readonly<Record<string, readonly Overload[]>> = {
  isSorted: COMPARABLE.map(([name, type]) => ({
    ...method(`list_${name}_is_sorted_bool`, [listOf(A)], BOOL, isSorted),
    parameters: [listOf(type)],
  })),
  sum: SUMMABLE.map(([name, type, zero]) => ({
    ...method(`list_${name}_sum_${name}`, [listOf(A)], type, (list) => sum(list, zero)),
    parameters: [listOf(type)],
  })),
  max: COMPARABLE.map(([name, type]) => ({
    ...method(`list_${name}_max_${name}`, [listOf(A)], type, (list) => extreme(list, "max", (order) => order < 0)),
    parameters: [listOf(type)],
  })),
  min: COMPARABLE.map(([name, type]) => ({
    ...method(`list_${name}_min_${name}`, [listOf(A)], type, (list) => extreme(list, "min", (order) => order > 0)),
    parameters: [listOf(type)],
  })),
  indexOf: [
    method("list_a_index_of_int", [listOf(A), A], INT, (list, item) => BigInt(list.findIndex((element) => equal(element, item) === true))),
  ],
  lastIndexOf: [
    method("list_a_last_index_of_int", [listOf(A), A], INT, (list, item) =>
      BigInt(list.findLastIndex((element) => equal(element, item) === true)),
    ),
  ],
};

/** cel-go's set extension. */
const SETS: Readonly<Record<string, readonly Overload[]>> = {
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
};

/** cel-go's optionals, version 2. */
const OPTIONALS: Readonly<Record<string, readonly Overload[]>> = {
  "optional.of": [fn("optional_of", [V], OPTIONAL, (value) => new Optional(value))],
  "optional.ofNonZeroValue": [fn("optional_ofNonZeroValue", [V], OPTIONAL, ofNonZeroValue)],
  "optional.none": [fn("optional_none", [], OPTIONAL, () => Optional.none)],
  "optional.unwrap": [fn("optional_unwrap", [listOf(OPTIONAL)], listOf(V), (list) => unwrap(list))],
  unwrapOpt: [method("optional_unwrapOpt", [listOf(OPTIONAL)], listOf(V), (list) => unwrap(list))],
  value: [method("optional_value", [OPTIONAL], V, ({ value }) => value ?? new EvaluationError("optional.none() dereference"))],
  hasValue: [method("optional_hasValue", [OPTIONAL], BOOL, ({ value }) => value !== undefined)],
  first: [method("list_first", [listOf(V)], OPTIONAL, (list) => new Optional(list[0]))],
  last: [method("list_last", [listOf(V)], OPTIONAL, (list) => new Optional(list.at(-1)))],
  or: [instruction("optional_or_optional", [OPTIONAL, OPTIONAL], OPTIONAL, true)],
  orValue: [instruction("optional_orValue_value", [OPTIONAL, V], V, true)],
  "_?._": [instruction("select_optional_field", [DYN, STRING], OPTIONAL)],
  "_[?_]": [
    instruction("list_optindex_optional_int", [listOf(V), INT], OPTIONAL),
    instruction("optional_list_optindex_optional_int", [optionalOf(listOf(V)), INT], OPTIONAL),
    instruction("map_optindex_optional_value", [MAP, K], OPTIONAL),
    instruction("optional_map_optindex_optional_value", [optionalOf(MAP), K], OPTIONAL),
  ],
  "_[_]": [
    instruction("optional_list_index_int", [optionalOf(listOf(V)), INT], OPTIONAL),
    instruction("optional_map_index_value", [optionalOf(MAP), K], OPTIONAL),
  ],
};

/** What `transformMap` and `transformMapEntry` call at every step. */
const MAPS: Readonly<Record<string, readonly Overload[]>> = {
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
};

/** Lists, sets, optionals and maps. */
export const COLLECTIONS = [LISTS, SETS, OPTIONALS, MAPS];

function isSorted(list: readonly Value[]): Value {
  return list.every((element, index) => {
    const previous = list[index - 1];
    return index === 0 || previous === undefined || compare(previous, element) !== 1;
  });
}

function sum(list: readonly Value[], zero: Value): Value {
  return list.reduce<Value>((total, element) => {
    if (typeof total === "bigint" && typeof element === "bigint") {
      return toInt(total + element);
    }
    if (total instanceof Uint && element instanceof Uint) {
      return toUint(total.value + element.value);
    }
    if (typeof total === "number" && typeof element === "number") {
      return total + element;
    }
    return isFailure(total) ? total : new EvaluationError("no such overload");
  }, zero);
}

function extreme(list: readonly Value[], name: string, isBetter: (order: number) => boolean): Value {
  const [first] = list;
  if (first === undefined) {
    return new EvaluationError(`${name} called on empty list`);
  }
  return list.reduce((best, element) => {
    const order = compare(best, element);
    return typeof order === "number" && isBetter(order) ? element : best;
  }, first);
}

function containsAll(list: readonly Value[], sublist: readonly Value[]): boolean {
  return sublist.every((element) => listContains(list, element) === true);
}

function unwrap(list: readonly Value[]): Value {
  const optionals = list.filter((element) => element instanceof Optional);
  return optionals.length === list.length
    ? optionals.map(({ value }) => value).filter((value) => value !== undefined)
    : new EvaluationError("value is not optional");
}

function ofNonZeroValue(value: Value): Value {
  if (value instanceof CelMap) {
    const keys = value.keys();
    return keys instanceof Unknown ? keys : keys.length === 0 ? Optional.none : new Optional(value);
  }
  const isZero =
    value === null ||
    value === false ||
    value === 0n ||
    value === 0 ||
    value === "" ||
    (value instanceof Uint && value.value === 0n) ||
    ((value instanceof Uint8Array || isList(value)) && value.length === 0);
  return isZero ? Optional.none : new Optional(value);
}

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
