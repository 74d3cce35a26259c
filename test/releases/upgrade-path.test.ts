import { upgradePath } from "../../src/releases/upgrade-path";

test.each([
  ["the next version, while it has standard support", "1.34", "2026-11-28", ["1.35"]],
  ["the next version on the last day of its standard support", "1.34", "2027-03-26", ["1.35"]],
  ["one version after the other, if the next has no standard support either", "1.34", "2027-03-27", ["1.35", "1.36"]],
  ["the newest, if none has standard support any more", "1.34", "2027-08-02", ["1.35", "1.36"]],
  ["nothing for the newest", "1.36", "2026-11-28", []],
])("the way up is %s", (_, from, date, path) => {
  expect(upgradePath(from, new Date(date))).toEqual(path);
});
