/** Whatever somebody writes into a selector, the evaluator answers, and soon. */
import fc from "fast-check";
import { deviceValue } from "../../../src/dra/selector/device-value";
import { compileSelector, evaluatePartially } from "../../../src/dra/selector/selector";
import { RULES } from "../../support/rules";
import { DEVICES, JUDGEMENTS } from "./corpus/corpus";

const inputs = Object.values(DEVICES);
const verdictsOf = (expression: string): readonly string[] => {
  const selector = compileSelector(expression, RULES);
  return selector.type === "invalid" ? ["invalid"] : inputs.map((input) => selector.evaluate(input).type);
};

const PIECE = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[A-Za-z_]\w*|\d+|\s+|[^\w\s]/g;
const pieces = Object.values(JUDGEMENTS)
  .flat()
  .map(({ expression }) => expression.match(PIECE) ?? [])
  .filter(({ length }) => length < 200);

/** The beginning of one expression, a piece of another and the end of a third; sometimes a constant that is large in a way of its own. */
const spliced = fc
  .tuple(
    fc.constantFrom(...pieces),
    fc.constantFrom(...pieces),
    fc.constantFrom(...pieces),
    fc.array(fc.nat(199), { minLength: 4, maxLength: 4 }),
    fc.constantFrom(
      "",
      "",
      "",
      `"1e999999999"`,
      `"9".matches("(a{1000}){1000}")`,
      "-9223372036854775808",
      "1.0e308",
      `"%.99f".format([1.5])`,
      "[]",
      "{}",
    ),
  )
  .map(([a, b, c, [end = 0, from = 0, to = 0, begin = 0], constant]) =>
    [...a.slice(0, end), ...b.slice(from, to), constant, ...c.slice(begin)].join(""),
  );

describe("a selector of any kind", () => {
  it("is answered in the evaluator's own words, for a device that is known and for one that is not", () => {
    fc.assert(
      fc.property(spliced, (expression) => {
        expect(() => verdictsOf(expression)).not.toThrow();
        for (const input of inputs) {
          expect(() =>
            evaluatePartially(expression, deviceValue(input, { attributes: new Map(), capacity: new Map() }), RULES),
          ).not.toThrow();
        }
      }),
      { numRuns: 1_000 },
    );
  });

  const CAPACITY = `device.capacity["gpu.nvidia.com"].memory`;
  it.each([
    ["a large exponent", `quantity("1e999999999").isGreaterThan(quantity("1"))`, "exponent"],
    ["a large negative exponent", `quantity("1e-999999999").isGreaterThan(quantity("1"))`, "exponent"],
    ["a large exponent of nothing", `quantity("0e999999999") == quantity("0")`, "exponent"],
    ["a large exponent beside a device", `${CAPACITY}.add(quantity("1e2147483647")).isLessThan(quantity("1"))`, "exponent"],
    ["a large exponent that is only tested", `isQuantity("1e10000000")`, "exponent"],
    ["many repetitions", `device.driver.matches("${"a{1000}".repeat(11)}")`, "instructions"],
    ["many states and a long text", `"${"a".repeat(1_500)}".matches("${"a?".repeat(2_000)}b")`, "steps"],
  ])("is answered at once: %s", (_, expression, reason) => {
    const started = performance.now();
    const selector = compileSelector(expression, RULES);
    const answer =
      selector.type === "invalid"
        ? selector
        : selector.evaluate({ driver: "gpu.nvidia.com", attributes: {}, capacity: { memory: { value: "40Gi" } } });
    // Milliseconds, on a machine that has nothing else to do. Computed, it would take minutes.
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(answer).toMatchObject({ message: expect.stringMatching(new RegExp(`${reason}.*is not modelled`)) as unknown });
  });

  it("decides nothing by what it does not know", () => {
    for (const unknown of [`isQuantity("1e10000000")`, `"a".matches("\\\\p{L}")`, `"%.2e".format([1.5]) == ""`]) {
      for (const expression of [unknown, `!(${unknown})`, `(${unknown}) || false`, `(${unknown}) ? true : true`]) {
        expect(verdictsOf(expression)).not.toContain("match");
        expect(verdictsOf(expression)).not.toContain("noMatch");
      }
    }
  });
});
