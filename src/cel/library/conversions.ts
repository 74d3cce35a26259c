import { EvaluationError } from "../values/failures";
import { fn } from "../types/overloads";
import type { Overload } from "../types/overloads";
import { BOOL, BYTES, DOUBLE, DYN, INT, parameter, STRING, typeOfType, UINT } from "../types/types";
import { typeName } from "../values/type-name";
import { toInt, toUint, TypeValue, Uint } from "../values/values";
import type { Value } from "../values/values";

const A = parameter("A");

function conversionError(from: string, to: string): EvaluationError {
  return new EvaluationError(`type conversion error from '${from}' to '${to}'`);
}

/** Go's `strconv.ParseBool`. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "TRUE", "true", "True"].map((text) => [text, true] as const),
  ...["0", "f", "F", "FALSE", "false", "False"].map((text) => [text, false] as const),
]);

/** Conversions between types. cel-go computes them when it compiles if the argument is constant, and refuses the expression if that fails. */
export const CONVERSIONS: Readonly<Record<string, readonly Overload[]>> = {
  type: [fn("type", [A], typeOfType(A), (value) => new TypeValue(typeName(value)))],
  dyn: [fn("to_dyn", [A], DYN, (value) => value)],
  bool: [
    fn("bool_to_bool", [BOOL], BOOL, (value) => value),
    fn("string_to_bool", [STRING], BOOL, (text) => BOOLEANS.get(text) ?? conversionError("string", "bool")),
  ],
  bytes: [
    fn("bytes_to_bytes", [BYTES], BYTES, (value) => value),
    fn("string_to_bytes", [STRING], BYTES, (text) => new TextEncoder().encode(text)),
  ],
  double: [
    fn("double_to_double", [DOUBLE], DOUBLE, (value) => value),
    fn("int64_to_double", [INT], DOUBLE, Number),
    fn("string_to_double", [STRING], DOUBLE, parseDouble),
    fn("uint64_to_double", [UINT], DOUBLE, ({ value }) => Number(value)),
  ],
  int: [
    fn("int64_to_int64", [INT], INT, (value) => value),
    fn("double_to_int64", [DOUBLE], INT, (value) =>
      // Both limits of int64 are refused, since doubles near them are not exact.
      Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : new EvaluationError("integer overflow"),
    ),
    fn("string_to_int64", [STRING], INT, (text) => parseInteger(text, /^[+-]?\d+$/, toInt, "int")),
    fn("uint64_to_int64", [UINT], INT, ({ value }) => toInt(value)),
  ],
  uint: [
    fn("uint64_to_uint64", [UINT], UINT, (value) => value),
    fn("double_to_uint64", [DOUBLE], UINT, (value) =>
      value >= 0 && value < 2 ** 64 ? new Uint(BigInt(Math.trunc(value))) : new EvaluationError("unsigned integer overflow"),
    ),
    fn("int64_to_uint64", [INT], UINT, toUint),
    fn("string_to_uint64", [STRING], UINT, (text) => parseInteger(text, /^\d+$/, toUint, "uint")),
  ],
  string: [
    fn("string_to_string", [STRING], STRING, (value) => value),
    fn("bool_to_string", [BOOL], STRING, String),
    fn("bytes_to_string", [BYTES], STRING, decodeUtf8),
    fn("double_to_string", [DOUBLE], STRING, formatDouble),
    fn("int64_to_string", [INT], STRING, String),
    fn("uint64_to_string", [UINT], STRING, ({ value }) => String(value)),
  ],
};

function parseInteger(text: string, pattern: RegExp, limit: (value: bigint) => Value, type: string): Value {
  const value = pattern.test(text) ? limit(BigInt(text.replace(/^\+/, ""))) : undefined;
  return value === undefined || value instanceof EvaluationError ? conversionError("string", type) : value;
}

/** Go's `strconv.ParseFloat`, without hexadecimal numbers. An underscore may stand between digits. */
function parseDouble(text: string): number | EvaluationError {
  if (/^[+-]?(inf|infinity)$/i.test(text)) {
    return text.startsWith("-") ? -Infinity : Infinity;
  }
  if (/^nan$/i.test(text)) {
    return NaN;
  }
  const digits = text.replace(/(?<=\d)_(?=\d)/g, "");
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(digits) ? Number(digits) : Infinity;
  return Number.isFinite(value) ? value : conversionError("string", "double");
}

function decodeUtf8(bytes: Uint8Array): Value {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new EvaluationError("invalid UTF-8 in bytes, cannot convert to string");
  }
}

/** Go's `%g`: the shortest digits that identify the number, with an exponent below 10^-4 and from 10^6 on. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) {
    return "NaN";
  }
  if (!Number.isFinite(value)) {
    return value > 0 ? "+Inf" : "-Inf";
  }
  const [mantissa = "0", exponentText = "0"] = Math.abs(value).toExponential().split("e");
  const exponent = Number(exponentText);
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (exponent < -4 || exponent >= 6) {
    return `${sign}${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const digits = mantissa.replace(".", "");
  if (exponent < 0) {
    return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  }
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = digits.slice(exponent + 1);
  return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
