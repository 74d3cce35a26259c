/** What the selectors of a claim may be written with. */
import { requestedDevices } from "../../src/dra/claims";
import type { ClaimSpec } from "../../src/dra/claims";
import { selectorProblem } from "../../src/dra/selector/language/check";
import { positionOf } from "../../src/dra/selector/language/problem";
import { LIMITS } from "../../src/dra/selector/language/vocabulary";

/** One sentence for each request with a selector that a claim may not use, and for too many selectors. */
export function selectorViolations(spec: ClaimSpec): readonly string[] {
  const requests = spec.requests.flatMap(requestedDevices);
  const count = requests.reduce((sum, { exact }) => sum + exact.selectors.length, 0);
  const tooMany =
    count > LIMITS.selectors ? [`the claim has ${count} selectors, and at most ${LIMITS.selectors} are allowed. Join them with &&`] : [];
  return [
    ...tooMany,
    ...requests.flatMap(({ reference, exact }) =>
      exact.selectors.flatMap((expression) => {
        const problem = selectorProblem(expression);
        return problem === undefined
          ? []
          : [
              `request "${reference}": selector, ${positionOf(expression, problem.offset)}: ${problem.reason}. Write for example ${problem.instead}`,
            ];
      }),
    ),
  ];
}
