import { formatProblem, formatProblems } from "../../../src/config/reading/problem";

describe("a problem reads", () => {
  it.each([
    [
      "key, value, reason and suggestion",
      { key: "a.b", value: "x", reason: "not legal", nearest: ["y", "z"] },
      'a.b: "x": not legal; did you mean "y" or "z"?',
    ],
    ["key and reason, where there is no value", { key: "a", reason: "it is not set" }, "a: it is not set"],
    ["the value once, where the reason quotes it", { key: "a", value: "x", reason: '"x" is not legal' }, 'a: "x" is not legal'],
    ["numbers without quotes", { key: "a", value: 0, reason: "at least 10", nearest: ["10"] }, "a: 0: at least 10; did you mean 10?"],
    [
      "a suggested word in quotes, whatever the value",
      { key: "a", value: 1, reason: "no key", nearest: ["tags"] },
      'a: 1: no key; did you mean "tags"?',
    ],
  ])("as %s", (_what, problem, text) => {
    expect(formatProblem(problem)).toBe(text);
  });

  it("with the beginning of a value that is long", () => {
    expect(formatProblem({ key: "a", value: "x".repeat(1000), reason: "too long" }).length).toBeLessThan(200);
  });

  it("on a line of its own, under a heading that says how many there are", () => {
    expect(formatProblems([{ key: "a", reason: "one" }]).split("\n")).toEqual([
      expect.stringContaining("Invalid stack configuration. No resources were created"),
      "  - a: one",
    ]);
    expect(
      formatProblems([
        { key: "a", reason: "one" },
        { key: "b", reason: "two" },
      ]).split("\n"),
    ).toEqual([expect.stringContaining("2 problems"), "  - a: one", "  - b: two"]);
  });
});
