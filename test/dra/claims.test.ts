import fc from "fast-check";
import { readClaim, requestedDevices } from "../../src/dra/claims";
import type { Claim, ClaimSpec, ExactRequest } from "../../src/dra/claims";
import { RULES } from "../support/rules";

const CEL = `device.attributes["gpu.nvidia.com"].profile == "3g.20gb"`;

function manifest(devices: unknown, overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return { apiVersion: "resource.k8s.io/v1", kind: "ResourceClaim", metadata: { name: "gpu" }, spec: { devices }, ...overrides };
}

function exactly(fields: Record<string, unknown>): unknown {
  return { requests: [{ name: "r", exactly: { deviceClassName: "mig.nvidia.com", ...fields } }] };
}

function read(value: unknown): Claim {
  const reading = readClaim(value, RULES);
  if (reading.type === "invalid") {
    throw new Error(reading.problems.join("\n"));
  }
  return reading.claim;
}

function problems(value: unknown, rules = RULES): readonly string[] {
  const reading = readClaim(value, rules);
  return reading.type === "invalid" ? reading.problems : [];
}

const DEFAULTS: ExactRequest = {
  deviceClassName: "mig.nvidia.com",
  selectors: [],
  allocationMode: { type: "ExactCount", count: 1 },
  adminAccess: false,
  tolerations: [],
  capacityRequests: {},
};

describe("the normal form of a claim", () => {
  it("fills in the API server's defaults", () => {
    expect(read(manifest(exactly({}))).spec).toEqual({
      requests: [{ type: "exactly", name: "r", exactly: DEFAULTS }],
      constraints: [],
      config: [],
    });
  });

  it("holds everything that a request can say", () => {
    const { spec } = read(
      manifest({
        requests: [
          {
            name: "r",
            exactly: {
              deviceClassName: "mig.nvidia.com",
              selectors: [{ cel: { expression: CEL } }],
              allocationMode: "ExactCount",
              count: 2,
              adminAccess: true,
              tolerations: [{ key: "unhealthy", operator: "Exists", effect: "NoSchedule", tolerationSeconds: 30 }, { value: "x" }],
              capacity: { requests: { memory: "10Gi", multiprocessors: 14 } },
            },
          },
        ],
        constraints: [{ matchAttribute: "gpu.nvidia.com/parentUUID", requests: ["r"] }, { distinctAttribute: "gpu.nvidia.com/uuid" }],
        config: [{ requests: ["r"], opaque: { driver: "gpu.nvidia.com", parameters: { kind: "MigDeviceConfig" } } }],
      }),
    );
    expect(spec).toEqual({
      requests: [
        {
          type: "exactly",
          name: "r",
          exactly: {
            deviceClassName: "mig.nvidia.com",
            selectors: [CEL],
            allocationMode: { type: "ExactCount", count: 2 },
            adminAccess: true,
            tolerations: [
              { key: "unhealthy", operator: "Exists", value: "", effect: "NoSchedule", tolerationSeconds: 30 },
              { key: undefined, operator: "Equal", value: "x", effect: undefined, tolerationSeconds: undefined },
            ],
            capacityRequests: { memory: "10Gi", multiprocessors: "14" },
          },
        },
      ],
      constraints: [
        { type: "matchAttribute", attribute: "gpu.nvidia.com/parentUUID", requests: ["r"] },
        { type: "distinctAttribute", attribute: "gpu.nvidia.com/uuid", requests: [] },
      ],
      config: [{ requests: ["r"], driver: "gpu.nvidia.com", parameters: { kind: "MigDeviceConfig" } }],
    });
  });

  it("keeps alternatives in their order and names them request/alternative", () => {
    const { spec } = read(
      manifest({
        requests: [
          {
            name: "r",
            firstAvailable: [
              { name: "big", deviceClassName: "mig-large.nvidia.com" },
              { name: "rest", deviceClassName: "mig.nvidia.com", allocationMode: "All" },
            ],
          },
        ],
        constraints: [{ matchAttribute: "gpu.nvidia.com/parentUUID", requests: ["r/rest"] }],
      }),
    );
    expect(
      spec.requests.flatMap(requestedDevices).map(({ reference, exact }) => [reference, exact.deviceClassName, exact.allocationMode]),
    ).toEqual([
      ["r/big", "mig-large.nvidia.com", { type: "ExactCount", count: 1 }],
      ["r/rest", "mig.nvidia.com", { type: "All" }],
    ]);
  });

  it("is that of a template's claims, under the template's name", () => {
    const template = read({
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceClaimTemplate",
      metadata: { name: "mig-large-template", namespace: "mig-test" },
      spec: { metadata: { labels: { tier: "large" } }, spec: { devices: exactly({}) } },
    });
    expect(template).toMatchObject({ kind: "ResourceClaimTemplate", name: "mig-large-template", namespace: "mig-test" });
    expect(template.spec).toEqual(read(manifest(exactly({}))).spec);
  });

  it("tells what a claim of a live cluster holds, and where", () => {
    const result = { request: "r", driver: "gpu.nvidia.com", pool: "node-a", device: "gpu-0-mig-9-0-4" };
    const nodeSelector = { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["node-a"] }] }] };
    const status = {
      allocation: { devices: { results: [result] }, nodeSelector, fieldOfTheFuture: 1 },
      reservedFor: [{ uid: "1" }, { uid: "2" }],
    };
    expect(read(manifest(exactly({}), { status }))).toMatchObject({
      allocation: { devices: [{ ...result, adminAccess: false }], nodeName: "node-a" },
      reservations: 2,
    });
  });
});

