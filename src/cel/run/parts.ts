import { EvaluationError } from "../values/failures";
import type { Value } from "../values/values";

/** Values of an environment's variables by name. */
export type Variables = Readonly<Record<string, Value>>;

/** State of one evaluation: the environment's variables, and those of folds by number. */
export interface Frame {
  readonly variables: Variables;
  readonly locals: (Value | undefined)[];
}

export type Run = (frame: Frame) => Value;

/** A part of the program. */
export interface Part {
  readonly run: Run;
  /** Its value where that does not depend on a variable. */
  readonly value: Value | undefined;
  /** Whether it is a constant for cel-go as well, which computes conversions and membership of constants ahead of time. */
  readonly constant: boolean;
}

export const NO_SUCH_OVERLOAD = new EvaluationError("no such overload");

export function constant(value: Value): Part {
  return { run: () => value, value, constant: true };
}

/** The variable in a slot, which its fold sets before anything reads it. */
export function variable(slot: number): Run {
  return ({ locals }) => {
    const value = locals[slot];
    return value === undefined ? NO_SUCH_OVERLOAD : value;
  };
}

export function dynamic(run: Run): Part {
  return { run, value: undefined, constant: false };
}

/** A list or map: computed once if all its parts are constant. */
export function literal(run: Run, parts: readonly Part[]): Part {
  return parts.every((part) => part.constant) ? constant(run(NO_FRAME)) : dynamic(run);
}

/** For what uses no variable. */
export const NO_FRAME: Frame = { variables: {}, locals: [] };
