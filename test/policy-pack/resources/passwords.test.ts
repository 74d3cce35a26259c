import { passwordPaths } from "../../../policy-pack/resources/passwords";
import { UNKNOWN } from "../../../policy-pack/evaluation/snapshot";

test("a password is a text, a number, or unknown", () => {
  const values = { a: { password: "x" }, b: { password: 7 }, c: { password: UNKNOWN }, d: { password: "" }, e: { password: true } };
  expect(passwordPaths(values)).toEqual([".a.password", ".b.password", ".c.password"]);
});

test("so is one in the environment of a container, whose name has to be known", () => {
  const env = [
    ...[{ name: "DB_PASSWORD", value: "x" }, { name: "DB_PASSWORD" }, { name: "DB_PASSWORD", value: 7 }],
    ...[{ name: UNKNOWN, value: "x" }, { name: 7, value: "x" }, { name: "A", value: "x" }, UNKNOWN],
  ];
  expect(passwordPaths({ env })).toEqual([".env[0].value", ".env[2].value"]);
});
