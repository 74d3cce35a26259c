import { readCapture } from "../../../src/dra/capture/read";
import type { CapturedNode } from "../../../src/dra/capture/read";
import { recordedDocument } from "../recorded-slices/recorded-slices";

const slice = (name: string, driver = "gpu.nvidia.com", generation = 1, resourceSliceCount = 1) => ({
  apiVersion: "resource.k8s.io/v1",
  kind: "ResourceSlice",
  metadata: { name: `00000-${driver}-${name}-abcde` },
  spec: {
    driver,
    nodeName: name,
    pool: { name, generation, resourceSliceCount },
    devices: [{ name: "gpu-0", attributes: { type: { string: "gpu" } }, capacity: { memory: { value: "40Gi" } } }],
  },
});

function nodesOf(...documents: readonly unknown[]): readonly CapturedNode[] {
  const capture = readCapture(documents);
  if (capture.type === "unreadable") {
    throw new Error(capture.reason);
  }
  return capture.nodes;
}

describe("a capture", () => {
  it.each<[string, readonly unknown[]]>([
    ["a slice by itself", [slice("a")]],
    ["kubectl's List", [{ apiVersion: "v1", kind: "List", items: [slice("a")] }]],
    [
      "the API server's list, whose items say nothing of their kind",
      [{ apiVersion: "resource.k8s.io/v1", kind: "ResourceSliceList", items: [{ metadata: slice("a").metadata, spec: slice("a").spec }] }],
    ],
    ["version v1beta2", [{ ...slice("a"), apiVersion: "resource.k8s.io/v1beta2" }]],
  ])("can be %s", (_, documents) => {
    expect(nodesOf(...documents)).toEqual([
      {
        name: "a",
        pool: "a",
        sliceNames: ["00000-gpu.nvidia.com-a-abcde"],
        slices: 1,
        resourceSliceCount: 1,
        devices: [{ name: "gpu-0", attributes: { type: { string: "gpu" } }, capacity: { memory: { value: "40Gi" } }, otherFields: [] }],
        otherFields: [],
      },
    ]);
  });

  it("has several nodes in several documents, and slices of other drivers beside them", () => {
    const capture = readCapture([
      slice("a"),
      { apiVersion: "v1", kind: "List", items: [slice("b"), slice("a", "compute-domain.nvidia.com")] },
    ]);
    expect(capture.type === "capture" && capture.nodes.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(capture).toMatchObject({ slicesOfOtherDrivers: 1 });
  });

  it("has the newest generation of a pool, as after an upgrade of the driver", () => {
    const [node] = nodesOf(slice("a", "gpu.nvidia.com", 1), slice("a", "gpu.nvidia.com", 2, 2));
    expect(node).toMatchObject({ slices: 1, resourceSliceCount: 2, devices: [{ name: "gpu-0" }] });
  });

  it("says what fields a device has besides", () => {
    const [node] = nodesOf({
      ...slice("a"),
      spec: { ...slice("a").spec, devices: [{ name: "gpu-0", consumesCounters: [], taints: [] }] },
    });
    expect(node?.devices).toEqual([{ name: "gpu-0", attributes: {}, capacity: {}, otherFields: ["consumesCounters", "taints"] }]);
  });

  it("takes capacities that somebody wrote without quotes, and slices without devices", () => {
    const { spec } = slice("a");
    const [node] = nodesOf({ ...slice("a"), spec: { ...spec, devices: [{ name: "gpu-0", capacity: { decoders: { value: 1 } } }] } });
    expect(node?.devices[0]?.capacity).toEqual({ decoders: { value: "1" } });
    expect(nodesOf({ ...slice("a"), spec: { ...spec, devices: null } })[0]?.devices).toEqual([]);
  });

  it("has fields that the model does not have, of slices, devices and capacities", () => {
    const { spec } = slice("a");
    const device = { name: "gpu-0", taints: null, consumesCounters: [], capacity: { memory: { value: "1Gi", requestPolicy: {} } } };
    const [node] = nodesOf({ ...slice("a"), spec: { ...spec, allNodes: null, sharedCounters: [], devices: [device] } });
    expect(node).toMatchObject({
      otherFields: ["sharedCounters"],
      devices: [{ capacity: { memory: { value: "1Gi" } }, otherFields: ["consumesCounters", "capacity.memory.requestPolicy"] }],
    });
  });

  it("can be what a driver published into a real API server", () => {
    expect(nodesOf(recordedDocument("v0.4.1-mixed"))[0]?.devices).toHaveLength(28);
  });

  it.each<[string, readonly unknown[], string]>([
    ["nothing", [], "no slice of the driver gpu.nvidia.com"],
    ["an empty list", [{ apiVersion: "v1", kind: "List", items: [] }], "no slice of the driver gpu.nvidia.com"],
    ["slices of other drivers", [slice("a", "dra.example.com")], "no slice of the driver gpu.nvidia.com"],
    ["another object", [{ apiVersion: "v1", kind: "Node", metadata: { name: "a" } }], "another kind than ResourceSlice"],
    ["a text", ["slices"], "another kind than ResourceSlice"],
    ["a list of texts", [{ apiVersion: "v1", kind: "List", items: ["a"] }], "another kind than ResourceSlice"],
    ["an older version", [{ ...slice("a"), apiVersion: "resource.k8s.io/v1beta1" }], "of another version than resource.k8s.io/v1 and"],
    ["a slice without a pool", [{ ...slice("a"), spec: { driver: "gpu.nvidia.com" } }], "cannot be read at spec.pool"],
    [
      "a pool of half a slice",
      [{ ...slice("a"), spec: { ...slice("a").spec, pool: { name: "a", generation: 1, resourceSliceCount: 1.5 } } }],
      "cannot be read at spec.pool.resourceSliceCount",
    ],
    ["a slice of null", [{ ...slice("a"), spec: null }], "cannot be read at spec"],
  ])("of %s is unreadable, and the reason says how to write one", (_, documents, reason) => {
    const capture = readCapture(documents);
    expect(capture).toEqual({ type: "unreadable", reason: expect.stringContaining(reason) as unknown });
    expect(capture.type === "unreadable" && capture.reason).toContain("kubectl get resourceslices.v1.resource.k8s.io -o yaml");
  });
});