describe("the API versions", () => {
  it.each(["resource.k8s.io/v1beta2", "resource.k8s.io/v1"])("%s keeps a request's fields under exactly", (apiVersion) => {
    expect(read(manifest(exactly({ count: 3 }), { apiVersion })).spec).toEqual(read(manifest(exactly({ count: 3 }))).spec);
  });

  it("v1beta1 keeps a request's fields in the request itself", () => {
    const flat = { requests: [{ name: "r", deviceClassName: "mig.nvidia.com", count: 3 }] };
    expect(read(manifest(flat, { apiVersion: "resource.k8s.io/v1beta1" })).spec).toEqual(read(manifest(exactly({ count: 3 }))).spec);
    expect(problems(manifest(flat))).toEqual(
      expect.arrayContaining([expect.stringContaining("spec.devices.requests[0].deviceClassName: unknown field")]),
    );
  });

  it("refuses other versions and kinds", () => {
    expect(problems(manifest(exactly({}), { apiVersion: "resource.k8s.io/v1alpha3" }))).toHaveLength(1);
    expect(problems(manifest(exactly({}), { kind: "DeviceClass" }))).toHaveLength(1);
    expect(problems("text")).toHaveLength(2);
  });
});

const LONG = "x".repeat(64);
const sub = { name: "a", deviceClassName: "mig.nvidia.com" };
const request = { name: "r", exactly: { deviceClassName: "mig.nvidia.com" } };

