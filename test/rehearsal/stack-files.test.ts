/** Project and stack files are read as the engine reads them. */
import { readStack } from "../../src/rehearsal/stack-files";
import { UserError } from "../../src/rehearsal/files";
import { makeFolder } from "../support/folder";

const PROJECT = `
name: shop
config:
  replicas: {type: integer, default: 2}
  version: {type: string, default: "1.30"}
  verbose: {type: boolean, default: false}
  names: {type: array, items: {type: string}, default: [a, b]}
  limits: {type: object, default: {}}
  owner: {type: string}
  aws:region: {value: us-east-1}
`;

const settings = (stack: string, project = PROJECT) => readStack(makeFolder({ "Pulumi.yaml": project, "Pulumi.dev.yaml": stack }), "dev");

test("declared defaults and values are merged; scalars are text, structures are JSON", () => {
  expect(settings("config: {shop:owner: me}").config).toEqual({
    "shop:replicas": "2",
    "shop:version": "1.30",
    "shop:verbose": "false",
    "shop:names": '["a","b"]',
    "shop:limits": "{}",
    "shop:owner": "me",
    "aws:region": "us-east-1",
  });
});

test("keys of the project work with and without its namespace, and the stack wins over defaults", () => {
  const { config } = settings("config:\n  owner: me\n  shop:replicas: 5\n  aws:region: eu-west-1\n  other:key: x");
  expect(config).toMatchObject({ "shop:owner": "me", "shop:replicas": "5", "aws:region": "eu-west-1", "other:key": "x" });
});

test.each([
  ["1.30", "1.3"],
  ['"1.30"', "1.30"],
  ["0123", "83"],
  ["0x1F", "31"],
  ["1_000", "1000"],
  ["-7", "-7"],
  ["1e3", "1000"],
  ["12345678901234567890", "12345678901234567890"],
  ["True", "true"],
  ["yes", "yes"],
  ["2026-01-01", "2026-01-01 00:00:00 +0000 UTC"],
  ["~", ""],
])("%s is read as the CLI reads it: %s (test/engine/stack-files.test.ts)", (written, read) => {
  expect(settings(`config: {owner: me, other:key: ${written}}`).config["other:key"]).toBe(read);
});

test("the keys of a structure are in order, and its aliases are what they stand for", () => {
  const { config } = settings("config:\n  owner: me\n  limits: {b: &size {d: 1, c: 0x10}, a: *size}");
  expect(config["shop:limits"]).toBe('{"a":{"c":16,"d":1},"b":{"c":16,"d":1}}');
});

test("encrypted values are named and never taken for what they hide", () => {
  const result = settings("config:\n  owner: {secure: v1:abc}\n  limits: {inner: {secure: v1:def}, plain: 1}");
  expect(result.encrypted).toEqual(["shop:owner", "shop:limits"]);
  expect(result.config["shop:owner"]).toBe("https://secret.invalid/");
  expect(JSON.parse(result.config["shop:limits"] ?? "")).toEqual({ inner: "https://secret.invalid/", plain: 1 });
});

test("imported environments are named", () => {
  expect(settings("environment: [org/base]\nconfig: {owner: me}").environments).toEqual(["org/base"]);
});

test.each([
  ["config: {owner: me, replicas: many}", "'replicas' must be of type 'integer', but is \"many\""],
  ["config: {owner: me, replicas: 1.5}", "'replicas' must be of type 'integer', but is \"1.5\""],
  ["config: {owner: me, verbose: yes please}", "'verbose' must be of type 'boolean'"],
  ["config: {owner: me, names: a}", "'names' must be of type 'array<string>', but is \"a\""],
  ["config: {owner: me, names: [1]}", "'names' must be of type 'array<string>', but is [1]"],
  ["config: {owner: me, limits: [1]}", "'limits' must be of type 'object', but is [1]"],
  ["config: {owner: [me]}", "'owner' must be of type 'string', but is [\"me\"]"],
])("a value of the wrong type is refused in the engine's words: %s", (stack, message) => {
  expect(() => settings(stack)).toThrow(`Stack 'dev' with configuration key ${message}`);
});

test("required values that are missing are named together", () => {
  expect(() => settings("config: {}")).toThrow("Stack 'dev' is missing configuration value 'owner'");
  const project = "name: shop\nconfig: {a: {type: string}, b: {type: string}, c: {type: string}}";
  expect(() => settings("{}", project)).toThrow("Stack 'dev' is missing configuration values 'a', 'b' and 'c'");
});

test("a secret that is not encrypted is refused", () => {
  expect(() => settings("config: {key: plain}", "name: shop\nconfig: {key: {type: string, secret: true}}")).toThrow(
    "must be encrypted as it's secret",
  );
});

test("a file that is not YAML is refused with its line", () => {
  expect(() => settings("config:\n  owner: [me\n")).toThrow(UserError);
  expect(() => settings("config:\n  owner: [me\n")).toThrow(/Pulumi\.dev\.yaml:3:\d+: is not YAML/);
  expect(() => settings("config:\n  owner: me\n  owner: you\n")).toThrow(/Pulumi\.dev\.yaml:3:3: is not YAML: Map keys must be unique/);
});

test("an unknown stack is refused with the nearest known one", () => {
  const folder = makeFolder({ "Pulumi.yaml": PROJECT, "Pulumi.production.yaml": "{}" });
  expect(() => readStack(folder, "prodcution")).toThrow(
    'no stack "prodcution": there is no Pulumi.prodcution.yaml; did you mean "production"? Known: production',
  );
});

describe("merge keys and aliases of stack files", () => {
  test.each([
    ["a merge key adds what the map does not have", "limits: {<<: {a: 1, b: 2}, b: 3}", '{"a":1,"b":3}'],
    ["the map wins over a merge key after it too, unlike in kubectl", "limits: {b: 3, <<: {a: 1, b: 2}}", '{"a":1,"b":3}'],
    ["the first of several maps wins", "limits: {<<: [{a: 1}, {a: 2, b: 0x10}]}", '{"a":1,"b":16}'],
    ["a merge key in what is merged", "limits: {<<: {<<: {a: 1}, b: 2}}", '{"a":1,"b":2}'],
  ])("%s", (_, limits, json) => {
    expect(settings(`config:\n  owner: me\n  ${limits}`).config["shop:limits"]).toBe(json);
  });

  test("keys of the configuration, and a value itself, may be aliases", () => {
    const { config } = settings("base: &base {owner: me, replicas: 7}\nname: &name you\nconfig:\n  <<: *base\n  other:key: *name");
    expect(config).toMatchObject({ "shop:owner": "me", "shop:replicas": "7", "other:key": "you" });
  });

  test.each([
    ["config:\n  owner: me\n  limits: &l {a: *l}", /the anchor &l contains itself/],
    [
      `config:\n  owner: me\n  a0: &a0 [x, x]\n${Array.from({ length: 30 }, (_, index) => `  a${index + 1}: &a${index + 1} [*a${index}, *a${index}]`).join("\n")}`,
      /aliases stand for more than 5000 uses/,
    ],
  ])("what has no end is refused in one line: %j", (text, message) => {
    expect(() => settings(text)).toThrow(UserError);
    expect(() => settings(text)).toThrow(message);
  });
});
