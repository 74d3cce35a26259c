/** Selectors, claims and placements follow the rules that they are handed, side by side with those of other versions. */
import { reachOf } from "../../../src/dra/reach";
import { readClaim } from "../../../src/dra/claims";
import { catalogueDevices } from "../../../src/dra/devices";
import { compileSelector } from "../../../src/dra/selector/selector";
import { celLibraries } from "../../../src/releases/cel-libraries";
import { defaultRelease } from "../../../src/releases/find";
import type { ClaimLimits, KubernetesRules } from "../../../src/releases/kubernetes";
import { RULES } from "../../support/rules";

const withLimits = (limits: Partial<ClaimLimits>): KubernetesRules => ({
  ...RULES,
  claimApi: { ...RULES.claimApi, limits: { ...RULES.claimApi.limits, ...limits } },
});

const claim = (selectors: readonly string[], apiVersion = "resource.k8s.io/v1") => ({
  apiVersion,
  kind: "ResourceClaim",
  metadata: { name: "claim" },
  spec: {
    devices: {
      requests: [{ name: "gpu", exactly: { deviceClassName: "any", selectors: selectors.map((expression) => ({ cel: { expression } })) } }],
    },
  },
});

it.each([
  [32, "semver('1.2.3').major() == 1"],
  [31, "device.attributes.all(domain, names, domain != '')"],
  [28, "'A'.lowerAscii() == 'a'"],
  [27, "device.attributes[?'a'].hasValue()"],
])("an API server that compiles like 1.%i does not know what later ones do: %s", (minor, expression) => {
  expect(compileSelector(expression, RULES).type).toBe("selector");
  expect(compileSelector(expression, { ...RULES, celLibraries: celLibraries(minor) }).type).toBe("invalid");
  expect(compileSelector(expression, RULES).type).toBe("selector");
});

it("the limits of a claim and of its selectors are those of the version", () => {
  expect(readClaim(claim(["true", "true"]), RULES).type).toBe("claim");
  expect(readClaim(claim(["true", "true"]), withLimits({ selectors: 1 }))).toMatchObject({
    problems: ["spec.devices.requests[0].exactly.selectors: 2 entries; at most 1 are allowed"],
  });
  expect(readClaim(claim(["true || false"]), withLimits({ selectorBytes: 4 }))).toMatchObject({
    problems: [expect.stringContaining("may not be more than 4 bytes") as string],
  });
});

it("a group version that the API server does not have is refused", () => {
  const rules: KubernetesRules = { ...RULES, claimApi: { ...RULES.claimApi, versions: ["resource.k8s.io/v1"] } };
  expect(readClaim(claim(["true"], "resource.k8s.io/v1beta2"), RULES).type).toBe("claim");
  expect(readClaim(claim(["true"], "resource.k8s.io/v1beta2"), rules)).toMatchObject({
    problems: [expect.stringMatching(/must be ResourceClaim or ResourceClaimTemplate of resource\.k8s\.io\/v1$/) as string],
  });
});

it("what a device was found to be under one version's rules says nothing under another's", () => {
  const devices = catalogueDevices(defaultRelease());
  const reading = readClaim(claim(["semver('1.0.0').major() == 1"]), RULES);
  if (reading.type !== "claim") {
    throw new Error("a legal claim");
  }
  const reachUnder = (rules: KubernetesRules) =>
    reachOf(reading.claim.spec, [{ name: "any", selectors: [] }], devices, rules).map(({ reach }) => reach.type);
  expect(reachUnder(RULES)).toEqual(["determined"]);
  expect(reachUnder({ ...RULES, celLibraries: celLibraries(32) })).toEqual(["undetermined"]);
  expect(reachUnder(RULES)).toEqual(["determined"]);
});
