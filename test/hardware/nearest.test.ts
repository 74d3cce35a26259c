/** "Did you mean ...?" */
import { didYouMean, nearNames } from "../../src/hardware/nearest";

const TEAMS = ["mig-test", "research", "vision"];

test.each([
  ["resaerch", '; did you mean "research"?'],
  ["VISION", '; did you mean "vision"?'],
  ["payroll", "; there are: mig-test, research, vision"],
])("%s", (text, hint) => {
  expect(didYouMean(text, TEAMS)).toBe(hint);
});

test("a list is introduced as the caller says", () => {
  expect(didYouMean("x", ["count"], "known fields")).toBe("; known fields: count");
});

test("a name with half its letters different is another name", () => {
  expect(nearNames("abcd", ["abxx"])).toEqual([]);
  expect(nearNames("abcd", ["abcx"])).toEqual(["abcx"]);
});

test("of very many names it lists some", () => {
  const names = Array.from({ length: 1000 }, (_, index) => `app-${String(index)}`);
  expect(didYouMean("training", names)).toMatch(/^; there are: app-0, .*, app-49 and 950 more$/);
});
