/** Small clusters of one node, and claims for them, as fast-check arbitraries: what the allocator's properties are checked on. */
import fc from "fast-check";
import { readClaim } from "../../../src/dra/claims";
import type { ResourceClaim } from "../../../src/dra/claims";
import type { ClusterState, Node } from "../../../src/dra/allocator";
import type { DeviceClass } from "../../../src/dra/device-classes";
import { barePod } from "../../../src/dra/pods";
import type { Pod } from "../../../src/dra/pods";
import type { Device, DeviceTaint, ResourceSlice } from "../../../src/dra/types";
import { RULES } from "../../support/rules";

export const DRIVER = "gpu.nvidia.com";
export const NODE: Node = { metadata: { name: "node-a" }, status: { allocatable: { cpu: "8", memory: "16Gi", pods: "110" } } };

export const CLASSES: readonly DeviceClass[] = [
  { name: "any", selectors: [] },
  { name: "mig", selectors: [`device.driver == "${DRIVER}" && device.attributes["${DRIVER}"].type == "mig"`] },
];

const TAINT: DeviceTaint = { key: "unhealthy", value: "ecc", effect: "NoSchedule" };
export const PROFILES = ["1g.5gb", "2g.10gb", "3g.20gb"] as const;

/** A claim as a v1 manifest, so that it can be given to anything that reads manifests. */
export interface ClaimManifest {
  readonly apiVersion: "resource.k8s.io/v1";
  readonly kind: "ResourceClaim";
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly devices: { readonly requests: readonly unknown[]; readonly constraints: readonly unknown[] } };
}

export interface Scenario {
  readonly devices: readonly Device[];
  /** Names of devices that other claims hold. */
  readonly taken: readonly string[];
  /** The claims of one pod. */
  readonly claims: readonly ClaimManifest[];
}

export interface ScenarioOptions {
  readonly maxDevices: number;
  readonly constraints: readonly ("matchAttribute" | "distinctAttribute")[];
  /** Devices without a profile, on which selectors of profiles fail. */
  readonly errors: boolean;
  readonly taints: boolean;
  readonly adminAccess: boolean;
  /**
   * Alternatives may ask for "all". kube-scheduler 1.34 gets that wrong for others than the first, and with constraints it depends on the order
   * of devices whether it goes on with the next alternative or stops with an error.
   */
  readonly allAmongAlternatives: boolean;
  /** Names of the classes that requests name. @default any, mig */
  readonly classes?: readonly string[];
  /** The selectors of which a request has one or none. @default a test of each profile */
  readonly selectors?: readonly string[];
}

export function scenarios(options: ScenarioOptions): fc.Arbitrary<Scenario> {
  return fc.array(deviceShape(options), { minLength: 1, maxLength: options.maxDevices }).chain((shapes) => {
    const devices = shapes.map((shape, index) => ({ ...shape, name: `device-${String(index)}` }));
    return fc.record({
      devices: fc.constant(devices),
      taken: fc.subarray(devices.map(({ name }) => name)).map((names) => names.filter((_, index) => index % 2 === 0)),
      claims: fc
        .oneof(
          { weight: 2, arbitrary: fc.tuple(claimDevices(options)) },
          { weight: 1, arbitrary: fc.tuple(claimDevices(options), claimDevices(options)) },
        )
        .map((claims) => claims.map((spec, index): ClaimManifest => claimManifest(`claim-${String(index)}`, spec))),
    });
  });
}

function claimManifest(name: string, devices: ClaimManifest["spec"]["devices"]): ClaimManifest {
  return { apiVersion: "resource.k8s.io/v1", kind: "ResourceClaim", metadata: { name, namespace: "default" }, spec: { devices } };
}

export function deviceShape({ errors, taints }: Pick<ScenarioOptions, "errors" | "taints">): fc.Arbitrary<Omit<Device, "name">> {
  return fc
    .record({
      profile: fc.constantFrom(...PROFILES, ...(errors ? [undefined] : [])),
      parent: fc.constantFrom("gpu-0", "gpu-1", "gpu-2", undefined),
      tainted: taints ? fc.boolean() : fc.constant(false),
    })
    .map(({ profile, parent, tainted }) => ({
      attributes: {
        type: { string: "mig" },
        ...(profile === undefined ? {} : { profile: { string: profile } }),
        ...(parent === undefined ? {} : { parentUUID: { string: parent } }),
      },
      capacity: {},
      ...(tainted ? { taints: [TAINT] } : {}),
    }));
}

