import { EvaluationError, Unknown } from "./failures";
import { Quantity } from "./quantity";
import { SemanticVersion } from "./semantic-version";
import { CelMap, CelObject, compareStrings, isList, Optional, TypeValue, Uint } from "./values";
import type { Value } from "./values";

const NO_SUCH_OVERLOAD = new EvaluationError("no such overload");

/**
 * `a == b` as cel-go decides it: by the left value. Values of different types are unequal, with exceptions that matter to selectors:
 * numbers compare across their types, and a version or quantity on the left with anything else but null is an error
 * (`version == "1.2.3"` fails where `"1.2.3" == version` is false); so is a quantity with the result of `add` or `sub` on the right.
 */
export function equal(a: Value, b: Value): boolean | EvaluationError | Unknown {
  if (a instanceof Unknown || b instanceof Unknown) {
    const [unknown, other] = a instanceof Unknown ? [a, b] : [b as Unknown, a];
    return unknown.differsFrom(other) ? false : Unknown.instance;
  }
  if (a === null || b === null) {
    return a === b;
  }
  switch (typeof a) {
    case "boolean":
    case "string":
      return a === b;
    case "bigint":
    case "number":
      return compareNumbers(a, b) === 0;
  }
  if (a instanceof Uint) {
    return compareNumbers(a, b) === 0;
  }
  if (a instanceof Uint8Array) {
    return b instanceof Uint8Array && compareBytes(a, b) === 0;
  }
  if (a instanceof Quantity) {
    return b instanceof Quantity && !b.computed ? a.compare(b) === 0 : NO_SUCH_OVERLOAD;
  }
  if (a instanceof SemanticVersion) {
    return b instanceof SemanticVersion ? a.compare(b) === 0 : NO_SUCH_OVERLOAD;
  }
  if (a instanceof CelObject) {
    return a === b;
  }
  if (a instanceof TypeValue) {
    return b instanceof TypeValue && a.name === b.name;
  }
  if (a instanceof Optional) {
    return equalOptionals(a, b);
  }
  if (a instanceof CelMap) {
    return b instanceof CelMap ? equalMaps(a, b) : false;
  }
  return isList(a) && isList(b) && a.length === b.length ? allEqual(a.map((element, index) => [element, b[index]])) : false;
}

function equalOptionals(a: Optional, b: Value): boolean | EvaluationError | Unknown {
  if (!(b instanceof Optional)) {
    return false;
  }
  if (a.value === undefined || b.value === undefined) {
    return a.value === b.value;
  }
  return equal(a.value, b.value);
}

function equalMaps(a: CelMap, b: CelMap): boolean | Unknown {
  const keys = a.keys();
  const otherKeys = b.keys();
  if (keys instanceof Unknown || otherKeys instanceof Unknown) {
    return Unknown.instance;
  }
  return keys.length === otherKeys.length && allEqual(keys.map((key) => [a.find(key), b.find(key)]));
}

/** cel-go's rule for what is inside lists and maps: only a pair that is plainly unequal counts, an error does not. */
function allEqual(pairs: readonly (readonly [Value | undefined, Value | undefined])[]): boolean | Unknown {
  let unknown = false;
  for (const [a, b] of pairs) {
    if (a === undefined || b === undefined) {
      return false;
    }
    const same = equal(a, b);
    if (same === false) {
      return false;
    }
    unknown ||= same instanceof Unknown;
  }
  return unknown ? Unknown.instance : true;
}

/** Whether a list has an element equal to the value (`in`). */
export function listContains(list: readonly Value[], value: Value): boolean | Unknown {
  let unknown = false;
  for (const element of list) {
    const same = equal(value, element);
    if (same === true) {
      return true;
    }
    unknown ||= same instanceof Unknown;
  }
  return unknown ? Unknown.instance : false;
}

/** -1, 0 or 1 for values that have an order among each other; an error for others. */
export function compare(a: Value, b: Value): number | EvaluationError {
  if (typeof a === "string") {
    return typeof b === "string" ? compareStrings(a, b) : NO_SUCH_OVERLOAD;
  }
  if (typeof a === "boolean") {
    return typeof b === "boolean" ? Number(a) - Number(b) : NO_SUCH_OVERLOAD;
  }
  if (a instanceof Uint8Array) {
    return b instanceof Uint8Array ? compareBytes(a, b) : NO_SUCH_OVERLOAD;
  }
  const order = compareNumbers(a, b);
  if (order === undefined) {
    return NO_SUCH_OVERLOAD;
  }
  return Number.isNaN(order) ? new EvaluationError("NaN values cannot be ordered") : order;
}

/** -1, 0 or 1 for numbers of any two types, NaN where one of them is, undefined for anything else. */
function compareNumbers(a: Value, b: Value): number | undefined {
  const left = a instanceof Uint ? a.value : a;
  const right = b instanceof Uint ? b.value : b;
  if (typeof left === "bigint" && typeof right === "bigint") {
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if ((typeof left !== "bigint" && typeof left !== "number") || (typeof right !== "bigint" && typeof right !== "number")) {
    return undefined;
  }
  if (Number.isNaN(left) || Number.isNaN(right)) {
    return NaN;
  }
  // An integer is rounded to a double for the comparison, as cel-go does.
  const [x, y] = [Number(left), Number(right)];
  return x < y ? -1 : x > y ? 1 : 0;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) {
      return Math.sign(difference);
    }
  }
  return Math.sign(a.length - b.length);
}
