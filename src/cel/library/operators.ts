import { compare, listContains } from "../values/equality";
import { EvaluationError } from "../values/failures";
import { fn, instruction, method } from "../types/overloads";
import type { Overload } from "../types/overloads";
import { BOOL, BYTES, DOUBLE, INT, listOf, mapOf, parameter, STRING, UINT } from "../types/types";
import type { CelType, TypeOf } from "../types/types";
import { characterCount, isList, toInt, toUint } from "../values/values";
import type { CelMap, Uint, Value } from "../values/values";

const A = parameter("A");
const B = parameter("B");
const LIST = listOf(A);
const MAP = mapOf(A, B);

/** Types with an order, as the overloads of `<` name them; numbers also compare across their types. */
const ORDERED: readonly (readonly [string, CelType, string, CelType])[] = [
  ["bool", BOOL, "", BOOL],
  ["int64", INT, "", INT],
  ["int64", INT, "_double", DOUBLE],
  ["int64", INT, "_uint64", UINT],
  ["uint64", UINT, "", UINT],
  ["uint64", UINT, "_double", DOUBLE],
  ["uint64", UINT, "_int64", INT],
  ["double", DOUBLE, "", DOUBLE],
  ["double", DOUBLE, "_int64", INT],
  ["double", DOUBLE, "_uint64", UINT],
  ["string", STRING, "", STRING],
  ["bytes", BYTES, "", BYTES],
];

function relation(name: string, holds: (order: number) => boolean): readonly Overload[] {
  const apply = (a: Value, b: Value): Value => {
    const order = compare(a, b);
    return order instanceof EvaluationError ? order : holds(order);
  };
  return ORDERED.map(([left, leftType, right, rightType]) => ({
    ...fn(`${name}_${left}${right}`, [A, A], BOOL, apply),
    parameters: [leftType, rightType],
  }));
}

function arithmetic(
  name: string,
  operations: {
    readonly integers: (a: bigint, b: bigint) => bigint | EvaluationError;
    readonly doubles?: (a: number, b: number) => number;
  },
): readonly Overload[] {
  const { integers, doubles } = operations;
  return [
    ...(doubles === undefined ? [] : [fn(`${name}_double`, [DOUBLE, DOUBLE], DOUBLE, doubles)]),
    fn(`${name}_int64`, [INT, INT], INT, (a, b) => checked(integers(a, b), toInt)),
    fn(`${name}_uint64`, [UINT, UINT], UINT, (a, b) => checked(integers(a.value, b.value), toUint)),
  ];
}

function checked(result: bigint | EvaluationError, limit: (value: bigint) => bigint | Uint | EvaluationError): Value {
  return result instanceof EvaluationError ? result : limit(result);
}

/** `size(value)` and `value.size()`. */
function size<T extends Value>(id: string, type: TypeOf<T>, count: (value: T) => Value): readonly Overload[] {
  return [fn<[T]>(`size_${id}`, [type], INT, count), method<[T]>(`${id}_size`, [type], INT, count)];
}

function mapSize(map: CelMap): Value {
  const keys = map.keys();
  return "length" in keys ? BigInt(keys.length) : keys;
}

/** Operators of CEL and `size()`. Those without an implementation are instructions of the evaluator. */
export const OPERATORS: Readonly<Record<string, readonly Overload[]>> = {
  "_?_:_": [instruction("conditional", [BOOL, A, A], A)],
  "_&&_": [instruction("logical_and", [BOOL, BOOL], BOOL)],
  "_||_": [instruction("logical_or", [BOOL, BOOL], BOOL)],
  "!_": [fn("logical_not", [BOOL], BOOL, (value) => !value)],
  "@not_strictly_false": [instruction("not_strictly_false", [BOOL], BOOL)],
  "_==_": [instruction("equals", [A, A], BOOL)],
  "_!=_": [instruction("not_equals", [A, A], BOOL)],
  "_<_": relation("less", (order) => order < 0),
  "_<=_": relation("less_equals", (order) => order <= 0),
  "_>_": relation("greater", (order) => order > 0),
  "_>=_": relation("greater_equals", (order) => order >= 0),
  "_+_": [
    fn("add_bytes", [BYTES, BYTES], BYTES, (a, b) => new Uint8Array([...a, ...b])),
    ...arithmetic("add", { integers: (a, b) => a + b, doubles: (a, b) => a + b }),
    fn("add_list", [LIST, LIST], LIST, (a, b) => [...a, ...b]),
    fn("add_string", [STRING, STRING], STRING, (a, b) => a + b),
  ],
  "_-_": arithmetic("subtract", { integers: (a, b) => a - b, doubles: (a, b) => a - b }),
  "_*_": arithmetic("multiply", { integers: (a, b) => a * b, doubles: (a, b) => a * b }),
  "_/_": arithmetic("divide", {
    integers: (a, b) => (b === 0n ? new EvaluationError("division by zero") : a / b),
    doubles: (a, b) => a / b,
  }),
  "_%_": arithmetic("modulo", { integers: modulo }),
  "-_": [fn("negate_double", [DOUBLE], DOUBLE, (value) => -value), fn("negate_int64", [INT], INT, (value) => toInt(-value))],
  "_[_]": [instruction("index_list", [LIST, INT], A), instruction("index_map", [MAP, A], B)],
  "@in": [
    fn("in_list", [A, LIST], BOOL, (value, list) => (isList(list) ? listContains(list, value) : new EvaluationError("no such overload"))),
    fn("in_map", [A, MAP], BOOL, (value, map) => map.contains(value)),
  ],
  size: [
    ...size("bytes", BYTES, (value) => BigInt(value.length)),
    ...size("list", LIST, (value) => BigInt(value.length)),
    ...size("map", MAP, mapSize),
    ...size("string", STRING, (value) => BigInt(characterCount(value))),
  ],
};

/** The smallest int modulo -1 overflows like its quotient does. */
function modulo(a: bigint, b: bigint): bigint | EvaluationError {
  if (b === 0n) {
    return new EvaluationError("modulus by zero");
  }
  return b === -1n && toInt(-a) instanceof EvaluationError ? new EvaluationError("integer overflow") : a % b;
}