export function claimDevices({
  constraints,
  taints,
  adminAccess,
  allAmongAlternatives,
  classes = ["any", "mig"],
  selectors = PROFILES.map(isProfile),
}: Omit<ScenarioOptions, "maxDevices" | "errors">): fc.Arbitrary<ClaimManifest["spec"]["devices"]> {
  const exact = fc.record({
    deviceClassName: fc.constantFrom(...classes),
    selectors: fc.oneof(
      fc.constant([]),
      fc.constantFrom(...selectors).map((expression) => [{ cel: { expression } }]),
    ),
    mode: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(1, 1, 1, 2, 3).map((count) => ({ allocationMode: "ExactCount", count })) },
      { weight: 1, arbitrary: fc.constant({ allocationMode: "All" }) },
    ),
    tolerations: taints
      ? fc.constantFrom([], [{ key: TAINT.key, operator: "Exists" }], [{ operator: "Exists", effect: "NoExecute" }])
      : fc.constant([]),
  });
  const flat = exact.map(({ mode, ...rest }) => ({ ...rest, ...mode }));
  const request = fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .tuple(flat, adminAccess ? fc.boolean() : fc.constant(false))
        .map(([exactly, admin]) => ({ exactly: { ...exactly, adminAccess: admin } })),
    },
    {
      weight: 1,
      arbitrary: fc.array(flat, { minLength: 1, maxLength: 3 }).map((alternatives) => ({
        firstAvailable: alternatives.map((alternative, index) => ({
          name: `way-${String(index)}`,
          ...alternative,
          ...(!allAmongAlternatives && alternative.allocationMode === "All" ? { allocationMode: "ExactCount", count: 1 } : {}),
        })),
      })),
    },
  );
  return fc.array(request, { minLength: 1, maxLength: 3 }).chain((requests) => {
    const names = requests.map((_, index) => `request-${String(index)}`);
    return fc.record({
      requests: fc.constant(requests.map((item, index) => ({ name: names[index], ...item }))),
      constraints: constraints.length === 0 ? fc.constant([]) : claimConstraints(constraints, names),
    });
  });
}

function claimConstraints(types: ScenarioOptions["constraints"], requests: string[]): fc.Arbitrary<readonly unknown[]> {
  const constraint = fc.record({
    type: fc.constantFrom(...types),
    attribute: fc.constantFrom("parentUUID", "profile").map((name) => `${DRIVER}/${name}`),
    requests: fc.oneof(fc.constant([]), fc.subarray(requests, { minLength: 1 })),
  });
  return fc
    .oneof(fc.constant([]), fc.array(constraint, { maxLength: 2 }))
    .map((list) => list.map(({ type, attribute, requests: covered }) => ({ [type]: attribute, requests: covered })));
}

export function isProfile(profile: string): string {
  return `device.attributes["${DRIVER}"].profile == "${profile}"`;
}

export function slice(devices: readonly Device[], nodeName: string = NODE.metadata.name): ResourceSlice {
  return {
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceSlice",
    metadata: { name: nodeName },
    spec: { driver: DRIVER, nodeName, pool: { name: nodeName, generation: 1, resourceSliceCount: 1 }, devices },
  };
}

/** A pod without any wishes but its claims. */
export function pod(name: string, claims: Pod["claims"] = []): Pod {
  return { ...barePod(name, "default"), claims };
}

/** The pod of a scenario, and the cluster in which it is to be placed. */
export function clusterOf(scenario: Scenario): { readonly cluster: ClusterState; readonly pod: Pod } {
  const claims = scenario.claims.map(claimOf);
  const held = scenario.taken.map((device): ResourceClaim => holder(device));
  return {
    cluster: {
      nodes: [NODE],
      slices: [slice(scenario.devices)],
      deviceClasses: CLASSES,
      claims: [...claims, ...held],
      templates: [],
      namespaces: undefined,
      services: [],
      volumes: undefined,
      pods: [],
    },
    pod: pod(
      "pod",
      claims.map(({ name }) => ({ name, source: { type: "claim", claimName: name } })),
    ),
  };
}

export function claimOf(manifest: unknown): ResourceClaim {
  const reading = readClaim(manifest, RULES);
  if (reading.type === "invalid" || reading.claim.kind !== "ResourceClaim") {
    throw new Error(reading.type === "invalid" ? reading.problems.join("; ") : "not a ResourceClaim");
  }
  return reading.claim;
}

/** A claim that holds one device. */
export function holder(device: string, nodeName: string = NODE.metadata.name): ResourceClaim {
  return {
    kind: "ResourceClaim",
    apiVersion: "resource.k8s.io/v1",
    name: `holds-${nodeName}-${device}`,
    namespace: "other",
    spec: { requests: [], constraints: [], config: [] },
    allocation: { devices: [{ request: "r", driver: DRIVER, pool: nodeName, device, adminAccess: false }], nodeName },
    reservations: 1,
  };
}
