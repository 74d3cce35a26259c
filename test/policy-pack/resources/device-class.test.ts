import { readDeviceClass } from "../../../policy-pack/resources/device-class";
import { RULES } from "../../support/rules";

const read = (spec: unknown, apiVersion = "resource.k8s.io/v1") => readDeviceClass({ apiVersion, metadata: { name: "mine" }, spec }, RULES);
const problemsOf = (...args: Parameters<typeof read>) => {
  const reading = read(...args);
  return reading.type === "invalid" ? reading.problems : reading;
};

test("a class is its selectors", () => {
  const selectors = ["a", "b"].map((expression) => ({ cel: { expression } }));
  expect(read({ selectors })).toEqual({ type: "class", deviceClass: { name: "mine", selectors: ["a", "b"] } });
  for (const nothing of [undefined, null, 7, {}, { selectors: {} }]) {
    expect(read(nothing)).toEqual({ type: "class", deviceClass: { name: "mine", selectors: [] } });
  }
});

test.each(RULES.claimApi.versions)("%s is served", (version) => {
  expect(read({}, version).type).toBe("class");
});

test("a version that is not served is a problem", () => {
  expect(problemsOf({}, "resource.k8s.io/v9")).toEqual([
    `apiVersion: resource.k8s.io/v9: must be one of ${RULES.claimApi.versions.join(", ")}`,
  ]);
});

test("whatever else is there is a problem, with its path", () => {
  const selectors = [
    { cel: { expression: "a" } },
    ...[7, {}, { cel: 7 }, { cel: {} }, { cel: { expression: 7 } }],
    { cel: { expression: "a", more: 1 }, other: 1 },
  ];
  expect(problemsOf({ selectors, config: [], extendedResourceName: "x" })).toEqual([
    ...["spec.config: not allowed. Only selectors is", "spec.extendedResourceName: not allowed. Only selectors is"],
    ...[1, 2, 3, 4, 5].map((index) => `spec.selectors[${String(index)}].cel.expression: required`),
    ...["spec.selectors[6].other: not allowed. Only cel is", "spec.selectors[6].cel.more: not allowed. Only expression is"],
  ]);
});
