/** What objects say to the scheduler. */
import { toObject } from "../../src/cluster/objects";
import type { JsonObject } from "../../src/cluster/objects";
import { readState } from "../../src/cluster/state";
import { testedRelease } from "../support/tested-release";

const HARDWARE = { nodes: [], slices: [] };

const object = (kind: string, name: string, spec: JsonObject, more: JsonObject = {}) =>
  toObject(
    { apiVersion: "resource.k8s.io/v1", kind, metadata: { name, ...(kind !== "DeviceClass" && { namespace: "team-a" }) }, spec, ...more },
    { type: "manifest", file: "objects.yaml", line: 1 },
    "default",
  );

const request = (deviceClassName: string) => ({ devices: { requests: [{ name: "slice", exactly: { deviceClassName } }] } });

test("classes, claims and templates are read, each in its own namespace", () => {
  const { state, problems } = readState(
    [
      object("DeviceClass", "small", { selectors: [{ cel: { expression: "true" } }] }),
      object("ResourceClaim", "one", request("small")),
      object("ResourceClaimTemplate", "each", { spec: request("small") }),
    ],
    HARDWARE,
    testedRelease(),
  );
  expect(problems).toEqual([]);
  expect(state).toMatchObject({
    deviceClasses: [
      { name: "gpu.nvidia.com" },
      { name: "mig.nvidia.com" },
      { name: "vfio.gpu.nvidia.com" },
      { name: "small", selectors: ["true"] },
    ],
    claims: [{ name: "one", namespace: "team-a" }],
    templates: [{ name: "each", namespace: "team-a" }],
    pods: [],
  });
});

test("what the API server would refuse is a problem of its object, and not in the state", () => {
  const claim = object("ResourceClaim", "wrong", { devices: { requests: [{ name: "slice", exactly: {} }] } });
  const deviceClass = object("DeviceClass", "broken", { selectors: [{ cel: { expression: "device." } }] });
  const { state, problems } = readState([claim, deviceClass], HARDWARE, testedRelease());
  expect(state.claims).toEqual([]);
  expect(problems.map((problem) => problem.object.name)).toEqual(["wrong", "broken"]);
  expect(problems[1]?.message).toContain("spec.selectors[0].cel.expression");
});

test("a status in a manifest allocates nothing: creation ignores it", () => {
  const results = [{ request: "slice", driver: "gpu.nvidia.com", pool: "a", device: "gpu-0" }];
  const claim = object("ResourceClaim", "forged", request("small"), { status: { allocation: { devices: { results } } } });
  expect(readState([claim], HARDWARE, testedRelease()).state.claims).toMatchObject([{ name: "forged", allocation: undefined }]);
});
