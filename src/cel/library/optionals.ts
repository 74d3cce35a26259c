import { EvaluationError, Unknown } from "../values/failures";
import { OPTIONAL_MACROS } from "../syntax/macros";
import { fn, instruction, method } from "../types/overloads";
import { BOOL, DYN, INT, listOf, mapOf, optionalOf, parameter, STRING } from "../types/types";
import { CelMap, isList, Optional, Uint } from "../values/values";
import type { Value } from "../values/values";
import type { Library } from "./library";

const K = parameter("K");
const V = parameter("V");
const MAP = mapOf(K, V);
const OPTIONAL = optionalOf(V);

/** cel-go's optionals, version 2. */
export const OPTIONALS: Library = {
  functions: {
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
  },
  macros: OPTIONAL_MACROS,
};

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
