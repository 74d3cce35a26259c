import { compile } from "../../../src/cel/compile";
import { selectorEnvironment } from "../../../src/dra/selector/environment";
import { compileSelector } from "../../../src/dra/selector/selector";
import { DEVICES, isWordedOurWay, JUDGEMENTS, NOT_EVALUATED, notModelled, REFUSED_HERE_ONLY } from "./corpus/corpus";
import { RULES } from "../../support/rules";

const judged = Object.entries(JUDGEMENTS).map(
  ([group, judgements]) =>
    [group, judgements.filter(({ expression }) => notModelled(expression) === undefined && !(expression in REFUSED_HERE_ONLY))] as const,
);

describe("selectors held against Kubernetes 1.34.4", () => {
  it.each(judged)("says of every device what kube-scheduler says: %s", (_, judgements) => {
    const disagreements = judgements.flatMap(({ expression, refused, verdicts = {} }): readonly object[] => {
      const selector = compileSelector(expression, RULES);
      if (refused !== undefined || selector.type === "invalid") {
        return (refused === undefined) === (selector.type === "selector") ? [] : [{ expression, refused, ours: selector }];
      }
      return Object.entries(verdicts).flatMap(([device, verdict]) => {
        const input = DEVICES[device];
        const ours = input && selector.evaluate(input);
        const expected = expression in NOT_EVALUATED ? "error" : verdict.split(":")[0];
        return ours?.type === expected ? [] : [{ expression, device, verdict, ours }];
      });
    });
    expect(disagreements).toEqual([]);
  });

  it.each(judged)("estimates the API server's cost to the unit: %s", (_, judgements) => {
    const accepted = judgements.filter(({ refused }) => refused === undefined);
    const ours = accepted.map(({ expression }) => {
      const compilation = compile(expression, selectorEnvironment(RULES));
      return { expression, cost: compilation.type === "program" ? compilation.cost : undefined };
    });
    expect(ours).toEqual(accepted.map(({ expression, cost = 0 }) => ({ expression, cost })));
  });

  it.each(judged)("words its refusals like the API server, syntax errors aside: %s", (_, judgements) => {
    const worded = judgements.filter(
      ({ refused, expression }) => refused?.includes("Syntax error") === false && !isWordedOurWay(expression),
    );
    expect(worded.map(({ expression }) => wordingOf(expression))).toEqual(worded.map(({ refused }) => refused));
  });

  it("says which attribute is missing in the scheduler's words", () => {
    const errors = judged.flatMap(([, judgements]) =>
      judgements.flatMap(({ expression, verdicts = {} }) =>
        Object.entries(verdicts)
          .filter(([, verdict]) => verdict.startsWith("error: no such key"))
          .map(([device, verdict]) => ({ expression, device, verdict })),
      ),
    );
    expect(errors.length).toBeGreaterThan(500);
    for (const { expression, device, verdict } of errors) {
      const selector = compileSelector(expression, RULES);
      const input = DEVICES[device];
      expect(selector.type === "selector" && input && selector.evaluate(input)).toEqual({
        type: "error",
        message: verdict.slice("error: ".length),
      });
    }
  });

  it("refuses what it does not model, all of which Kubernetes has", () => {
    const all = Object.values(JUDGEMENTS).flat();
    expect(all.filter(({ expression }) => notModelled(expression) === "something else")).toEqual([]);
  });

  it.each(Object.keys(REFUSED_HERE_ONLY))("refuses %s, which Kubernetes does not", (expression) => {
    const judgement = Object.values(JUDGEMENTS)
      .flat()
      .find((candidate) => candidate.expression === expression);
    expect(judgement).toMatchObject({ verdicts: expect.anything() as unknown });
    expect(compileSelector(expression, RULES).type).toBe("invalid");
  });
});

function wordingOf(expression: string): string | undefined {
  const selector = compileSelector(expression, RULES);
  return selector.type === "invalid" ? selector.message : undefined;
}
