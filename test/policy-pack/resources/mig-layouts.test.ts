import { isMixed, layoutsOfOperator, resolvedLayout } from "../../../policy-pack/resources/mig-layouts";
import type { NamedLayouts } from "../../../policy-pack/resources/mig-layouts";
import { UNKNOWN } from "../../../policy-pack/evaluation/snapshot";

const FILE = `version: v1
mig-configs:
  halves:
    - {devices: [0, 1, 2, 3], mig-enabled: true, mig-devices: {1g.5gb: 7}}
    - {devices: [4, 5, 6, 7], mig-enabled: true, mig-devices: [3g.20gb, 3g.20gb]}
  some:
    - {devices: [0], mig-enabled: true, mig-devices: {1g.5gb: 7}}
    - {devices: [1, 2, 3, 4, 5, 6, 7], mig-enabled: false}
  equal:
    - {devices: all, mig-enabled: true, mig-devices: {1g.5gb: 7}}
  filtered:
    - {device-filter: "0x233010de", devices: all, mig-enabled: true, mig-devices: {1g.10gb: 7}}
    - {device-filter: ["0x233010de", "0x20b010de"], devices: all, mig-enabled: true, mig-devices: {1g.5gb: 7}}
  illegal:
    - {devices: all, mig-enabled: true, mig-devices: {7g.40gb: 2}}
  empty:
    - {devices: all, mig-enabled: true}
`;
const P4D = "p4d.24xlarge";

const configMap = (name: unknown, namespace: unknown, data: unknown, type = "kubernetes:core/v1:ConfigMap") => ({
  ...{ type, name: `resource ${String(name)} ${String(namespace)}`, props: { metadata: { name, namespace }, data } },
});

const layouts = (config: unknown, members: readonly object[] = [], namespace: unknown = "gpu-operator") =>
  layoutsOfOperator({ props: { namespace } } as never, { migManager: { config } }, members as never);

const data = { "config.yaml": FILE };

test("a file is read as mig-parted reads it", () => {
  expect(layouts({ name: "x", create: true, data })).toMatchSnapshot();
});

test.each<[string, unknown, readonly object[], object]>([
  ["no config", undefined, [], { type: "stock" }],
  ["no name", { name: "", create: true, data }, [], { type: "stock" }],
  ["no name but data", { create: true, data }, [], { type: "stock" }],
  ["an unknown name", { name: UNKNOWN, create: true }, [], { type: "unknown", path: "values.migManager.config.name" }],
  ["nobody knows whether it is made", { name: "x", create: UNKNOWN }, [], { type: "unknown", path: "values.migManager.config.create" }],
  ["unknown data", { name: "x", create: true, data: UNKNOWN }, [], { type: "unknown", path: "values.migManager.config.data" }],
  [
    "an unknown file",
    { name: "x", create: true, data: { "config.yaml": UNKNOWN } },
    [],
    { type: "unknown", path: "values.migManager.config.data" },
  ],
  ["no data", { name: "x", create: true, data: {} }, [], { type: "elsewhere", configMap: "x" }],
  ["data that are none", { name: "x", create: true, data: "text" }, [], { type: "elsewhere", configMap: "x" }],
  ["nothing that is made", { name: "x", create: false, data }, [], { type: "elsewhere", configMap: "x" }],
  ["unknown data that are not made", { name: "x", data: UNKNOWN }, [], { type: "elsewhere", configMap: "x" }],
  ["a text for true", { name: "x", create: "true", data }, [], { type: "elsewhere", configMap: "x" }],
  [
    "a ConfigMap of the program's among others",
    { name: "x" },
    [
      ...[configMap("x", "gpu-operator", {}, "kubernetes:core/v1:Secret"), configMap("y", "gpu-operator", {}), configMap("x", "other", {})],
      configMap("x", "gpu-operator", data),
    ],
    { type: "file", where: "the ConfigMap resource x gpu-operator" },
  ],
  ["only a ConfigMap of another namespace", { name: "x" }, [configMap("x", "other", data)], { type: "elsewhere", configMap: "x" }],
  [
    "no layouts",
    { name: "x", create: true, data: { other: "x" } },
    [],
    { type: "invalid", where: "values.migManager.config.data", reason: "config.yaml has no mig-configs" },
  ],
  [
    "no YAML",
    { name: "x", create: true, data: { "config.yaml": "a: [" } },
    [],
    { type: "invalid", where: "values.migManager.config.data", reason: "config.yaml is not YAML (YAMLParseError)" },
  ],
])("where MIG Manager has its layouts from: %s", (_, config, members, expected) => {
  expect(layouts(config, members)).toMatchObject(expected);
});

test("the ConfigMap of an operator whose namespace is unknown can be in any", () => {
  for (const namespace of [UNKNOWN, null]) {
    expect(layouts({ name: "x" }, [configMap("x", "other", data)], namespace)).toMatchObject({ type: "file" });
  }
});

const file = layouts({ name: "x", create: true, data });
const STOCK: NamedLayouts = { type: "stock" };

test("what a name stands for on a type of instance", () => {
  expect(resolvedLayout("all-balanced", undefined, STOCK)).toBe("all-balanced");
  expect(resolvedLayout("halves", P4D, STOCK)).toBeUndefined();
  expect(resolvedLayout("filtered", P4D, file)).toEqual({ name: "filtered", gpus: [{ devices: "all", profiles: { "1g.5gb": 7 } }] });
  expect(resolvedLayout("filtered", "p5.48xlarge", file)).toMatchObject({ gpus: [{ profiles: { "1g.10gb": 7 } }, {}] });
  for (const type of ["m6i.large", "p3.2xlarge", "nothing.large", 7, UNKNOWN, undefined]) {
    expect(resolvedLayout("halves", type, file)).toBeUndefined();
  }
  for (const name of ["all-balanced", "constructor", ""]) {
    expect(resolvedLayout(name, P4D, file)).toBeUndefined();
  }
  expect(resolvedLayout("halves", P4D, { type: "unknown", path: "x" })).toBeUndefined();
});

test("which layouts are mixed", () => {
  const names = ["halves", "some", "equal", "filtered", "illegal", "empty", "all-balanced", "constructor"];
  expect(names.filter((name) => isMixed(name, P4D, file))).toEqual(["halves", "some"]);
  expect(["all-balanced", "all-1g.5gb", "all-disabled", "nothing"].filter((name) => isMixed(name, P4D, STOCK))).toEqual(["all-balanced"]);
  for (const type of ["m6i.large", "p3.2xlarge", "nothing.large", 7, UNKNOWN, undefined]) {
    expect(isMixed("all-balanced", type, STOCK)).toBe(false);
  }
});
