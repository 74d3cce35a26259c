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
