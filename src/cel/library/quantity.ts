import { EvaluationError } from "../values/failures";
import { fn, method } from "../types/overloads";
import { isQuantity, parseQuantity, quantityOfInt } from "../values/quantity";
import { BOOL, DOUBLE, INT, QUANTITY, STRING } from "../types/types";
import type { Library } from "./library";

/** Kubernetes' library of quantities. `sign` is a function there, not a method as its documentation says. */
export const QUANTITIES: Library = {
  functions: {
    quantity: [fn("string_to_quantity", [STRING], QUANTITY, parseQuantity)],
    isQuantity: [fn("is_quantity_string", [STRING], BOOL, isQuantity)],
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
      method("quantity_sub", [QUANTITY, QUANTITY], QUANTITY, (a, b) => a.minus(b)),
      method("quantity_sub_int", [QUANTITY, INT], QUANTITY, (a, b) => a.minus(quantityOfInt(b))),
    ],
    isGreaterThan: [method("quantity_is_greater_than", [QUANTITY, QUANTITY], BOOL, (a, b) => a.compare(b) > 0)],
    isLessThan: [method("quantity_is_less_than", [QUANTITY, QUANTITY], BOOL, (a, b) => a.compare(b) < 0)],
    compareTo: [method("quantity_compare_to", [QUANTITY, QUANTITY], INT, (a, b) => BigInt(a.compare(b)))],
  },
};
