import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../src/dra/cel/compile";
import { compileSelector } from "../../src/dra/selector";
import type { SelectorInput } from "../../src/dra/types";

/** What Kubernetes 1.34.4 says of an expression; see selector-corpus/README.md for how these were obtained. */
interface Judgement {
  readonly expression: string;
  readonly refused?: string;
  readonly cost?: number;
  /** By device: `match`, `noMatch`, or `error: ` and a message. */
  readonly verdicts?: Readonly<Record<string, string>>;
}

function read<T>(file: string): T {
  return JSON.parse(readFileSync(join(__dirname, "selector-corpus", file), "utf8")) as T;
}

const { devices } = read<{ readonly devices: Readonly<Record<string, SelectorInput>> }>("expressions.json");
const corpus = read<Readonly<Record<string, readonly Judgement[]>>>("verdicts.json");

/** The one liberty that is taken: what no device attribute can hold is refused instead of evaluated, and says so. */
function isNotModelled(expression: string): boolean {
  const selector = compileSelector(expression);
  return selector.type === "invalid" && selector.message.includes("not modelled by this evaluator");
}

/** Differences besides. All are on the safe side: Kubernetes accepts the expression, here it is refused. */
const REFUSED_HERE_ONLY = [
  // null passes for a duration or timestamp, which have an order.
  "null < null",
  "[null].isSorted()",
  // A hexadecimal floating point number.
  "double('0x1p3') == 8.0",
  // More decimals than anybody can mean.
  '"%.9999f".format([1.0]) == ""',
];

const judged = Object.entries(corpus).map(
  ([group, judgements]) =>
    [group, judgements.filter(({ expression }) => !isNotModelled(expression) && !REFUSED_HERE_ONLY.includes(expression))] as const,
);

describe("selectors held against Kubernetes 1.34.4", () => {
  it.each(judged)("says of every device what kube-scheduler says: %s", (_, judgements) => {
    const disagreements = judgements.flatMap(({ expression, refused, verdicts = {} }): readonly object[] => {
      const selector = compileSelector(expression);
      if (refused !== undefined || selector.type === "invalid") {
        return (refused === undefined) === (selector.type === "selector") ? [] : [{ expression, refused, ours: selector }];
      }
      return Object.entries(verdicts).flatMap(([device, verdict]) => {
        const input = devices[device];
        const ours = input && selector.evaluate(input);
        return ours?.type === verdict.split(":")[0] ? [] : [{ expression, device, verdict, ours }];
      });
    });
    expect(disagreements).toEqual([]);
  });

  it.each(judged)("estimates the API server's cost to the unit: %s", (_, judgements) => {
    const accepted = judgements.filter(({ refused }) => refused === undefined);
    const ours = accepted.map(({ expression }) => {
      const compilation = compile(expression);
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
      const selector = compileSelector(expression);
      const input = devices[device];
      expect(selector.type === "selector" && input && selector.evaluate(input)).toEqual({
        type: "error",
        message: verdict.slice("error: ".length),
      });
    }
  });

  it("refuses what it does not model, all of which Kubernetes has", () => {
    const notModelled = Object.values(corpus)
      .flat()
      .filter(({ expression }) => isNotModelled(expression));
    const about = /duration|timestamp|\bip\b|isIP|cidr|isCIDR|\burl|isURL|format\.|google\.protobuf|kubernetes\.DRADevice/;
    expect(notModelled.filter(({ expression }) => !about.test(expression))).toEqual([]);
  });

  it.each(REFUSED_HERE_ONLY)("refuses %s, which Kubernetes does not", (expression) => {
    const judgement = Object.values(corpus)
      .flat()
      .find((candidate) => candidate.expression === expression);
    expect(judgement).toMatchObject({ verdicts: expect.anything() as unknown });
    expect(compileSelector(expression).type).toBe("invalid");
  });
});

function wordingOf(expression: string): string | undefined {
  const selector = compileSelector(expression);
  return selector.type === "invalid" ? selector.message : undefined;
}

/** Go's type names in place of CEL's, and a panic that we do not repeat. */
function isWordedOurWay(expression: string): boolean {
  return (
    /invalid qualifier type|the API server cannot validate an optional element/.test(wordingOf(expression) ?? "") ||
    expression === "string(null)" ||
    expression === "authorizer.path('/').check('get').allowed()"
  );
}
