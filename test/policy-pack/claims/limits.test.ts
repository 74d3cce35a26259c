/** What the selectors of a claim may be together, and settings that nobody can follow. */
import { enforceBalancedMigProfiles } from "../../../policy-pack/claims/enforce-balanced-mig-profiles";
import { forbidClaimPrivileges } from "../../../policy-pack/claims/forbid-claim-privileges";
import { forbidGpuFromSlices } from "../../../policy-pack/claims/forbid-gpu-from-slices";
import { GPU_MODELS } from "../../../src/hardware/gpu-models";
import { violations } from "../verdict";

const claim = (expressions: readonly string[], kind = "ResourceClaim", more: object = {}) => {
  const selectors = expressions.map((expression) => ({ cel: { expression } }));
  const spec = { devices: { requests: [{ name: "a", exactly: { deviceClassName: "mig-small.nvidia.com", selectors } }] } };
  const metadata = { name: "c", namespace: "team-a" };
  return { apiVersion: "resource.k8s.io/v1", kind, metadata, spec: kind === "ResourceClaim" ? spec : { spec }, ...more };
};

test.each([
  ["many selectors", Array.from({ length: 17 }, () => "true"), "the claim has 17 selectors, and at most 16 are allowed. Join them with &&"],
  [
    "long selectors",
    Array.from({ length: 3 }, () => `device.driver == "gpu.nvidia.com"`.padEnd(1_000)),
    "the claim has 3000 bytes in its selectors, and at most 2048 are allowed. Compare fewer attributes",
  ],
  [
    "many patterns",
    Array.from({ length: 5 }, (_, index) => `device.driver.matches("a${index}")`),
    "the claim has 5 regular expressions in its selectors, and at most 4 are allowed. Use ==, in, startsWith or contains",
  ],
])("too %s", (_, expressions, message) => {
  expect(violations(enforceBalancedMigProfiles, claim(expressions))).toEqual([expect.stringContaining(message)]);
});

test("invalid settings deny every claim, and nothing else", () => {
  const config = { gpuModels: ["A1000"] };
  const names = GPU_MODELS.map(({ name }) => name).join(", ");
  const message = `Invalid settings of this policy, so it denies every claim: gpuModels: ["A1000"]: must name one or more of ${names}.`;
  const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", namespace: "team-a" }, data: {} };
  for (const policy of [forbidGpuFromSlices, enforceBalancedMigProfiles]) {
    expect(violations(policy, claim([]), config)).toEqual([message]);
    expect(violations(policy, map, config)).toEqual([]);
  }
});

test("only a claim has a status that allocates", () => {
  const status = { allocation: {} };
  expect(violations(forbidClaimPrivileges, claim([], "ResourceClaimTemplate", { status }))).toEqual([]);
  expect(violations(forbidClaimPrivileges, claim([], "ResourceClaim", { status }))).toHaveLength(1);
});
