/** What the selectors of a claim may be written with. */
import { requestedDevices } from "../../src/dra/claims";
import type { ClaimSpec } from "../../src/dra/claims";
import { selectorProblem } from "../../src/dra/selector/language/check";
import { positionOf } from "../../src/dra/selector/language/problem";
import { LIMITS, PATTERN_CALL } from "../../src/dra/selector/language/vocabulary";

/** One sentence for each request with a selector that a claim may not use, and for each limit that the selectors of the claim exceed together. */
export function selectorViolations(spec: ClaimSpec): readonly string[] {
  const requests = spec.requests.flatMap(requestedDevices);
  return [
    ...exceededLimits(requests.flatMap(({ exact }) => exact.selectors)),
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

function exceededLimits(selectors: readonly string[]): readonly string[] {
  const sum = (measure: (selector: string) => number) => selectors.reduce((total, selector) => total + measure(selector), 0);
  const measured = [
    { what: "selectors", is: selectors.length, most: LIMITS.selectors, instead: "Join them with &&" },
    {
      what: "bytes in its selectors",
      is: sum((selector) => Buffer.byteLength(selector)),
      most: LIMITS.totalBytes,
      instead: "Compare fewer attributes",
    },
    {
      what: "regular expressions in its selectors",
      is: sum((selector) => selector.split(PATTERN_CALL).length - 1),
      most: LIMITS.patterns,
      instead: "Use ==, in, startsWith or contains",
    },
  ];
  return measured.flatMap(({ what, is, most, instead }) =>
    is > most ? [`the claim has ${is} ${what}, and at most ${most} are allowed. ${instead}`] : [],
  );
}
