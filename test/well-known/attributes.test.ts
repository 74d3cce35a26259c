/** Which attributes tie the slices of a claim to one GPU: the policy pack and the admission policies answer alike. */
import { forbidGpuFromSlices } from "../../policy-pack/claims/forbid-gpu-from-slices";
import { catalogueDevices } from "../../src/dra/devices";
import { MIG_SELECTOR_START, catalogueTierClasses } from "../../src/dra/tiers";
import { RELEASES } from "../../src/releases/find";
import { DRIVER, PARENT_UUID_ATTRIBUTE, SHARED_ATTRIBUTES } from "../../src/well-known/attributes";
import { PASSES, STOPPED, put } from "./requests";

/** Four small slices: the whole of an A30, and about half of any other GPU. */
const claim = (constraints: readonly object[]) => ({
  apiVersion: "resource.k8s.io/v1",
  kind: "ResourceClaim",
  metadata: { name: "claim", namespace: "team-a" },
  spec: {
    devices: {
      requests: [{ name: "slices", exactly: { deviceClassName: "mig-small.nvidia.com", allocationMode: "ExactCount", count: 4 } }],
      constraints,
    },
  },
});
const verdict = (constraints: readonly object[]) => put(claim(constraints), forbidGpuFromSlices, "shared-gpu-claims");

test("without a constraint, slices of several GPUs pass", () => {
  expect(verdict([])).toEqual(PASSES);
});

test.each(SHARED_ATTRIBUTES)("a constraint on %s ties nothing to one GPU", (matchAttribute) => {
  expect(verdict([{ requests: ["slices"], matchAttribute }])).toEqual(PASSES);
});

test(`a constraint on ${PARENT_UUID_ATTRIBUTE} does`, () => {
  expect(verdict([{ requests: ["slices"], matchAttribute: PARENT_UUID_ATTRIBUTE }])).toEqual(STOPPED);
});

test.each([...SHARED_ATTRIBUTES, PARENT_UUID_ATTRIBUTE])("the driver publishes %s", (attribute) => {
  const published = RELEASES.flatMap(catalogueDevices).flatMap(({ input }) => Object.keys(input.attributes));
  expect(published).toContain(attribute.slice(`${DRIVER}/`.length));
});

test("the class of every tier begins with the selector that its admission policy asks for", () => {
  for (const { selectors } of catalogueTierClasses()) {
    expect(selectors).toEqual([expect.stringMatching(new RegExp(`^${MIG_SELECTOR_START.replace(/[[\].|]/g, "\\$&")}`))]);
  }
});