describe("what the API server refuses is refused with the field's path", () => {
  it.each<[string, unknown, string]>([
    ["an unknown field of the object", manifest(exactly({}), { specs: {} }), 'specs: unknown field; did you mean "spec"?'],
    ["an unknown field of a request", manifest(exactly({ cuont: 2 })), 'requests[0].exactly.cuont: unknown field; did you mean "count"?'],
    ["a field of the wrong type", manifest(exactly({ count: "2" })), 'requests[0].exactly.count: "2": must be an integer'],
    ["a fractional count", manifest(exactly({ count: 1.5 })), "requests[0].exactly.count: 1.5: must be an integer"],
    ["a negative count", manifest(exactly({ count: -1 })), "requests[0].exactly.count: -1: must be greater than zero"],
    ["a count with All", manifest(exactly({ allocationMode: "All", count: 2 })), "exactly.count: 2: must not be set"],
    ["an unknown allocation mode", manifest(exactly({ allocationMode: "Some" })), 'exactly.allocationMode: "Some": must be'],
    ["no device class", manifest(exactly({ deviceClassName: "" })), "exactly.deviceClassName"],
    ["a malformed device class", manifest(exactly({ deviceClassName: "MIG" })), "exactly.deviceClassName"],
    [
      "a selector that does not compile",
      manifest(exactly({ selectors: [{ cel: { expression: "device." } }] })),
      "exactly.selectors[0].cel.expression",
    ],
    ["a selector without an expression", manifest(exactly({ selectors: [{}] })), "exactly.selectors[0].cel.expression"],
    ["33 selectors", manifest(exactly({ selectors: Array(33).fill({ cel: { expression: "true" } }) })), "exactly.selectors: 33 entries"],
    [
      "a toleration of an unknown effect",
      manifest(exactly({ tolerations: [{ operator: "Exists", effect: "Never" }] })),
      "tolerations[0].effect",
    ],
    ["a value with Exists", manifest(exactly({ tolerations: [{ operator: "Exists", value: "x" }] })), "tolerations[0].value"],
    ["a capacity that is no quantity", manifest(exactly({ capacity: { requests: { memory: "lots" } } })), "capacity.requests[memory]"],
    ["no name", manifest({ requests: [{ exactly: request.exactly }] }), "requests[0].name: required"],
    ["a name that is no DNS label", manifest({ requests: [{ ...request, name: "R_1" }] }), 'requests[0].name: "R_1"'],
    ["a name of 64 characters", manifest({ requests: [{ ...request, name: LONG }] }), "requests[0].name"],
    ["a name used twice", manifest({ requests: [request, request] }), 'requests[1].name: "r": duplicate'],
    [
      "33 requests",
      manifest({ requests: Array.from({ length: 33 }, (_, i) => ({ ...request, name: `r-${String(i)}` })) }),
      "requests: 33 entries",
    ],
    ["neither exactly nor firstAvailable", manifest({ requests: [{ name: "r" }] }), "requests[0]: exactly one of"],
    ["both exactly and firstAvailable", manifest({ requests: [{ ...request, firstAvailable: [sub] }] }), "requests[0]: exactly one of"],
    [
      "9 alternatives",
      manifest({ requests: [{ name: "r", firstAvailable: Array.from({ length: 9 }, (_, i) => ({ ...sub, name: `a-${String(i)}` })) }] }),
      "firstAvailable: 9 entries",
    ],
    ["two alternatives of one name", manifest({ requests: [{ name: "r", firstAvailable: [sub, sub] }] }), "firstAvailable[1].name"],
    [
      "admin access of an alternative",
      manifest({ requests: [{ name: "r", firstAvailable: [{ ...sub, adminAccess: true }] }] }),
      "firstAvailable[0].adminAccess: unknown field",
    ],
    [
      "a constraint on an unknown request",
      manifest({ requests: [request], constraints: [{ matchAttribute: "a.b/c", requests: ["q"] }] }),
      'constraints[0].requests[0]: "q"',
    ],
    [
      "a constraint without an attribute",
      manifest({ requests: [request], constraints: [{ requests: ["r"] }] }),
      "constraints[0]: exactly one of",
    ],
    [
      "an attribute without a domain",
      manifest({ requests: [request], constraints: [{ matchAttribute: "parentUUID" }] }),
      'constraints[0].matchAttribute: "parentUUID"',
    ],
    [
      "configuration that is no object",
      manifest({ requests: [request], config: [{ opaque: { driver: "gpu.nvidia.com", parameters: "x" } }] }),
      "config[0].opaque.parameters",
    ],
    [
      "configuration without a driver",
      manifest({ requests: [request], config: [{ opaque: { parameters: {} } }] }),
      "config[0].opaque.driver",
    ],
    [
      "configuration of more than 10 KiB",
      manifest({ requests: [request], config: [{ opaque: { driver: "d", parameters: { x: "y".repeat(10_240) } } }] }),
      "config[0].opaque.parameters",
    ],
    ["an object without a name", manifest(exactly({}), { metadata: {} }), "metadata.name: required"],
    ["a malformed object name", manifest(exactly({}), { metadata: { name: "Gpu" } }), 'metadata.name: "Gpu"'],
    ["a label that is no string", manifest(exactly({}), { metadata: { name: "gpu", labels: { tier: 1 } } }), "metadata.labels[tier]"],
    [
      "metadata of a template's claims besides labels and annotations",
      manifest(undefined, { kind: "ResourceClaimTemplate", spec: { metadata: { name: "x" }, spec: { devices: exactly({}) } } }),
      "spec.metadata.name: unknown field",
    ],
  ])("%s", (_, value, expected) => {
    expect(problems(value)).toEqual(expect.arrayContaining([expect.stringContaining(expected)]));
  });

  it("a distinctAttribute where the API server drops it, with what to write instead", () => {
    const rules = { ...RULES, claimApi: { ...RULES.claimApi, dropped: ["distinctAttribute"] as const } };
    const value = manifest({ ...(exactly({ count: 2 }) as object), constraints: [{ distinctAttribute: "gpu.nvidia.com/uuid" }] });
    expect(problems(value)).toEqual([]);
    expect(problems(value, rules)).toEqual([
      expect.stringMatching(/constraints\[0\]\.distinctAttribute.* drops it .* Use "matchAttribute", or/),
    ]);
  });

  it("reports every problem, not only the first", () => {
    expect(problems(manifest(exactly({ cuont: 2, allocationMode: "Some", deviceClassName: "" })))).toHaveLength(3);
  });
});

