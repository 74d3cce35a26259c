import { compare, equal } from "../values/equality";
import { EvaluationError } from "../values/failures";
import { method } from "../types/overloads";
import { BOOL, BYTES, DOUBLE, INT, listOf, parameter, STRING, UINT } from "../types/types";
import type { CelType } from "../types/types";
import { isFailure, toInt, toUint, Uint } from "../values/values";
import type { Value } from "../values/values";
import type { Library } from "./library";

const A = parameter("A");

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

/** Kubernetes' library of lists (`k8s.io/apiserver/pkg/cel/library/lists.go`). */
export const KUBERNETES_LISTS: Library = {
  functions: {
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
      method("list_a_index_of_int", [listOf(A), A], INT, (list, item) =>
        BigInt(list.findIndex((element) => equal(element, item) === true)),
      ),
    ],
    lastIndexOf: [
      method("list_a_last_index_of_int", [listOf(A), A], INT, (list, item) =>
        BigInt(list.findLastIndex((element) => equal(element, item) === true)),
      ),
    ],
  },
};

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
