import { comparable, decoded } from "../../../src/rehearsal/deployed/secrets";
import { SECRET, SIGNATURE } from "../../../src/rehearsal/monitor/marks";

const encrypted = { [SIGNATURE]: SECRET, ciphertext: "v1:abc" };
const shown = (value: unknown) => ({ [SIGNATURE]: SECRET, plaintext: JSON.stringify(value) });

test("what is encrypted is not compared, and its paths are named", () => {
  const { inputs, encrypted: paths } = comparable({ a: { b: [encrypted] }, c: 1 }, { a: { b: ["new"] }, c: 2 });
  expect(inputs).toEqual({ a: { b: ["new"] }, c: 1 });
  expect(paths).toEqual(["a.b[0]"]);
});

test("that nothing is wanted in the place of an encrypted value is a change", () => {
  expect(comparable({ a: encrypted }, {})).toEqual({ inputs: { a: "[encrypted]" }, encrypted: [] });
});

test("an export with --show-secrets is compared", () => {
  expect(comparable({ a: shown("old") }, { a: "new" })).toEqual({ inputs: { a: "old" }, encrypted: [] });
});

test("programs get a believable value in the place of an encrypted one, marked as a secret, and the own value of one that is shown", () => {
  expect(decoded({ a: encrypted, b: shown({ c: 1 }), d: "plain" }, { a: "believed" })).toEqual({
    a: { [SIGNATURE]: SECRET, value: "believed" },
    b: { [SIGNATURE]: SECRET, value: { c: 1 } },
    d: "plain",
  });
  expect(decoded({ a: encrypted })).toEqual({ a: { [SIGNATURE]: SECRET, value: "[encrypted]" } });
});