/** The normal form as a manifest of some version. */
function write(spec: ClaimSpec, apiVersion: string): unknown {
  const writeExact = ({ selectors, allocationMode, capacityRequests, ...rest }: ExactRequest) => ({
    ...rest,
    selectors: selectors.map((expression) => ({ cel: { expression } })),
    ...(allocationMode.type === "All" ? { allocationMode: "All" } : { allocationMode: "ExactCount", count: allocationMode.count }),
    capacity: { requests: capacityRequests },
  });
  const requests = spec.requests.map((item) => {
    if (item.type === "exactly") {
      const fields = writeExact(item.exactly);
      return apiVersion.endsWith("v1beta1") ? { name: item.name, ...fields } : { name: item.name, exactly: fields };
    }
    const alternatives = item.firstAvailable.map(({ name, ...exact }) => ({ name, ...writeExact(exact), adminAccess: undefined }));
    return { name: item.name, firstAvailable: alternatives };
  });
  const constraints = spec.constraints.map(({ type, attribute, requests: covered }) => ({ [type]: attribute, requests: covered }));
  const config = spec.config.map(({ requests: covered, ...opaque }) => ({ requests: covered, opaque }));
  return manifest({ requests, constraints, config }, { apiVersion });
}

describe("reading", () => {
  const exact = fc.record<ExactRequest>({
    deviceClassName: fc.constantFrom("mig.nvidia.com", "mig-small.nvidia.com"),
    selectors: fc.array(fc.constantFrom(CEL, "true"), { maxLength: 2 }),
    allocationMode: fc.oneof(
      fc.constant({ type: "All" as const }),
      fc.record({ type: fc.constant("ExactCount" as const), count: fc.integer({ min: 1, max: 40 }) }),
    ),
    adminAccess: fc.boolean(),
    tolerations: fc.array(
      fc.record({
        key: fc.constantFrom(undefined, "unhealthy"),
        operator: fc.constant("Equal" as const),
        value: fc.constantFrom("", "x"),
        effect: fc.constantFrom(undefined, "NoSchedule" as const),
        tolerationSeconds: fc.constantFrom(undefined, 5),
      }),
      { maxLength: 2 },
    ),
    capacityRequests: fc.constantFrom<Readonly<Record<string, string>>>({}, { memory: "10Gi" }),
  });
  const specs = fc.array(fc.tuple(exact, fc.boolean()), { minLength: 1, maxLength: 4 }).map((items): ClaimSpec => ({
    requests: items.map(([fields, isChoice], index) =>
      isChoice
        ? { type: "firstAvailable", name: `r-${String(index)}`, firstAvailable: [{ name: "only", ...fields, adminAccess: false }] }
        : { type: "exactly", name: `r-${String(index)}`, exactly: fields },
    ),
    constraints: [{ type: "matchAttribute", attribute: "gpu.nvidia.com/parentUUID", requests: ["r-0"] }],
    config: [{ requests: [], driver: "gpu.nvidia.com", parameters: { sharing: null } }],
  }));

  it("gives back a normal form that was written as any version", () => {
    fc.assert(
      fc.property(
        specs,
        fc.constantFrom("resource.k8s.io/v1", "resource.k8s.io/v1beta2", "resource.k8s.io/v1beta1"),
        (spec, apiVersion) => {
          expect(read(write(spec, apiVersion)).spec).toEqual(spec);
        },
      ),
    );
  });

  it("never throws, whatever the document", () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (value, devices) => {
        readClaim(value, RULES);
        readClaim(manifest(devices), RULES);
        readClaim(manifest({ requests: [devices], constraints: [devices], config: [devices] }), RULES);
      }),
    );
  });
});
