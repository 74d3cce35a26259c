import { claimingObjects, readableClaims } from "../../../policy-pack/resources/claims";
import type { Resource } from "../../../policy-pack/evaluation/on-resource";
import { snapshot } from "../../../policy-pack/evaluation/snapshot";
import { UNKNOWN, behindProxy } from "../verdict";

const resource = (kind: string, spec: unknown, group = "resource.k8s.io") => {
  const type = `kubernetes:${group}/v1:${kind}`;
  const props = snapshot(behindProxy({ spec }), () => undefined);
  return { type, urn: `urn:pulumi:dev::team-a::${type}::x`, props, provider: undefined, getConfig: () => ({}) } as Resource;
};

const CLAIM = { devices: { requests: [{ name: "gpu", exactly: { deviceClassName: "mig-small.nvidia.com" } }] } };
const TEMPLATE = { spec: CLAIM };

test("claims and templates of every spelling can be read, and no class", () => {
  const read = (...args: Parameters<typeof resource>) => [claimingObjects, readableClaims].map((each) => each(resource(...args)).length);
  expect(read("ResourceClaim", CLAIM)).toEqual([1, 1]);
  expect(read("ResourceClaimTemplate", TEMPLATE)).toEqual([1, 1]);
  expect(read("DeviceClass", { selectors: [] })).toEqual([1, 0]);
  expect(read("ResourceClaim", {}, "example.com")).toEqual([0, 0]);
  expect(read("ResourceSlice", CLAIM)).toEqual([0, 0]);
});

test("a patch and what is unknown in part are left to those who deny them", () => {
  expect(readableClaims(resource("ResourceClaimPatch", CLAIM))).toEqual([]);
  const config = [{ opaque: { driver: "gpu.nvidia.com", parameters: { x: UNKNOWN } } }];
  expect(readableClaims(resource("ResourceClaim", { devices: { ...CLAIM.devices, config } }))).toEqual([]);
  expect(
    readableClaims(
      resource("ResourceClaim", {
        devices: { ...CLAIM.devices, config: [{ opaque: { driver: "gpu.nvidia.com", parameters: { x: 1 } } }] },
      }),
    ),
  ).toHaveLength(1);
});
