/** Selectors of the language, at random: whatever the vocabulary has, with names and constants that the published devices have too. */
import fc from "fast-check";
import { METHODS } from "../../../../src/dra/selector/language/vocabulary";

const DOMAINS = ["gpu.nvidia.com", "resource.kubernetes.io", "no.such.domain"];
const TEXTS = [
  "type",
  "uuid",
  "profile",
  "productName",
  "brand",
  "architecture",
  "pcieBusID",
  "pciBusID",
  "pcieRoot",
  "addressingMode",
  "missing",
];
const VERSIONS = ["driverVersion", "cudaDriverVersion", "cudaComputeCapability"];
const INTEGERS = ["numaNode", "index"];
const CAPACITIES = ["memory", "multiprocessors", "copyEngines", "decoders", "memorySlice0", "memorySlice3", "missing"];

const STRINGS = [
  ...["", "mig", "gpu", "1g.5gb", "3g.20gb", "7g.40gb", "NVIDIA A100-SXM4-40GB", "A100", "nvidia", "Nvidia", "Ampere", "gpu.nvidia.com"],
  ...["pci0000:10", "0000:10:1c.0", "HMM", "GPU-", "MIG-", "profile", "memory", "a b", "~", "Z", "\\", '"', "'", "z'\"\\"],
];
const PATTERNS = [
  ...[
    "^.*a100.*$",
    "a100",
    "^[1-3]g[.]",
    "^(1g|2g)\\.\\d+gb$",
    "[^a-z]$",
    "A.*-?4",
    "^$|mig",
    "(m|g)(i|p)(g|u)?",
    "\\w+\\s\\w+",
    "[\\d.]+gb",
    "^(gpu)?$",
    "x*y?z+|.u",
  ],
];
const QUANTITIES = [
  "0",
  "1",
  "14",
  "98",
  "4864Mi",
  "40Gi",
  "39.5Gi",
  "42949672960",
  "1.5",
  "5G",
  "999999999Gi",
  "999999Ti",
  "0.001k",
  "123456789012345",
  "4864.0Mi",
  "20096Mi",
];
const SEMVERS = ["0.0.0", "8.0.0", "9.0.0", "13.0.0", "550.0.0", "580.159.3", "580.159.4", "999999.999999.999999"];

const quoted = fc
  .tuple(fc.constantFrom(...STRINGS, ...DOMAINS), fc.boolean())
  .map(([text, double]) => (double ? `"${text.replace(/[\\"]/g, "\\$&")}"` : `'${text.replace(/[\\']/g, "\\$&")}'`));
const key = fc.constantFrom('"', "'").chain((quote) => fc.constantFrom(...DOMAINS).map((domain) => `[${quote}${domain}${quote}]`));
const space = fc.constantFrom("", "", "", " ", "\n  ");

interface Scope {
  readonly attributes: readonly string[];
  readonly capacities: readonly string[];
}

const named = (domain: fc.Arbitrary<string>, names: readonly string[]) =>
  fc
    .tuple(domain, fc.constantFrom(...names), fc.constantFrom(".", '["', "['"))
    .map(([path, name, opening]) => (opening === "." ? `${path}.${name}` : `${path}${opening}${name}${opening.slice(1)}]`));

