import { compareNode } from "../../../src/dra/capture/compare";
import type { Difference, NodeComparison } from "../../../src/dra/capture/compare";
import type { CapturedDevice, CapturedNode } from "../../../src/dra/capture/read";
import { publishSlices } from "../../../src/dra/devices";
import { findGpuModel } from "../../../src/hardware/gpu-models";
import { resolveLayout } from "../../../src/hardware/layouts";
import type { LayoutSpec } from "../../../src/hardware/layouts";
import { DRA_DRIVER_LINES } from "../../../src/releases/dra-driver-lines";
import type { DraDriverLine } from "../../../src/releases/dra-driver-lines";
import { defaultRelease } from "../../../src/releases/find";
import { RECORDINGS, recordedNode } from "../recorded-slices/recorded-slices";
import type { RecordingName } from "../recorded-slices/recorded-slices";

/** `subject of KIND: published, model`. */
function differencesOf(comparison: NodeComparison): readonly string[] {
  return comparison.type === "differs" ? comparison.differences.map(words) : [comparison.type];
}

function words({ subject, of, published, model, count }: Difference): string {
  return `${subject} of ${String(count)} x ${of}: ${published}, ${model}`;
}

describe("what the driver's versions published", () => {
  /** The memory of a driver up to 550, which the simulated NVML had with version 580. */
  const OLD_MEMORY = ["capacity memory of 8 x 2g.10gb: 9856Mi, 9984Mi", "capacity memory of 8 x 3g.20gb: 19968Mi, 20096Mi"];
  const OLD_MEMORY_MIXED = [
    "capacity memory of 2 x 2g.10gb: 9856Mi, 9984Mi",
    "capacity memory of 4 x 3g.20gb: 19968Mi, 20096Mi",
    "capacity memory of 2 x 4g.20gb: 19968Mi, 20096Mi",
  ];
  /** New in 0.5. */
  const numaNode = (kind: string, count: number) =>
    ["0", "1"].map((node) => `attribute resource.kubernetes.io/numaNode of ${String(count)} x ${kind}: ${node} (int), nothing`);
  const NUMA_NODES = [...numaNode("1g.5gb", 8), ...numaNode("2g.10gb", 4), ...numaNode("3g.20gb", 4)];

  it.each<[RecordingName, readonly DraDriverLine[], readonly string[]]>([
    ["slice-v25.8.1-balanced.sorted", ["25.8"], OLD_MEMORY],
    ["slice-v25.8.1-whole.sorted", ["25.8"], ["equal"]],
    ["v25.8.1-mixed", ["25.8"], OLD_MEMORY_MIXED],
    ["slice-v25.12.0-balanced.sorted", ["25.12", "0.4"], OLD_MEMORY],
    ["slice-v25.12.0-whole.sorted", ["25.12", "0.4"], ["equal"]],
    ["v25.12.0-bal-addr-hmm", ["25.12"], OLD_MEMORY],
    ["slice-v0.4.1-balanced.sorted", ["25.12", "0.4"], OLD_MEMORY],
    ["slice-v0.4.1-whole.sorted", ["25.12", "0.4"], ["equal"]],
    ["v0.4.1-bal-addr-hmm", ["0.4"], OLD_MEMORY],
    ["v0.4.1-mixed", ["0.4"], OLD_MEMORY_MIXED],
    ["v0.4.1-80", ["0.4"], ["capacity memory of 16 x 1g.10gb: 9856Mi, 9728Mi"]],
    ["v0.4.1-80-9728", ["0.4"], ["equal"]],
    ["slice-main-whole.sorted", ["25.12", "0.4"], numaNode("whole GPU", 4)],
    ["slice-main-balanced.sorted", ["25.12", "0.4"], [...NUMA_NODES, ...OLD_MEMORY]],
    ["main-bal-addr-hmm", ["0.4"], [...NUMA_NODES, ...OLD_MEMORY]],
  ])("%s is what lines %s publish, with known differences", (name, lines, differences) => {
    const comparison = compareNode(recordedNode(name));
    expect(comparison.type !== "unknown" && comparison.node.lines).toEqual(lines);
    expect([...differencesOf(comparison)].sort()).toEqual([...differences].sort());
  });

  it("is all recorded above", () => {
    expect(RECORDINGS).toHaveLength(15);
  });
});

/** A node as the model publishes it, as a capture. */
function published(spec: LayoutSpec = "all-balanced", line: DraDriverLine = "0.4", gpus = 8, name = "node-1"): CapturedNode {
  const model = findGpuModel("A100-SXM4-40GB");
  const resolved = model && resolveLayout(spec, model, gpus);
  if (resolved?.type !== "legal") {
    throw new Error("the layout is legal");
  }
  const [slice] = publishSlices(name, resolved.layout, { ...defaultRelease(), draDriver: { version: line, line } });
  const { devices = [] } = slice?.spec ?? {};
  return {
    name,
    pool: name,
    sliceNames: [slice?.metadata.name ?? ""],
    slices: 1,
    resourceSliceCount: 1,
    devices: devices.map((device) => ({ ...device, otherFields: [] })),
    otherFields: [],
  };
}

