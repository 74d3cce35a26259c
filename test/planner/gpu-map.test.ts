/** Which stretch of which GPU is what, and who holds it. */
import { INSTANCE_TYPES } from "../../src/hardware/instance-types";
import { namedLayouts, resolveLayout } from "../../src/hardware/layouts";
import { gpusByNode } from "../../src/planner/gpu-map";
import { drawGpus } from "../../src/rehearsal/report/gpu-map";
import type { JsonObject } from "../../src/cluster/objects";
import { claim, clusterOf, devicesOf, gpuNode } from "./clusters";

/** An instance type of each GPU model. */
const TYPES = [
  ...new Map(INSTANCE_TYPES.flatMap(({ name, gpus }) => (gpus.type === "mig" ? [[gpus.model, { name, ...gpus }] as const] : []))).values(),
];

describe.each(TYPES)("$model.name", ({ name, model, count }) => {
  test.each(namedLayouts(model))("in layout %s is drawn as the rehearsal draws it", (layout) => {
    const resolved = resolveLayout(layout, model, count);
    const node = gpuNode("a", { instanceType: name, layout });
    const gpus = gpusByNode(clusterOf(node)).get("a") ?? [];
    const withoutDevices = (parts: readonly object[]) => parts.map((part) => ({ ...part, device: "" }));
    expect(gpus.map(({ parts }) => withoutDevices(parts))).toEqual(
      node.length === 1 || resolved.type !== "legal"
        ? []
        : drawGpus(resolved.layout, [], new Map())
            .map(({ parts }) => withoutDevices(parts))
            .filter((parts) => parts.some((part) => "type" in part && part.type !== "unused")),
    );
    expect(gpus.every(({ isToScale }) => isToScale)).toBe(true);
  });
});

const node = gpuNode("a");
const [first = "", second = ""] = devicesOf(node, "1g.5gb");

/** The node with its slice's devices changed. */
function changed(change: (devices: readonly JsonObject[]) => readonly JsonObject[]): readonly JsonObject[] {
  return node.map((object) => {
    const spec = object["spec"] as { readonly devices: readonly JsonObject[] };
    return object["kind"] === "ResourceSlice" ? { ...object, spec: { ...spec, devices: change(spec.devices) } } : object;
  });
}

const gpusOf = (objects: readonly JsonObject[]) => gpusByNode(clusterOf(objects)).get("a") ?? [];

test("who holds a slice is said: pods, or a claim without a pod, or a pod that does not exist yet", () => {
  const cluster = clusterOf([
    ...node,
    claim("team-a", "used", "mig-small.nvidia.com", { held: first, users: ["train", "watch"] }),
    claim("team-b", "idle", "mig-small.nvidia.com", { held: second }),
  ]);
  const [large = ""] = devicesOf(node, "3g.20gb");
  const parts = gpusByNode(cluster, new Map([[large, "team-c/asked"]])).get("a")?.[0]?.parts;
  expect(parts?.map(({ profile, holders, claim: name }) => [profile, holders, name])).toEqual([
    ["2g.10gb", [], ""],
    ["1g.5gb", ["team-a/train", "team-a/watch"], "team-a/used"],
    ["1g.5gb", [], "team-b/idle"],
    ["3g.20gb", ["team-c/asked"], ""],
  ]);
});

test("a stretch that no published slice covers is unused", () => {
  const [gpu] = gpusOf(changed((devices) => devices.filter(({ name }) => !String(name).includes("1g5gb"))));
  expect(gpu?.parts.map(({ type, start, memorySlices }) => [type, start, memorySlices])).toEqual([
    ["slice", 0, 2],
    ["unused", 2, 2],
    ["slice", 4, 4],
  ]);
});

test.each<[string, (device: JsonObject) => JsonObject]>([
  ["say nothing of memory slices", (device) => ({ ...device, capacity: { memory: { value: "5Gi" } } })],
  ["are several on one memory slice", (device) => ({ ...device, capacity: { memorySlice0: { value: "1" } } })],
])("devices that %s are drawn side by side, and not to scale", (_, change) => {
  const [gpu] = gpusOf(changed((devices) => devices.map(change)));
  expect(gpu).toMatchObject({ name: "GPU 0", isToScale: false, memorySlices: 4 });
  expect(gpu?.parts.map(({ start, memorySlices }) => [start, memorySlices])).toEqual([0, 1, 2, 3].map((start) => [start, 1]));
});

test("GPUs of another name and product are drawn as far as they are known", () => {
  const gpus = gpusOf(
    changed((devices) =>
      devices.map((device, index) => ({
        ...device,
        name: `accelerator-${String(index)}`,
        attributes: { ...(device["attributes"] as JsonObject), productName: { string: "NVIDIA X100" } },
      })),
    ),
  );
  expect(gpus.map(({ name }) => name)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((index) => `GPU ${String(index)}`));
  expect(gpus[0]).toMatchObject({ model: "NVIDIA X100", isToScale: true, memorySlices: 8 });
});
