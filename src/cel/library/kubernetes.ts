import { EvaluationError } from "../values/failures";
import { fn, method } from "../types/overloads";
import type { Overload } from "../types/overloads";
import { parseQuantity, quantityOfInt } from "../values/quantity";
import { parseNormalizedVersion, parseSemanticVersion } from "../values/semantic-version";
import { BOOL, DOUBLE, INT, QUANTITY, SEMVER, STRING } from "../types/types";

function version(text: string, normalize: boolean): ReturnType<typeof parseSemanticVersion> {
  return normalize ? parseNormalizedVersion(text) : parseSemanticVersion(text);
}

/** Kubernetes' libraries of quantities (1.28) and semantic versions (1.33). `sign` is a function there, not a method as its documentation says. */
export const KUBERNETES: Readonly<Record<string, readonly Overload[]>> = {
  quantity: [fn("string_to_quantity", [STRING], QUANTITY, parseQuantity)],
  isQuantity: [fn("is_quantity_string", [STRING], BOOL, (text) => !(parseQuantity(text) instanceof EvaluationError))],
  sign: [fn("quantity_sign", [QUANTITY], INT, (quantity) => quantity.sign())],
  asApproximateFloat: [method("quantity_get_float", [QUANTITY], DOUBLE, (quantity) => quantity.asApproximateFloat())],
  asInteger: [
    method(
      "quantity_get_int",
      [QUANTITY],
      INT,
      (quantity) => quantity.asInteger() ?? new EvaluationError("cannot convert value to integer"),
    ),
  ],
  isInteger: [method("quantity_is_integer", [QUANTITY], BOOL, (quantity) => quantity.asInteger() !== undefined)],
  add: [
    method("quantity_add", [QUANTITY, QUANTITY], QUANTITY, (a, b) => a.plus(b)),
    method("quantity_add_int", [QUANTITY, INT], QUANTITY, (a, b) => a.plus(quantityOfInt(b))),
  ],
  sub: [
    method("quantity_sub", [QUANTITY, QUANTITY], QUANTITY, (a, b) => a.plus(b.negated())),
    method("quantity_sub_int", [QUANTITY, INT], QUANTITY, (a, b) => a.plus(quantityOfInt(b).negated())),
  ],
  isGreaterThan: [
    method("quantity_is_greater_than", [QUANTITY, QUANTITY], BOOL, (a, b) => a.compare(b) > 0),
    method("semver_is_greater_than", [SEMVER, SEMVER], BOOL, (a, b) => a.compare(b) > 0),
  ],
  isLessThan: [
    method("quantity_is_less_than", [QUANTITY, QUANTITY], BOOL, (a, b) => a.compare(b) < 0),
    method("semver_is_less_than", [SEMVER, SEMVER], BOOL, (a, b) => a.compare(b) < 0),
  ],
  compareTo: [
    method("quantity_compare_to", [QUANTITY, QUANTITY], INT, (a, b) => BigInt(a.compare(b))),
    method("semver_compare_to", [SEMVER, SEMVER], INT, (a, b) => BigInt(a.compare(b))),
  ],
  semver: [fn("string_to_semver", [STRING], SEMVER, parseSemanticVersion), fn("string_bool_to_semver", [STRING, BOOL], SEMVER, version)],
  isSemver: [
    fn("is_semver_string", [STRING], BOOL, (text) => !(parseSemanticVersion(text) instanceof EvaluationError)),
    fn("is_semver_string_bool", [STRING, BOOL], BOOL, (text, normalize) => !(version(text, normalize) instanceof EvaluationError)),
  ],
  // Numbers beyond int64 wrap around, as Go's conversion does.
  major: [method("semver_major", [SEMVER], INT, ({ major }) => BigInt.asIntN(64, major))],
  minor: [method("semver_minor", [SEMVER], INT, ({ minor }) => BigInt.asIntN(64, minor))],
  patch: [method("semver_patch", [SEMVER], INT, ({ patch }) => BigInt.asIntN(64, patch))],
};
