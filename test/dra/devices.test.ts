import { catalogueDevices, publishDevices, publishSlices } from "../../src/dra/devices";
import type { Device } from "../../src/dra/types";
import { findGpuModel, GPU_MODELS } from "../../src/hardware/gpu-models";
import { resolveLayout } from "../../src/hardware/layouts";
import type { GpuModel, NodeLayout } from "../../src/hardware/types";
import { RELEASES } from "../../src/releases/find";
import { draDriverLine } from "../../src/releases/dra-driver-lines";
import type { DraDriverLine } from "../../src/releases/dra-driver-lines";
import type { Release } from "../../src/releases/types";
import { DRIVER } from "../../src/well-known/attributes";
import { recordedNode } from "./recorded-slices/recorded-slices";
import type { RecordingName } from "./recorded-slices/recorded-slices";

const [laterRelease] = RELEASES;
const release: Release = { ...laterRelease, ...laterRelease.otherGpuSoftware["25.10"] };

function model(name: string): GpuModel {
  const found = findGpuModel(name);
  if (found === undefined) {
    throw new Error(`${name} is in the catalogue`);
  }
  return found;
}

function layout(spec: Parameters<typeof resolveLayout>[0], gpuModel: GpuModel, count: number): NodeLayout {
  const resolved = resolveLayout(spec, gpuModel, count);
  if (resolved.type === "invalid") {
    throw new Error(resolved.reason);
  }
  return resolved.layout;
}

const a100 = model("A100-SXM4-40GB");
const p4d = layout("all-balanced", a100, 8);

function only(devices: readonly Device[], name: string): Device {
  const found = devices.filter((device) => device.name === name);
  expect(found).toHaveLength(1);
  return found[0] as Device;
}

