/** The environment is a value: what an expression may use, and within which limits, is what its environment says. */
import { compile } from "../../src/cel/compile";
import { makeEnvironment } from "../../src/cel/environment";
import type { EnvironmentParts } from "../../src/cel/environment";
import { BINDINGS_V0 } from "../../src/cel/library/bindings";
import { KUBERNETES_LISTS } from "../../src/cel/library/lists";
import { OPTIONALS } from "../../src/cel/library/optionals";
import { STANDARD } from "../../src/cel/library/standard";
import { STRINGS_V2 } from "../../src/cel/library/strings";
import { TWO_VARIABLE_COMPREHENSIONS } from "../../src/cel/library/two-variables";
import type { Variables } from "../../src/cel/run/parts";
import { BOOL, DYN, INT, listOf, STRING } from "../../src/cel/types/types";
import { EvaluationError } from "../../src/cel/values/failures";
import { EntryMap } from "../../src/cel/values/values";

const POINT = { kind: "object", name: "test.Point", parameters: [] } as const;

const PARTS: EnvironmentParts = {
  libraries: [STANDARD],
  variables: { anything: { type: DYN }, point: { type: POINT }, names: { type: listOf(STRING), sizes: { max: 10, values: { max: 5 } } } },
  objects: { [POINT.name]: { x: INT, near: BOOL } },
  whyNotModelled: "nothing here is a time",
  results: ["bool"],
  limits: { maxLengthBytes: 200, maxCost: 1_000 },
};

function resultOf(expression: string, variables: Variables = {}, parts: Partial<EnvironmentParts> = {}): unknown {
  const compilation = compile(expression, makeEnvironment({ ...PARTS, ...parts }));
  if (compilation.type === "refused") {
    return compilation.message;
  }
  const value = compilation.run(variables);
  return value instanceof EvaluationError ? `error: ${value.message}` : value;
}

describe("libraries", () => {
  it.each([
    ["'A'.lowerAscii() == 'a'", STRINGS_V2],
    ["[1, 2].isSorted()", KUBERNETES_LISTS],
    ["optional.of(1).hasValue()", OPTIONALS],
    ["cel.bind(a, 1, a == 1)", BINDINGS_V0],
    ["['a'].all(i, v, i == 0 && v == 'a')", TWO_VARIABLE_COMPREHENSIONS],
  ])("%s is an expression where its library is there, and none where it is not", (expression, library) => {
    expect(resultOf(expression, {}, { libraries: [STANDARD, library] })).toBe(true);
    expect(resultOf(expression)).toMatch(/^compilation failed: .*(undeclared reference|no matching overload)/s);
  });

  it("say which of their functions are not modelled, and the environment why", () => {
    expect(resultOf("duration('1s') == duration('1s')")).toContain("'duration' is not modelled by this evaluator: nothing here is a time");
  });
});

describe("variables", () => {
  it("have a value each, by name", () => {
    const point = new EntryMap([
      ["x", 3n],
      ["near", true],
    ]);
    expect(resultOf("point.near && point.x == 3 && anything == 'a'", { point, anything: "a" })).toBe(true);
  });

  it("of no type may be anything, and what does not fit is an error of the evaluation", () => {
    const limits = { maxLengthBytes: 200, maxCost: Infinity };
    expect(resultOf("anything.a.all(v, v > 1)", { anything: new EntryMap([["a", [2n, 3n]]]) }, { limits })).toBe(true);
    expect(resultOf("anything > 1", { anything: "a" })).toBe("error: no such overload");
    expect(resultOf("anything.a == 1", { anything: EntryMap.empty })).toBe("error: no such key: a");
  });

  it("of an object type have the fields of their type, which have types", () => {
    expect(resultOf("point.y == 1")).toContain("undefined field 'y'");
    expect(resultOf("point.x == 'a'")).toContain("no matching overload");
  });

  it("that the environment does not declare are refused, and those that get no value are an error", () => {
    expect(resultOf("device.driver == 'a'")).toContain("undeclared reference to 'device'");
    expect(resultOf("anything == 1")).toBe("error: no such attribute(s): anything");
  });

  it("are hidden by the variable of a fold", () => {
    expect(resultOf("[1].all(anything, anything == 1)", { anything: "a" })).toBe(true);
  });
});

describe("limits", () => {
  it("bound the length of an expression in bytes", () => {
    expect(resultOf("'é' != ''", {}, { limits: { maxLengthBytes: 9, maxCost: 1_000 } })).toContain(
      "Too long: may not be more than 9 bytes (it is 10)",
    );
  });

  it("bound its cost, which follows from the sizes of variables", () => {
    expect(resultOf("names.all(name, name == 'a')", { names: ["a"] })).toBe(true);
    expect(resultOf("names.all(a, names.all(b, names.all(c, a == b && b == c)))")).toBe("too complex, exceeds cost limit");
  });

  it("are unknown for variables without sizes, which makes loops over them too expensive", () => {
    const variables = { names: { type: listOf(STRING) } };
    expect(resultOf("names.all(name, name == 'a')", {}, { variables })).toBe("too complex, exceeds cost limit");
  });
});

it("an expression results in one of the types that the environment names", () => {
  expect(resultOf("1")).toBe("must evaluate to bool, not int");
  expect(resultOf("anything")).toBe("must evaluate to bool, not dyn");
  expect(resultOf("1", {}, { results: ["bool", "int"] })).toBe(1n);
});
