import { textOf } from "../../src/json/text-of";

test.each([
  ["a", "a"],
  [5, "5"],
  [null, "null"],
  [undefined, "undefined"],
  [["a", 1], '["a",1]'],
  [{ toString: null }, '{"toString":null}'],
])("%j as a text", (value, text) => {
  expect(textOf(value)).toBe(text);
});