/** Parts of an expression in which `cel.bind` has bound these names. */
function parts({ attributes, capacities }: Scope) {
  const attributeDomain = fc.oneof(
    { weight: 3, arbitrary: key.map((domain) => `device.attributes${domain}`) },
    ...(attributes.length > 0 ? [{ weight: 3, arbitrary: fc.constantFrom(...attributes) }] : []),
  );
  const capacityDomain = fc.oneof(
    { weight: 3, arbitrary: key.map((domain) => `device.capacity${domain}`) },
    ...(capacities.length > 0 ? [{ weight: 3, arbitrary: fc.constantFrom(...capacities) }] : []),
  );
  const anyAttribute = named(attributeDomain, [...TEXTS, ...VERSIONS, ...INTEGERS]);
  const withDefault = fc
    .tuple(attributeDomain, fc.constantFrom(...TEXTS), quoted)
    .map(([domain, name, fallback]) => `${domain}.?${name}.orValue(${fallback})`);
  const text = fc.oneof(
    { weight: 4, arbitrary: named(attributeDomain, TEXTS) },
    { weight: 1, arbitrary: fc.constant("device.driver") },
    { weight: 1, arbitrary: withDefault },
    { weight: 1, arbitrary: named(attributeDomain, TEXTS).map((path) => `${path}.lowerAscii()`) },
    { weight: 1, arbitrary: named(attributeDomain, TEXTS).map((path) => `${path}.upperAscii()`) },
    { weight: 1, arbitrary: anyAttribute },
  );
  const quantity = fc.oneof(
    { weight: 3, arbitrary: named(capacityDomain, CAPACITIES) },
    { weight: 3, arbitrary: fc.constantFrom(...QUANTITIES).map((value) => `quantity("${value}")`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(capacityDomain, fc.constantFrom(...CAPACITIES), fc.constantFrom(...QUANTITIES))
        .map(([domain, name, value]) => `${domain}.?${name}.orValue(quantity('${value}'))`),
    },
  );
  const version = fc.oneof(
    named(attributeDomain, VERSIONS),
    fc.constantFrom(...SEMVERS).map((value) => `semver("${value}")`),
  );
  const integer = fc.oneof(named(attributeDomain, INTEGERS), fc.integer({ min: -3, max: 999_999_999 }).map(String));
  const order = fc.constantFrom("==", "!=", "<", "<=", ">", ">=");
  const methods = (argument: "text" | "quantity") =>
    Object.entries(METHODS).flatMap(([name, method]) =>
      typeof method.argument === "object" &&
      method.argument.includes(argument === "text" ? "string" : "quantity") &&
      method.result === "boolean"
        ? [name]
        : [],
    );
  const compared = (side: fc.Arbitrary<string>, operator: fc.Arbitrary<string>) =>
    fc.tuple(side, space, operator, space, side).map(([a, before, sign, behind, b]) => `${a}${before}${sign}${behind}${b}`);
  const ordered = (side: fc.Arbitrary<string>) =>
    fc.oneof(
      fc.tuple(side, fc.constantFrom(...methods("quantity")), side).map(([a, method, b]) => `${a}.${method}(${b})`),
      fc
        .tuple(side, side, order, fc.integer({ min: -1, max: 1 }))
        .map(([a, b, sign, number]) => `${a}.compareTo(${b}) ${sign} ${String(number)}`),
      compared(side, fc.constantFrom("==", "!=")),
    );
  return {
    atom: fc.oneof(
      { weight: 5, arbitrary: compared(fc.oneof(text, quoted), order) },
      {
        weight: 3,
        arbitrary: fc
          .tuple(text, fc.constantFrom(...methods("text")), fc.oneof(quoted, text))
          .map(([a, method, b]) => `${a}.${method}(${b})`),
      },
      {
        weight: 2,
        arbitrary: fc.tuple(text, fc.constantFrom(...PATTERNS)).map(([a, pattern]) => `${a}.matches("${pattern.replace(/\\/g, "\\\\")}")`),
      },
      {
        weight: 2,
        arbitrary: fc.tuple(text, fc.array(quoted, { minLength: 1, maxLength: 3 })).map(([a, list]) => `${a} in [${list.join(", ")}]`),
      },
      {
        weight: 1,
        arbitrary: fc.tuple(integer, fc.array(fc.nat(3), { minLength: 1, maxLength: 3 })).map(([a, list]) => `${a} in [${list.join(",")}]`),
      },
      { weight: 4, arbitrary: ordered(quantity) },
      { weight: 3, arbitrary: ordered(version) },
      { weight: 1, arbitrary: compared(integer, order) },
      { weight: 1, arbitrary: compared(anyAttribute, order) },
      {
        weight: 2,
        arbitrary: named(attributeDomain, [...TEXTS, ...VERSIONS, ...INTEGERS])
          .filter((path) => path.includes(".") && !path.endsWith("]"))
          .map((path) => `has(${path})`),
      },
      { weight: 2, arbitrary: fc.tuple(capacityDomain, fc.constantFrom(...CAPACITIES)).map(([domain, name]) => `has(${domain}.${name})`) },
      { weight: 1, arbitrary: fc.tuple(quoted, fc.oneof(attributeDomain, capacityDomain)).map(([name, domain]) => `${name} in ${domain}`) },
      {
        weight: 1,
        arbitrary: fc.tuple(quoted, fc.constantFrom("attributes", "capacity")).map(([name, field]) => `${name} in device.${field}`),
      },
      { weight: 1, arbitrary: fc.constantFrom("true", "false") },
      { weight: 1, arbitrary: anyAttribute },
    ),
    attributeDomain,
    capacityDomain,
    value: anyAttribute,
  };
}

function conditions(scope: Scope, depth: number): fc.Arbitrary<string> {
  const { atom, attributeDomain, capacityDomain } = parts(scope);
  if (depth === 0) {
    return atom;
  }
  const inner = conditions(scope, depth - 1);
  const name = `v${String(scope.attributes.length + scope.capacities.length)}`;
  const bound = fc.oneof(
    fc.tuple(attributeDomain, conditions({ ...scope, attributes: [...scope.attributes, name] }, depth - 1)),
    fc.tuple(capacityDomain, conditions({ ...scope, capacities: [...scope.capacities, name] }, depth - 1)),
  );
  return fc.oneof(
    { weight: 3, arbitrary: atom },
    { weight: 3, arbitrary: fc.tuple(inner, space, fc.constantFrom("&&", "||"), space, inner).map((all) => all.join("")) },
    { weight: 1, arbitrary: fc.tuple(inner, fc.constantFrom("&&", "||"), inner).map(([a, sign, b]) => `(${a}) ${sign} (${b})`) },
    { weight: 2, arbitrary: inner.map((condition) => `!(${condition})`) },
    { weight: 1, arbitrary: fc.tuple(inner, inner, inner).map(([a, b, c]) => `(${a}) ? (${b}) : (${c})`) },
    { weight: 1, arbitrary: fc.tuple(inner, fc.constantFrom("==", "!="), inner).map(([a, sign, b]) => `(${a}) ${sign} (${b})`) },
    { weight: 1, arbitrary: bound.map(([domain, condition]) => `cel.bind(${name}, ${domain}, ${condition})`) },
  );
}

/** Selectors as large as the limits let them be, most of them small. */
export const selectors: fc.Arbitrary<string> = fc
  .oneof(
    conditions({ attributes: [], capacities: [] }, 1),
    conditions({ attributes: [], capacities: [] }, 2),
    conditions({ attributes: [], capacities: [] }, 3),
  )
  .filter((expression) => expression.length <= 1_024);
