import { EvaluationError, Unknown } from "../values/failures";
import { typeName } from "../values/type-name";
import { CelMap, derived, isFailure, isList } from "../values/values";
import type { Value } from "../values/values";

/** What a fold goes through, round by round. */
export interface Rounds {
  /** Elements of a list or keys of a map; with two variables, indices of a list. */
  readonly first: readonly Value[];
  /** Elements of a list or values of a map, for the second variable. */
  readonly second: (round: number) => Value | undefined;
}

const NO_SECOND = (): undefined => undefined;

/** The rounds of a fold over a list or map. */
export function roundsOver(range: Value, twoVariables: boolean): Rounds | EvaluationError | Unknown {
  if (isFailure(range)) {
    return derived(range);
  }
  if (isList(range)) {
    return twoVariables
      ? { first: range.map((_, index) => BigInt(index)), second: (round) => range[round] }
      : { first: range, second: NO_SECOND };
  }
  if (range instanceof CelMap) {
    const keys = range.keys();
    return keys instanceof Unknown ? keys : { first: keys, second: twoVariables ? (round) => range.find(keys[round] ?? null) : NO_SECOND };
  }
  return new EvaluationError(
    twoVariables ? `unsupported comprehension range type: ${typeName(range)}` : `got '${typeName(range)}', expected iterable type`,
  );
}
