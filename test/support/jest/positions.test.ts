/** A failed test says where in the source, of which the compiler leaves types out. */
interface Position {
  readonly line: number;
}

test("a stack trace has the lines of the source", () => {
  const expected: Position = { line: 8 };
  expect(new Error("here").stack).toContain(`positions.test.ts:${String(expected.line)}:`);
});
