import { withoutNulls } from "../../src/json/without-nulls";

test.each<[unknown, unknown]>([
  [{ a: null, b: { c: null, d: [1, null, { e: null }] } }, { b: { d: [1, {}] } }],
  [[null], []],
  ["text", "text"],
  [0, 0],
  [JSON.parse('{"__proto__": {"a": null}}'), JSON.parse('{"__proto__": {}}')],
])("%j without nulls is %j", (value, expected) => {
  expect(JSON.stringify(withoutNulls(value))).toBe(JSON.stringify(expected));
});

test("what has none is given back as it is", () => {
  const value = { a: [{ b: "c" }, []], d: {} };
  expect(withoutNulls(value)).toBe(value);
});
