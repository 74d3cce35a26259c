/** All selectors of the language up to a size, over a few names and constants that decide something on the published devices. */

const ATTRIBUTES = ["type", "profile", "productName", "driverVersion", "cudaComputeCapability", "pcieBusID", "missing"].map(
  (name) => `device.attributes["gpu.nvidia.com"].${name}`,
);
const OTHERS = [
  `device.driver`,
  `device.attributes["gpu.nvidia.com"]["uuid"]`,
  `device.attributes["resource.kubernetes.io"].numaNode`,
  `device.attributes["resource.kubernetes.io"].?pcieRoot.orValue("none")`,
  `device.attributes["gpu.nvidia.com"].?profile.orValue('')`,
  `device.attributes["gpu.nvidia.com"].productName.lowerAscii()`,
];
const CAPACITIES = ["memory", "multiprocessors", "memorySlice0", "missing"].map((name) => `device.capacity["gpu.nvidia.com"].${name}`);
const STRINGS = [`"mig"`, `'1g.5gb'`, `"3g.20gb"`, `"NVIDIA A100-SXM4-40GB"`, `"a100"`, `""`];
const CONSTANTS = [...STRINGS, `0`, `-1`, `999999999`, `true`, `semver("580.159.3")`, `semver("8.0.0")`, `quantity("4864Mi")`];
const QUANTITIES = [`quantity("0")`, `quantity("14")`, `quantity("4864Mi")`, `quantity("40Gi")`, `quantity("5.1G")`, `quantity("0.5")`];
const PATTERNS = [`"^.*a100.*$"`, `"[0-9]g\\\\.(5|10)gb"`, `"^$"`, `"A100-?\\\\w*"`];
const COMPARISONS = ["==", "!=", "<", "<=", ">", ">="];

/** Conditions without conditions in them. */
export function* atoms(): Generator<string> {
  const values = [...ATTRIBUTES, ...OTHERS];
  for (const value of values) {
    yield value;
    for (const operator of COMPARISONS) {
      for (const constant of [...CONSTANTS, ...values]) {
        yield `${value} ${operator} ${constant}`;
      }
      for (const constant of CONSTANTS) {
        yield `${constant} ${operator} ${value}`;
      }
    }
    for (const method of ["startsWith", "endsWith", "contains"]) {
      for (const argument of [...STRINGS, ...values]) {
        yield `${value}.${method}(${argument})`;
      }
    }
    for (const pattern of PATTERNS) {
      yield `${value}.matches(${pattern})`;
    }
    for (const list of [`["mig", '1g.5gb']`, `["gpu.nvidia.com"]`, `[0, 1]`]) {
      yield `${value} in ${list}`;
    }
  }
  for (const value of [...CAPACITIES, ...ATTRIBUTES]) {
    for (const constant of [...QUANTITIES, ...CAPACITIES, `semver("580.0.0")`]) {
      for (const [a, b] of [
        [value, constant],
        [constant, value],
      ] as const) {
        yield `${a}.isGreaterThan(${b})`;
        yield `${a}.isLessThan(${b})`;
        yield `${a} == ${b}`;
        for (const operator of COMPARISONS) {
          yield `${a}.compareTo(${b}) ${operator} 0`;
        }
      }
    }
  }
  for (const domain of [
    `device.attributes["gpu.nvidia.com"]`,
    `device.attributes["resource.kubernetes.io"]`,
    `device.capacity["gpu.nvidia.com"]`,
    `device.capacity['x']`,
  ]) {
    for (const name of ["type", "profile", "pciBusID", "numaNode", "memory", "memorySlice3", "missing"]) {
      yield `has(${domain}.${name})`;
      yield `"${name}" in ${domain}`;
      yield `cel.bind(x, ${domain}, has(x.${name}) && "${name}" in x)`;
    }
  }
  for (const field of ["attributes", "capacity"]) {
    for (const domain of ["gpu.nvidia.com", "resource.kubernetes.io", "x"]) {
      yield `"${domain}" in device.${field}`;
    }
  }
}

/** One condition of each kind of outcome: true, false, an error, no boolean, different by device. */
const REPRESENTATIVES = [
  ...[
    "true",
    "false",
    `device.driver == "gpu.nvidia.com"`,
    `device.attributes["gpu.nvidia.com"].missing == 1`,
    `device.attributes["gpu.nvidia.com"].type`,
  ],
  ...[
    `device.attributes["gpu.nvidia.com"].type == "mig"`,
    `device.attributes["gpu.nvidia.com"].profile == "1g.5gb"`,
    `has(device.capacity["gpu.nvidia.com"].memorySlice3)`,
  ],
];

/** Everything that joins two or three conditions. */
export function* joined(): Generator<string> {
  for (const a of REPRESENTATIVES) {
    yield `!(${a})`;
    yield `!!${a}`.replace(/^!!(.*[ ].*)$/, "!(!($1))");
    yield `cel.bind(x, device.attributes["gpu.nvidia.com"].type, x == "mig" && (${a}))`;
    for (const b of REPRESENTATIVES) {
      for (const operator of ["&&", "||"]) {
        yield `${a} ${operator} ${b}`;
        yield `!(${a}) ${operator} !(${b})`;
      }
      yield `(${a}) == (${b})`;
      yield `(${a}) != (${b})`;
      for (const c of REPRESENTATIVES) {
        yield `(${a}) ? (${b}) : (${c})`;
        yield `${a} && ${b} || ${c}`;
        yield `${a} || ${b} && !(${c})`;
        yield `(${a} || ${b}) && ${c}`;
      }
    }
  }
}
