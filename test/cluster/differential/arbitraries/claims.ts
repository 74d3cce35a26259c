/** Device classes, claims and templates. */
import fc from "fast-check";
import { claimDevices, DRIVER, isProfile, PROFILES } from "../../../dra/allocator/scenarios";
import type { KubernetesObject } from "../../../../src/live/api/api-server";
import { LABEL, NAME } from "../scenario";

const A = `device.attributes["${DRIVER}"]`;
const C = `device.capacity["${DRIVER}"]`;

/** By name, without that of the scenario. */
const CLASSES = {
  any: [],
  mig: [`device.driver == "${DRIVER}" && ${A}.type == "mig"`],
  whole: [`device.driver == "${DRIVER}"`, `${A}.type == "gpu"`],
  nothing: ["false"],
  // Fails on every device.
  broken: [`device.attributes["nowhere.example.com"].x == 1`],
  // Fails on devices without a profile.
  fragile: [`${A}.profile.startsWith("1g")`],
} as const;

/** Selectors that fail on no device of these scenarios or, as the last, on every one. */
const STEADY = [
  "true",
  `${A}.?profile.orValue("none") == "1g.5gb"`,
  `device.driver == "${DRIVER}" && has(${A}.profile) && ${A}.profile in ["2g.10gb", "3g.20gb"]`,
  `${C}.?memory.orValue(quantity("0")).isGreaterThan(quantity("9Gi"))`,
  `${A}.?driverVersion.orValue(semver("1.0.0")).isGreaterThan(semver("550.0.0"))`,
  `!device.driver.endsWith("nvidia.com") || ${A}.type == 3`,
  `size(device.driver) / (size(device.driver) - size(device.driver)) > 0`,
];

/** Selectors that fail on the devices that come first. */
const FRAGILE = [...PROFILES.map(isProfile), `${A}.profile != "1g.5gb"`, `${C}.memory.compareTo(quantity("10Gi")) <= 0`];

/** What the API server refuses. */
const REFUSED = [`${A}.profile ==`, `device.vendor == "x"`, `${C}.memory`, "1 + 1"];

export const ABSENT = "absent";

/** The classes of a scenario, all of them. */
export function classes(): readonly KubernetesObject[] {
  return Object.entries(CLASSES).map(([name, expressions]) => ({
    apiVersion: "resource.k8s.io/v1",
    kind: "DeviceClass",
    metadata: { name: `${NAME}-${name}`, labels: { [LABEL]: NAME } },
    spec: { selectors: expressions.map((expression) => ({ cel: { expression } })) },
  }));
}

export interface ClaimOptions {
  readonly isOrderKnown: boolean;
  readonly adminAccess: boolean;
}

/** `spec` of a claim. Where the order of devices is not known, nothing that depends on it: see `slicesOf`, and `ScenarioOptions.allAmongAlternatives`. */
export function claimSpec({ isOrderKnown, adminAccess }: ClaimOptions): fc.Arbitrary<unknown> {
  const usual = isOrderKnown ? ["any", "any", "mig", "mig", "whole", "fragile"] : ["any", "any", "mig", "mig", "whole"];
  const options = {
    taints: true,
    allAmongAlternatives: isOrderKnown,
    selectors: isOrderKnown ? [...STEADY, ...FRAGILE] : STEADY,
    classes: usual.map((name) => `${NAME}-${name}`),
  };
  const constraints = ["matchAttribute", "matchAttribute", "distinctAttribute"] as const;
  const devices = claimDevices({ ...options, adminAccess, constraints });
  return fc
    .oneof(
      { weight: 16, arbitrary: isOrderKnown ? devices : devices.filter((spec) => spec.constraints.length === 0 || !asksForAll(spec)) },
      {
        weight: 1,
        arbitrary: claimDevices({ ...options, adminAccess: true, constraints: [], classes: [`${NAME}-any`] }),
      },
      {
        weight: 2,
        arbitrary: claimDevices({
          ...options,
          adminAccess: false,
          constraints: [],
          classes: ["nothing", "broken", ABSENT].map((name) => `${NAME}-${name}`),
        }),
      },
      { weight: 1, arbitrary: claimDevices({ ...options, adminAccess: false, constraints: [], selectors: REFUSED }) },
    )
    .map((spec) => ({ devices: spec }));
}

function asksForAll(spec: unknown): boolean {
  return JSON.stringify(spec).includes('"All"');
}