/** With every device changed. */
function changed(change: (device: CapturedDevice) => object, node = published("all-7g.40gb")): CapturedNode {
  return { ...node, devices: node.devices.map((device) => ({ ...device, ...change(device) })) };
}

describe("a node", () => {
  it.each(DRA_DRIVER_LINES)("that the model publishes is equal to it, with line %s", (line) => {
    for (const layout of ["all-balanced", "all-disabled", "all-7g.40gb", "all-1g.5gb"]) {
      const comparison = compareNode(published(layout, line));
      expect(comparison.type).toBe("equal");
      expect(comparison.type === "equal" && comparison.node.lines).toEqual([line]);
    }
  });

  it.each(DRA_DRIVER_LINES)("is equal whatever the length of its name, of which the API server cuts a part, with line %s", (line) => {
    for (const name of [
      "a",
      "ip-10-0-1-2.ec2.internal",
      "ip-10-0-1-2.us-west-2.compute.internal",
      "ip-10-0-123-234.ap-southeast-2.compute.internal",
      `i-${"0123456789abcdef".repeat(4)}.${"a".repeat(60)}`,
    ]) {
      const comparison = compareNode(published("all-balanced", line, 8, name));
      expect([name, comparison.type, comparison.type === "equal" && comparison.node.lines]).toEqual([name, "equal", [line]]);
    }
  });

  it("is equal in whatever order its devices are, and with minor numbers that are not indices", () => {
    const node = published("all-balanced", "25.8");
    const renamed = node.devices.map((device) => ({
      ...device,
      name: device.name.replace(/^gpu-(\d)/, (_, gpu) => `gpu-${String((Number(gpu) + 3) % 8)}`),
    }));
    expect(compareNode({ ...node, devices: [...renamed].reverse() }).type).toBe("equal");
  });

  it("is equal with and without what depends on its machine", () => {
    for (const addressingMode of ["None", "HMM", "ATS"]) {
      const node = changed(({ attributes }) => ({ attributes: { ...attributes, addressingMode: { string: addressingMode } } }));
      expect(compareNode(node).type).toBe("equal");
    }
    const azure = changed(({ attributes }) => ({
      attributes: Object.fromEntries(Object.entries(attributes).filter(([name]) => !name.endsWith("pcieRoot"))),
    }));
    expect(compareNode(azure).type).toBe("equal");
  });

  it("is equal where profiles of equal compute slices lie at each other's places, and differs where others do", () => {
    const mixed = (starts: Readonly<Record<string, string>>): CapturedNode => {
      const node = published({ name: "two-sizes", gpus: [{ devices: "all", profiles: { "1g.10gb": 1, "1g.5gb": 1 } }] }, "0.4", 1);
      return { ...node, devices: node.devices.map((device) => moved(device, starts[device.name])) };
    };
    const [first, second] = mixed({}).devices.map(({ name }) => name);
    expect([first, second]).toEqual(["gpu-0-mig-1g5gb-19-4", "gpu-0-mig-1g10gb-15-6"]);
    expect(compareNode(mixed({ [first ?? ""]: "2", [second ?? ""]: "4" })).type).toBe("equal");

    const large = published({ name: "one-large", gpus: [{ devices: "all", profiles: { "3g.20gb": 1 } }] }, "0.4", 1);
    const atZero = { ...large, devices: large.devices.map((device) => moved(device, "0")) };
    expect(differencesOf(compareNode(atZero))).toEqual(["placement of 1 x GPU: 3g.20gb at 0, 3g.20gb at 4"]);
  });

  it.each<[string, CapturedNode, readonly string[]]>([
    [
      "the attribute of a later version",
      changed(({ attributes }) => ({ attributes: { ...attributes, "resource.kubernetes.io/numaNode": { int: 1 } } })),
      ["attribute resource.kubernetes.io/numaNode of 8 x 7g.40gb: 1 (int), nothing"],
    ],
    [
      "a list, as a later Kubernetes allows",
      changed(({ attributes }) => ({ attributes: { ...attributes, "resource.kubernetes.io/numaNode": { ints: [1, 2] } } })),
      ["attribute resource.kubernetes.io/numaNode of 8 x 7g.40gb: a value of another form, nothing"],
    ],
    [
      "another brand",
      changed(({ attributes }) => ({ attributes: { ...attributes, brand: { string: "Tesla" } } })),
      [`attribute brand of 8 x 7g.40gb: "Tesla", "Nvidia"`],
    ],
    [
      "less memory",
      changed(({ capacity }) => ({ capacity: { ...capacity, memory: { value: "40192Mi" } } })),
      ["capacity memory of 8 x 7g.40gb: 40192Mi, 40320Mi"],
    ],
    [
      "no memory",
      changed(({ capacity }) => ({ capacity: Object.fromEntries(Object.entries(capacity).filter(([name]) => name !== "memory")) })),
      ["capacity memory of 8 x 7g.40gb: nothing, 40320Mi"],
    ],
    [
      "a UUID of another form",
      changed(({ attributes }) => ({ attributes: { ...attributes, uuid: { string: "secret" } } })),
      [
        "attribute uuid of 8 x 7g.40gb: a text of 6 characters, the UUID of a MIG device",
        "attribute uuid of 8 x 7g.40gb: one that others have too, or several, one for each device",
      ],
    ],
    [
      "the UUID of a GPU for a MIG device",
      changed(({ attributes }) => ({ attributes: { ...attributes, uuid: attributes["parentUUID"] } })),
      ["attribute uuid of 8 x 7g.40gb: a text of 40 characters, the UUID of a MIG device"],
    ],
    [
      "the UUID of a MIG device for a GPU",
      changed(
        ({ attributes, name }) => ({
          attributes: { ...attributes, uuid: { string: `MIG-00000000-0000-0000-0000-00000000000${name.slice(-1)}` } },
        }),
        published("all-disabled"),
      ),
      ["attribute uuid of 8 x whole GPU: a text of 40 characters, the UUID of a GPU"],
    ],
    [
      "one parent for all",
      changed(({ attributes }) => ({ attributes: { ...attributes, parentUUID: { string: "GPU-00000000-0000-0000-0000-000000000000" } } })),
      ["attribute parentUUID of 8 x 7g.40gb: one that others have too, or several, one for each GPU"],
    ],
    [
      "one PCI address for all",
      changed(({ attributes }) => ({ attributes: { ...attributes, "resource.kubernetes.io/pciBusID": { string: "0000:10:1c.0" } } })),
      ["attribute resource.kubernetes.io/pciBusID of 8 x 7g.40gb: one that others have too, or several, one for each GPU"],
    ],
    [
      "a PCI address for each device of a GPU",
      changed(
        ({ attributes, name }) => ({
          attributes: { ...attributes, "resource.kubernetes.io/pciBusID": { string: `0000:10:1${name.slice(-1)}.0` } },
        }),
        published("all-1g.5gb", "0.4", 1),
      ),
      ["attribute resource.kubernetes.io/pciBusID of 7 x 1g.5gb: one that others have too, or several, one for each GPU"],
    ],
    [
      "a device without its PCI address",
      changed(({ attributes, name }) => ({
        attributes: Object.fromEntries(
          Object.entries(attributes).filter(([attribute]) => !name.startsWith("gpu-0") || !attribute.endsWith("pciBusID")),
        ),
      })),
      ["attribute resource.kubernetes.io/pciBusID of 1 x 7g.40gb: nothing, a PCI address"],
    ],
    [
      "a field that the model does not have",
      changed(() => ({ otherFields: ["consumesCounters"] })),
      ["field consumesCounters of 8 x 7g.40gb: a value, nothing"],
    ],
    [
      "a field of its slices that the model does not have",
      { ...published(), otherFields: ["sharedCounters"] },
      ["field sharedCounters of 1 x node: a value, nothing"],
    ],
    [
      "one device name twice",
      { ...published("all-7g.40gb"), devices: published("all-7g.40gb").devices.flatMap((device) => [device, device]) },
      ["device names of 1 x node: one name twice, each name once"],
    ],
    [
      "something else for a version of NVIDIA's driver",
      changed(({ attributes, name }) => ({
        attributes: { ...attributes, ...(name.startsWith("gpu-0") ? { driverVersion: { version: "unknown" } } : {}) },
      })),
      ["attribute driverVersion of 1 x 7g.40gb: a text of 7 characters, 580.178.4"],
    ],
    [
      "two versions of NVIDIA's driver",
      {
        ...published("all-disabled", "0.4", 2),
        devices: published("all-disabled", "0.4", 2).devices.map((device, index) => ({
          ...device,
          attributes: { ...device.attributes, ...(index === 1 ? { driverVersion: { version: "1.2.3" } } : {}) },
        })),
      },
      ["attribute driverVersion of 1 x whole GPU: 1.2.3, 580.178.4"],
    ],
    ["a pool of another name", { ...published(), pool: "other" }, ["name of the pool of 1 x node: another name, the node's name"]],
    ["two slices", { ...published(), slices: 2, resourceSliceCount: 2, sliceNames: [] }, ["slices of a node of 1 x node: 2, 1"]],
    [
      "more instances than a GPU has room for",
      instances(["gpu-0-mig-3g20gb-9-0", "gpu-0-mig-2g10gb-14-4", "gpu-0-mig-1g5gb-19-6", "gpu-0-mig-1g5gb-me-20-7"]),
      expect.arrayContaining([expect.stringMatching(/^placement of 1 x GPU: 1g\.5gb\+me at 7, 1g\.5gb\+me at one of 0, 1/)]) as never,
    ],
    [
      "a profile that the catalogue does not have",
      instances(["gpu-0-mig-1g5gb-99-0"]),
      expect.arrayContaining(["placement of 1 x GPU: a profile with ID 99, no such profile of A100-SXM4-40GB"]) as never,
    ],
  ])("differs by %s", (_, node, differences) => {
    expect(differencesOf(compareNode(node))).toEqual(differences);
  });

  it.each<[string, CapturedNode, string]>([
    [
      "a GPU outside the catalogue",
      changed(({ attributes }) => ({ attributes: { ...attributes, productName: { string: "Tesla T4" } } })),
      `no GPU called "Tesla T4"`,
    ],
    [
      "a GPU by its short name",
      changed(({ attributes }) => ({ attributes: { ...attributes, productName: { string: "A100-SXM4-40GB" } } })),
      "no GPU called",
    ],
    ["device names of a later version", changed(() => ({ name: "mig-0-7g40gb" })), "No version of the DRA driver that this project knows"],
    ["a slice name of a later version", { ...published(), sliceNames: ["gpus"] }, "No version of the DRA driver that this project knows"],
    ["no devices", { ...published(), devices: [] }, "published no device"],
    ["no product", changed(() => ({ attributes: {} })), "Not every device has the attribute productName"],
    [
      "GPUs of two models",
      {
        ...published(),
        devices: published().devices.map((device, index) => ({
          ...device,
          attributes: { ...device.attributes, ...(index === 0 ? { productName: { string: "NVIDIA L4" } } : {}) },
        })),
      },
      `GPUs of several models, "NVIDIA L4" and "NVIDIA A100-SXM4-40GB"`,
    ],
    [
      "a GPU for virtual machines",
      changed(({ attributes }) => ({ name: "gpu-vfio-0", attributes: { ...attributes, type: { string: "vfio" } } })),
      "feature gate PassthroughSupport",
    ],
    [
      "a minor number that no GPU can have",
      changed(() => ({ name: "gpu-99999999" })),
      "No version of the DRA driver that this project knows",
    ],
    [
      "a start that no instance can have",
      changed(() => ({ name: "gpu-0-mig-7g40gb-0-99999999" })),
      "No version of the DRA driver that this project knows",
    ],
    ["a part of its slices", { ...published(), resourceSliceCount: 2 }, "has 1 slices of this node, and by its pool there are 2"],
    ["one slice twice", { ...published(), slices: 2 }, "has 2 slices of this node, and by its pool there are 1"],
    [
      "no version of NVIDIA's driver",
      changed(({ attributes }) => ({ attributes: { ...attributes, driverVersion: {} } })),
      "do not say the versions",
    ],
    ["instances that overlap", instances(["gpu-0-mig-3g20gb-9-0", "gpu-0-mig-1g5gb-19-1"]), "feature gate DynamicMIG"],
    [
      "a GPU that is whole and divided",
      { ...published(), devices: [...published("all-disabled").devices, ...published().devices] },
      "on 8 GPUs",
    ],
  ])("with %s cannot be compared", (_, node, reason) => {
    expect(compareNode(node)).toEqual({ type: "unknown", reason: expect.stringContaining(reason) as unknown });
  });
});

/** Devices of these names, with the attributes of a 7g.40gb. */
function instances(names: readonly string[]): CapturedNode {
  const node = published("all-7g.40gb");
  return { ...node, devices: names.flatMap((name) => node.devices.slice(0, 1).map((device) => ({ ...device, name }))) };
}

/** The device at another start; undefined: where it is. */
function moved(device: CapturedDevice, start: string | undefined): CapturedDevice {
  if (start === undefined) {
    return device;
  }
  const slices = Object.keys(device.capacity).filter((name) => name.startsWith("memorySlice"));
  const others = Object.entries(device.capacity).filter(([name]) => !slices.includes(name));
  return {
    ...device,
    name: device.name.replace(/\d+$/, start),
    capacity: Object.fromEntries([
      ...others,
      ...slices.map((_, offset) => [`memorySlice${String(Number(start) + offset)}`, { value: "1" }] as const),
    ]),
  };
}
