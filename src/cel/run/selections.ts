import { EvaluationError } from "../values/failures";
import { typeName } from "../values/type-name";
import type { Part, Run } from "./parts";
import { CelMap, derived, isFailure, isList, Optional, Uint } from "../values/values";
import type { Value } from "../values/values";

/** One selection or indexing. */
export interface Step {
  readonly key: Part;
  readonly optional: boolean;
}

/** A value and what is selected from it step by step. From the first optional step on, what is absent makes the result an empty optional. */
export function selection(base: Run, steps: readonly Step[]): Run {
  return (frame) => {
    let value = base(frame);
    let optional = false;
    if (isFailure(value)) {
      return steps.length > 0 ? derived(value) : value;
    }
    if (value instanceof Optional && steps.length > 0) {
      if (value.value === undefined) {
        return value;
      }
      value = value.value;
      optional = true;
    }
    for (const step of steps) {
      optional ||= step.optional;
      const key = step.key.run(frame);
      const found = isFailure(key) ? derived(key) : lookUp(value, key);
      if (found === undefined) {
        return optional ? Optional.none : missing(value, key);
      }
      if (isFailure(found)) {
        return step === steps.at(-1) ? found : derived(found);
      }
      value = found;
    }
    return optional ? new Optional(value) : value;
  };
}

/** `has()`: whether the last step finds something. Errors before it are errors, unless an optional step comes first. */
export function presence(base: Run, steps: readonly Step[]): Run {
  const before = selection(base, steps.slice(0, -1));
  const field = steps.at(-1)?.key.value ?? null;
  return (frame) => {
    const operand = before(frame);
    if (isFailure(operand)) {
      return derived(operand);
    }
    const value = operand instanceof Optional ? operand.value : operand;
    if (value instanceof CelMap) {
      return value.has(field);
    }
    return value !== undefined && isList(value) ? (lookUp(value, field) ?? false) : false;
  };
}

/** The element of a list or the value of a map at a key; undefined where there is none. Values of other types contain nothing. */
function lookUp(container: Value, key: Value): Value | undefined {
  if (!isKey(key)) {
    return new EvaluationError(`invalid qualifier type: ${typeName(key)}`);
  }
  if (container instanceof CelMap) {
    return container.find(key);
  }
  if (!isList(container)) {
    return undefined;
  }
  const index = key instanceof Uint ? Number(key.value) : typeof key === "bigint" || typeof key === "number" ? Number(key) : undefined;
  if (index === undefined) {
    return new EvaluationError(`unsupported index type '${typeName(key)}' in list`);
  }
  return Number.isInteger(index) ? container[index] : new EvaluationError(`unsupported index value ${String(index)} in list`);
}

function missing(container: Value, key: Value): EvaluationError {
  const text = key instanceof Uint ? String(key.value) : typeof key === "object" ? typeName(key) : String(key);
  return new EvaluationError(isList(container) ? `index out of bounds: ${text}` : `no such key: ${text}`);
}

/** Whether lists or maps can be asked for it at all. */
export function isKey(value: Value): boolean {
  return value instanceof Uint || (value !== null && typeof value !== "object");
}