describe("a p4d.24xlarge, all-balanced", () => {
  const devices = publishDevices(p4d, release, "node-1");

  it("publishes 32 slices and no whole GPU", () => {
    const profiles = devices.map(({ attributes }) => attributes["profile"]?.string);
    expect(devices).toHaveLength(32);
    expect(devices.every(({ attributes }) => attributes["type"]?.string === "mig")).toBe(true);
    expect(profiles.filter((profile) => profile === "1g.5gb")).toHaveLength(16);
    expect(profiles.filter((profile) => profile === "2g.10gb")).toHaveLength(8);
    expect(profiles.filter((profile) => profile === "3g.20gb")).toHaveLength(8);
  });

  it("publishes slices with the attributes and capacities of driver 25.8.1", () => {
    const large = devices.find(({ attributes }) => attributes["profile"]?.string === "3g.20gb");
    expect(large?.name).toMatch(/^gpu-0-mig-9-[04]-4$/);
    const start = Number(large?.name.split("-")[4]);
    expect(Object.keys(large?.attributes ?? {}).sort()).toEqual([
      "architecture",
      "brand",
      "cudaComputeCapability",
      "cudaDriverVersion",
      "driverVersion",
      "parentUUID",
      "pcieBusID",
      "productName",
      "profile",
      "resource.kubernetes.io/pcieRoot",
      "type",
      "uuid",
    ]);
    expect(large?.attributes).toMatchObject({
      productName: { string: "NVIDIA A100-SXM4-40GB" },
      architecture: { string: "Ampere" },
      brand: { string: "Nvidia" },
      cudaComputeCapability: { version: "8.0.0" },
      cudaDriverVersion: { version: "13.0.0" },
      uuid: { string: expect.stringMatching(/^MIG-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as unknown },
      parentUUID: { string: expect.stringMatching(/^GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as unknown },
      pcieBusID: { string: expect.stringMatching(/^0000:[0-9a-f]{2}:[0-9a-f]{2}\.0$/) as unknown },
    });
    expect(large?.capacity).toEqual({
      multiprocessors: { value: "42" },
      copyEngines: { value: "3" },
      decoders: { value: "2" },
      encoders: { value: "0" },
      jpegEngines: { value: "0" },
      ofaEngines: { value: "0" },
      memory: { value: "20096Mi" },
      ...Object.fromEntries([0, 1, 2, 3].map((offset) => [`memorySlice${String(start + offset)}`, { value: "1" }])),
    });
  });

  it("publishes what the driver makes of versions: no leading zeros", () => {
    const padded: Release = { ...release, gpuAmi: { ...release.gpuAmi, driverVersion: "580.126.09" } };
    expect(publishDevices(p4d, padded)[0]?.attributes["driverVersion"]).toEqual({ version: "580.126.9" });
  });

  it("gives the slices of one GPU one parent, and every device a UUID of its own", () => {
    const uuids = new Set(devices.map(({ attributes }) => attributes["uuid"]?.string));
    expect(uuids.size).toBe(32);
    const parents = new Map<string | undefined, (string | undefined)[]>();
    for (const { name, attributes } of devices) {
      const parent = attributes["parentUUID"]?.string;
      parents.set(parent, [...(parents.get(parent) ?? []), name.split("-")[1]]);
    }
    expect([...parents.values()]).toEqual(Array.from({ length: 8 }, (_, index) => Array<string>(4).fill(String(index))));
  });

  it("is the same every time, and different on another node", () => {
    expect(publishDevices(p4d, release, "node-1")).toEqual(devices);
    const other = publishDevices(p4d, release, "node-2");
    const uuids = [...devices, ...other].map(({ attributes }) => attributes["uuid"]?.string);
    expect(new Set(uuids).size).toBe(64);
    expect(other.map(({ name }) => name)).toEqual(devices.map(({ name }) => name));
  });
});

describe("device names", () => {
  it("are built from the profile's number, start and size up to driver 25.8", () => {
    const devices = publishDevices(layout("all-1g.5gb", a100, 1), release);
    expect(devices.map(({ name }) => name)).toEqual([0, 1, 2, 3, 4, 5, 6].map((start) => `gpu-0-mig-19-${String(start)}-1`));
  });

  it("carry the profile's name from driver 25.12 on", () => {
    const devices = publishDevices(layout("all-1g.5gb", a100, 1), laterRelease);
    expect(devices.map(({ name }) => name)).toEqual([0, 1, 2, 3, 4, 5, 6].map((start) => `gpu-0-mig-1g5gb-19-${String(start)}`));
    expect(devices[0]?.attributes).toHaveProperty(["resource.kubernetes.io/pciBusID"]);
    expect(devices[0]?.attributes).not.toHaveProperty("pcieBusID");
  });

  it.each(RELEASES.flatMap((each) => [each, { ...each, draDriver: laterRelease.draDriver }]))(
    "are legal and unique with driver $draDriver.version",
    (each) => {
      for (const gpuModel of GPU_MODELS) {
        const names = publishDevices(layout("all-balanced", gpuModel, 8), each).map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        expect(names.filter((name) => !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name))).toEqual([]);
      }
    },
  );
});

describe("GPUs of one node that are divided differently", () => {
  const mixed = layout(
    {
      name: "mixed",
      gpus: [
        { devices: [0], profiles: "whole" },
        { devices: [1], profiles: { "7g.40gb": 1 } },
        { devices: [2], profiles: { "3g.20gb": 2 } },
      ],
    },
    a100,
    3,
  );
  const devices = publishDevices(mixed, release);

  it("are published as what they are", () => {
    expect(devices.map(({ name }) => name)).toEqual(["gpu-0", "gpu-1-mig-0-0-8", "gpu-2-mig-9-0-4", "gpu-2-mig-9-4-4"]);
  });

  it("are published with their whole memory where they are whole", () => {
    const whole = only(devices, "gpu-0");
    expect(whole.capacity).toEqual({ memory: { value: "40Gi" } });
    expect(whole.attributes).toMatchObject({ type: { string: "gpu" }, uuid: { string: expect.stringMatching(/^GPU-/) as unknown } });
    expect(whole.attributes).not.toHaveProperty("profile");
    expect(whole.attributes).not.toHaveProperty("parentUUID");
  });
});

describe("slices of devices", () => {
  it("are one for a node of today", () => {
    const slices = publishSlices("node-1", p4d, release);
    expect(slices).toHaveLength(1);
    expect(slices[0]?.spec).toMatchObject({
      driver: DRIVER,
      nodeName: "node-1",
      pool: { name: "node-1", generation: 1, resourceSliceCount: 1 },
      devices: publishDevices(p4d, release, "node-1"),
    });
  });

  it("are none of a node with more devices than one slice can have: the driver does not split them, and the API server refuses the slice", () => {
    const large = (gpus: number): NodeLayout => ({
      name: "large",
      model: a100,
      gpus: Array.from({ length: gpus }, () => layout("all-1g.5gb", a100, 1).gpus[0] ?? { type: "whole" }),
    });
    expect(publishSlices("node-1", large(18), release).map(({ spec }) => spec.devices.length)).toEqual([126]);
    expect(publishSlices("node-1", large(19), release)).toEqual([]);
  });

  it("are none, or an empty one, where MIG is on and nothing is made: the plugin of 25.8 ends with an error", () => {
    const empty: NodeLayout = { name: "empty", model: a100, gpus: [{ type: "mig", placements: [] }] };
    expect(publishSlices("node-1", empty, withDriver("25.8"))).toEqual([]);
    expect(publishSlices("node-1", empty, withDriver("25.12")).map(({ spec }) => spec.devices)).toEqual([[]]);
    expect(publishSlices("node-1", empty, withDriver("0.4")).map(({ spec }) => spec.devices)).toEqual([[]]);
  });

  it("have names of the form that the driver's version gives, with an end that depends on the node", () => {
    const nameOf = (line: DraDriverLine, node = "node-1") => publishSlices(node, p4d, withDriver(line))[0]?.metadata.name;
    expect(nameOf("25.8")).toMatch(/^node-1-gpu\.nvidia\.com-[a-z0-9]{5}$/);
    expect(nameOf("25.12")).toMatch(/^node-1-gpu\.nvidia\.com-[a-z0-9]{5}$/);
    expect(nameOf("0.4")).toMatch(/^00000-gpu\.nvidia\.com-node-1-[a-z0-9]{5}$/);
    expect(nameOf("0.4")).toBe(nameOf("0.4"));
    expect(nameOf("0.4")?.slice(-5)).not.toBe(nameOf("0.4", "node-2")?.slice(-5));
  });

  it("have names of at most 63 characters: the API server cuts what the driver asks for", () => {
    const node = "ip-10-0-123-234.ap-southeast-2.compute.internal";
    const nameOf = (line: DraDriverLine) => publishSlices(node, p4d, withDriver(line))[0]?.metadata.name;
    expect(nameOf("25.12")).toMatch(/^ip-10-0-123-234\.ap-southeast-2\.compute\.internal-gpu\.nvidia[a-z0-9]{5}$/);
    expect(nameOf("0.4")).toMatch(/^00000-gpu\.nvidia\.com-ip-10-0-123-234\.ap-southeast-2\.comput[a-z0-9]{5}$/);
  });

  it.each(["v25.8.1-mixed", "v25.12.0-bal-addr-hmm", "v0.4.1-mixed", "v0.4.1-80"] as const)("have a name like that of %s", (recording) => {
    const [name = ""] = recordedNode(recording).sliceNames;
    const line = draDriverLine(recording.split("-")[0] ?? "");
    const [slice] = publishSlices("node-1", p4d, withDriver(line));
    expect(slice?.metadata.name.slice(0, -5)).toBe(name.slice(0, -5));
  });

  it("list devices in an order that is not that of the driver, which is random", () => {
    const gpus = (recording: RecordingName) => recordedNode(recording).devices.map(({ name }) => name.split("-", 2).join("-"));
    const runs = (names: readonly string[]) => names.filter((name, index) => name !== names[index - 1]).length;
    // Over the whole node up to 25.12, GPU by GPU from 0.4 on.
    expect(runs(gpus("v25.8.1-mixed"))).toBeGreaterThan(8);
    expect(runs(gpus("v25.12.0-bal-addr-hmm"))).toBeGreaterThan(8);
    expect(runs(gpus("v0.4.1-mixed"))).toBe(8);
    expect(gpus("v0.4.1-mixed")).not.toEqual([...gpus("v0.4.1-mixed")].sort());
  });
});

function withDriver(line: DraDriverLine | undefined): Release {
  return { ...release, draDriver: { version: line ?? "", line: line ?? "25.8" } };
}

describe("the catalogue", () => {
  const catalogue = catalogueDevices(release);

  it("has every GPU whole and every profile of every GPU, once", () => {
    expect(catalogue.map(({ model: { name }, profile }) => `${name} ${profile?.name ?? "whole"}`)).toEqual(
      GPU_MODELS.flatMap(({ name, profiles }) => [`${name} whole`, ...profiles.map((profile) => `${name} ${profile.name}`)]),
    );
  });

  it("knows where each slice can start", () => {
    for (const { profile, placements } of catalogue) {
      const slices = placements.map((capacity) => Object.keys(capacity).filter((name) => name.startsWith("memorySlice")));
      const expected = (profile?.starts ?? []).map((start) =>
        Array.from({ length: profile?.memorySlices ?? 0 }, (_, offset) => `memorySlice${String(start + offset)}`),
      );
      expect(slices).toEqual(profile === undefined ? [[]] : expected);
    }
  });
});
