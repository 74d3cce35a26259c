import { EvaluationError, Unknown } from "../values/failures";
import { NO_SUCH_OVERLOAD } from "./parts";
import type { Part, Run } from "./parts";
import { Optional } from "../values/values";

/** `&&` or `||`: the first term that decides decides, whatever else there is; then unknowns count more than errors. */
export function logical(terms: readonly Run[], deciding: boolean): Run {
  return (frame) => {
    let failure: EvaluationError | Unknown | undefined;
    for (const term of terms) {
      const value = term(frame);
      if (value === deciding) {
        return deciding;
      }
      if (value === !deciding) {
        continue;
      }
      if (value instanceof Unknown) {
        failure = Unknown.instance;
      } else {
        failure ??= value instanceof EvaluationError ? value : NO_SUCH_OVERLOAD;
      }
    }
    return failure ?? !deciding;
  };
}

/** `a.or(b)` and `a.orValue(b)`; as in cel-go, what is no optional is passed through. */
export function alternative([optional, other]: readonly Part[], { unwrapped }: { readonly unwrapped: boolean }): Run {
  if (optional === undefined || other === undefined) {
    throw new Error("or and orValue have two sides");
  }
  return (frame) => {
    const value = optional.run(frame);
    if (!(value instanceof Optional)) {
      return value;
    }
    return value.value === undefined ? other.run(frame) : unwrapped ? value.value : value;
  };
}
