import fc from "fast-check";
import { formatProblem, parseConfig } from "../../src/config/parse";
import type { RawConfig } from "../../src/config/parse";
import { KEYS, REGION_KEY } from "../../src/config/schema";
import { STACK } from "./stacks";

/** Values as they turn up in stacks: the right ones, almost right ones, and any JSON. */
const word = fc.oneof(
  fc.constantFrom(
    "private",
    "0.0.0.0/0",
    "10.0.0.0/16",
    "us-east-1a",
    "p4d.24xlarge",
    "g5.xlarge",
    "all-balanced",
    "1.34",
    "capacityBlock",
    "type",
    "name",
  ),
  fc.string(),
);
const size = fc.record({ desired: fc.integer(), min: fc.integer(), max: fc.integer() }, { requiredKeys: [] });
const pool = fc.record(
  {
    name: word,
    instanceType: word,
    layout: fc.oneof(word, fc.jsonValue()),
    size,
    capacity: fc.record({ type: word }),
    availabilityZone: word,
  },
  { requiredKeys: [] },
);
const value = fc.oneof(word, fc.integer(), fc.boolean(), fc.array(pool, { maxLength: 3 }), fc.dictionary(word, word), fc.jsonValue());
const change: fc.Arbitrary<RawConfig> = fc.dictionary(fc.oneof(fc.constantFrom(...Object.keys(KEYS), REGION_KEY), fc.string()), value);

const known = [...Object.keys(KEYS), REGION_KEY];

describe("whatever a stack says", () => {
  it("it is either taken or refused, with a key and a reason for every problem", () => {
    fc.assert(
      fc.property(change, (raw) => {
        const result = parseConfig({ ...STACK, ...raw });
        if (result.type === "config") {
          return;
        }
        expect(result.problems).not.toHaveLength(0);
        for (const problem of result.problems) {
          const [top] = problem.key.split(/[.[]/);
          expect([...known, ...Object.keys(raw)].some((key) => problem.key.startsWith(key) || key === top)).toBe(true);
          expect(problem.reason).not.toBe("");
          expect(formatProblem(problem)).toContain(problem.key);
          expect(problem.nearest ?? []).not.toContain(problem.value);
        }
      }),
    );
  });

  it("the answer is the same every time, and what was asked is left as it was", () => {
    fc.assert(
      fc.property(change, (raw) => {
        const stack = { ...STACK, ...raw };
        const before = JSON.stringify(stack);
        const first = parseConfig(stack);
        expect(parseConfig(stack)).toEqual(first);
        expect(JSON.stringify(stack)).toBe(before);
      }),
    );
  });

  it("a key that is not the project's is refused by its name", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((key) => !known.includes(key)),
        (key) => {
          // A computed key, so that "__proto__" is a key like any other.
          const result = parseConfig({ ...STACK, [key]: "x" });
          expect(result.type === "invalid" && result.problems.map((problem) => problem.key)).toEqual([key]);
        },
      ),
    );
  });
});
