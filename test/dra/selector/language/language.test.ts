/** Which selectors a claim may have: the checker of the policy pack, and the pattern of the admission policies, made from one table. */
import fc from "fast-check";
import { selectorProblem } from "../../../../src/dra/selector/language/check";
import { hasAllowedWords, SELECTOR_PATTERN } from "../../../../src/dra/selector/language/pattern";
import { positionOf } from "../../../../src/dra/selector/language/problem";
import { INSTEAD } from "../../../../src/dra/selector/language/vocabulary";
import { compileSelector } from "../../../../src/dra/selector/selector";
import { RULES } from "../../../support/rules";
import { JUDGEMENTS } from "../corpus/corpus";
import { selectors } from "./generator";
import { PUBLISHED } from "./published";
import { REFUSED } from "./refused";

describe("the language of selectors", () => {
  it.each(PUBLISHED)("has what is published: %s", (expression) => {
    expect(selectorProblem(expression)).toBeUndefined();
    expect(hasAllowedWords(expression)).toBe(true);
    expect(compileSelector(expression, RULES).type).toBe("selector");
  });

  it.each(REFUSED)("has no %s", (_, expression, instead) => {
    expect(selectorProblem(expression)).toMatchObject({ instead: expect.stringContaining(instead) as unknown });
  });

  it.each(Object.entries(INSTEAD))("has the form that a refusal names: %s", (_, instead) => {
    expect(selectorProblem(instead)).toBeUndefined();
    expect(compileSelector(instead, RULES).type).toBe("selector");
  });

  it("says where the problem is", () => {
    const at = (expression: string) => positionOf(expression, selectorProblem(expression)?.offset ?? -1);
    expect(at(`device.driver == "a" && dyn(1) == 1`)).toBe("column 28");
    expect(at(`device.driver == "a" &&\n  dyn(1) == 1`)).toBe("line 2, column 6");
    expect(at(`device.driver == "é"`)).toBe("column 18");
  });

  it("compiles within the cost limit, but for comparisons of quantities that Kubernetes finds too expensive", () => {
    fc.assert(
      fc.property(selectors, (expression) => {
        const compiled = compileSelector(expression, RULES);
        const message = compiled.type === "invalid" ? compiled.message : "";
        expect(message).toMatch(/^$|no matching overload|exceeds cost limit|Too long/);
      }),
      { numRuns: 300 },
    );
  });
});

describe("the policy pack and the admission policies", () => {
  const PIECE = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[A-Za-z_]\w*|\d+|\s+|[^\w\s]/g;
  const pieces = [
    ...PUBLISHED,
    ...REFUSED.map(([, expression]) => expression),
    ...Object.values(JUDGEMENTS).flatMap((all) => all.map(({ expression }) => expression)),
  ]
    .map((expression) => expression.match(PIECE) ?? [])
    .filter(({ length }) => length < 80);
  const mixed = fc
    .tuple(
      fc.constantFrom(...pieces),
      fc.constantFrom(...pieces),
      fc.constantFrom(...pieces),
      fc.nat(79),
      fc.nat(79),
      fc.nat(79),
      fc.nat(79),
    )
    .map(([a, b, c, end, from, to, begin]) => [...a.slice(0, end), ...b.slice(from, to), ...c.slice(begin)].join(""));
  const corpus = fc.constantFrom(...pieces.map((parts) => parts.join("")));

  it("take the same selectors, as far as words go", () => {
    const disagreements: string[] = [];
    fc.assert(
      fc.property(fc.oneof(selectors, mixed, corpus, fc.string()), (expression) => {
        const problem = selectorProblem(expression);
        const admitted = hasAllowedWords(expression);
        if (problem === undefined ? !admitted : admitted && problem.about === "words") {
          disagreements.push(`${expression}: ${problem?.reason ?? "allowed"}`);
        }
      }),
      { numRuns: 3_000 },
    );
    expect(disagreements).toEqual([]);
  });

  it("share a pattern that fits a raw string of CEL", () => {
    expect(SELECTOR_PATTERN).not.toMatch(/["'\n]/);
  });
});
