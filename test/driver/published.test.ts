/** What NVIDIA's DRA driver publishes for simulated GPUs, held against the model: every GPU of the catalogue in every layout that MIG Manager ships for it. */
import { join } from "node:path";
import { compareNode } from "../../src/dra/capture/compare";
import { readCapture } from "../../src/dra/capture/read";
import type { CapturedNode } from "../../src/dra/capture/read";
import { VENDOR_DEVICE_CLASSES } from "../../src/dra/device-classes";
import { catalogueDevices, publishDevices, publishSlices } from "../../src/dra/devices";
import type { SelectorInput } from "../../src/dra/types";
import { GPU_MODELS } from "../../src/hardware/gpu-models";
import { namedLayouts, resolveLayout } from "../../src/hardware/layouts";
import type { LayoutSpec } from "../../src/hardware/layouts";
import type { GpuModel, NodeLayout } from "../../src/hardware/types";
import type { ControlPlane } from "../../src/control-plane/control-plane";
import { DRA_DRIVER_LINES, draDriverLine, draDriverPublication } from "../../src/releases/dra-driver-lines";
import type { DraDriverLine } from "../../src/releases/dra-driver-lines";
import type { Release } from "../../src/releases/types";
import { DRIVER } from "../../src/well-known/attributes";
import { missedBy, selectorsAbout } from "../dra/recorded-slices/missed";
import { JUDGEMENTS } from "../dra/selector/corpus/corpus";
import { startControlPlane } from "../harness/control-plane/start";
import { makeFolder } from "../support/folder";
import { testedRelease } from "../support/tested-release";
import { draDriverBinary } from "../harness/gpu-node/binaries";
import { simulatedNode } from "../harness/gpu-node/nvml/figures";
import type { SimulatedNode } from "../harness/gpu-node/nvml/figures";
import { publish, versionOf } from "../harness/gpu-node/kubelet-plugin";
import { NodeFiles } from "../harness/gpu-node/node-files";

const GPUS = 8;
/** As EC2 names nodes: so long that the API server cuts the names of their slices. */
const NODE = "ip-10-0-123-234.ap-southeast-2.compute.internal";
const PLUGIN = draDriverBinary();
const VERSION = PLUGIN === undefined ? "" : versionOf(PLUGIN);
const KNOWN_LINE = draDriverLine(VERSION);
/** A version that nobody has read is held against the newest line, which shows what is new in it. */
const LINE: DraDriverLine = KNOWN_LINE ?? "0.4";
const SOFTWARE: Release = { ...testedRelease(), draDriver: { version: VERSION, line: LINE } };
const TITLE = `DRA driver ${VERSION || "(skipped: DRA_DRIVER_BINARY names no gpu-kubelet-plugin)"}`;

function layoutOf(spec: LayoutSpec, model: GpuModel): NodeLayout {
  const resolved = resolveLayout(spec, model, GPUS);
  if (resolved.type === "invalid") {
    throw new Error(resolved.reason);
  }
  return resolved.layout;
}

const nodeOf = (model: GpuModel, addressingMode?: SimulatedNode["addressingMode"]): SimulatedNode =>
  simulatedNode(model, GPUS, testedRelease(), addressingMode);

(PLUGIN === undefined ? describe.skip : describe)(TITLE, () => {
  let plane: ControlPlane;
  beforeAll(async () => {
    plane = await startControlPlane();
  });
  afterAll(() => plane.stop());

  const filesOf = (node: SimulatedNode): NodeFiles => new NodeFiles(join(makeFolder({}), "node"), node);

  /** The nodes whose slices the API server has; none where the plugin ended before it published. */
  async function capture(files: NodeFiles, layout: NodeLayout): Promise<{ readonly nodes: readonly CapturedNode[]; readonly log: string }> {
    files.divide(layout);
    const publication = await publish(plane.api, files, PLUGIN ?? "", NODE);
    if (publication.type === "ended") {
      return { nodes: [], log: publication.log };
    }
    const read = readCapture([{ apiVersion: "resource.k8s.io/v1", kind: "ResourceSliceList", items: publication.slices }]);
    return { nodes: read.type === "capture" ? read.nodes : [], log: "" };
  }

  async function published(files: NodeFiles, layout: NodeLayout): Promise<CapturedNode> {
    const { nodes, log } = await capture(files, layout);
    const [node, ...others] = nodes;
    if (node === undefined || others.length > 0) {
      throw new Error(`the plugin publishes the slices of one node: ${log}`);
    }
    return node;
  }

  function expectAsModelled(node: CapturedNode, layout: NodeLayout): void {
    expect(differencesOf(node)).toEqual([]);
    const names = publishDevices(layout, SOFTWARE, NODE).map(({ name }) => name);
    expect(node.devices.map(({ name }) => name).sort()).toEqual([...names].sort());
    const withoutRandomEnd = (name: string): string => name.slice(0, -5);
    expect(node.sliceNames.map(withoutRandomEnd)).toEqual(
      publishSlices(NODE, layout, SOFTWARE).map(({ metadata }) => withoutRandomEnd(metadata.name)),
    );
  }

  it("is of a version that the project knows; where it is not, this is what is new in it", async () => {
    const [model] = GPU_MODELS as readonly [GpuModel];
    const node = await published(filesOf(nodeOf(model)), layoutOf("all-balanced", model));
    expect({ version: VERSION, line: KNOWN_LINE, new: differencesOf(node) }).toEqual({
      version: VERSION,
      line: expect.stringMatching(new RegExp(`^(${DRA_DRIVER_LINES.join("|")})$`)) as unknown,
      new: [],
    });
  });

  describe.each(GPU_MODELS.map((model) => [model.name, model] as const))("%s", (_, model) => {
    let files: NodeFiles;
    beforeAll(() => {
      files = filesOf(nodeOf(model));
    });

    it.each(namedLayouts(model).filter((name) => name !== "all-enabled"))("in layout %s publishes what the model says", async (name) => {
      const layout = layoutOf(name, model);
      expectAsModelled(await published(files, layout), layout);
    });

    it("publishes GPUs that are divided differently as what they are", async () => {
      const bySize = [...model.profiles].sort((a, b) => a.memorySlices - b.memorySlices);
      const layout = layoutOf(
        {
          name: "mixed",
          gpus: [
            { devices: [0], profiles: { [bySize[0]?.name ?? ""]: 1 } },
            { devices: [1], profiles: { [bySize.at(-1)?.name ?? ""]: 1 } },
            { devices: [2, 3, 4, 5, 6, 7], profiles: "whole" },
          ],
        },
        model,
      );
      expectAsModelled(await published(files, layout), layout);
    });
  });

  it.each(VENDOR_DEVICE_CLASSES.map((deviceClass) => [deviceClass.name, deviceClass] as const))(
    "class %s with any selector of the corpus reaches the published devices that it matches",
    async (_name, deviceClass) => {
      const [model] = GPU_MODELS as readonly [GpuModel];
      const files = filesOf(nodeOf(model, "HMM"));
      const devices: (readonly [string, SelectorInput])[] = [];
      for (const name of ["all-disabled", "all-balanced", "all-7g.40gb"]) {
        const node = await published(files, layoutOf(name, model));
        const kinds = new Map(node.devices.map((device) => [JSON.stringify(device.attributes["profile"]), device]));
        for (const { name: device, attributes, capacity } of kinds.values()) {
          devices.push([`${name} ${device}`, { driver: DRIVER, attributes: attributes as SelectorInput["attributes"], capacity }]);
        }
      }
      const corpus = Object.values(JUDGEMENTS).flatMap((judgements) => judgements.map(({ expression }) => expression));
      const selectors = [...new Set([...corpus, ...devices.flatMap(([, device]) => selectorsAbout(device))])];
      const catalogue = catalogueDevices(SOFTWARE).filter((shape) => shape.model === model);
      expect(missedBy(deviceClass, selectors, devices, catalogue)).toEqual([]);
    },
  );

  describe("what depends on the machine", () => {
    const [model] = GPU_MODELS as readonly [GpuModel];

    it.each(["None", "HMM", "ATS"] as const)("is published where the machine tells it: addressing mode %s", async (mode) => {
      const layout = layoutOf("all-balanced", model);
      const node = await published(filesOf(nodeOf(model, mode)), layout);
      expectAsModelled(node, layout);
      const isPublished = draDriverPublication(LINE).environmentAttributes.includes("addressingMode");
      const modes = new Set(node.devices.map(({ attributes }) => JSON.stringify(attributes["addressingMode"])));
      expect([...modes]).toEqual([isPublished ? JSON.stringify({ string: mode }) : undefined]);
    });

    it("with MIG on and nothing made is a slice without devices, or none", async () => {
      const layout = layoutOf("all-enabled", model);
      const { nodes } = await capture(filesOf(nodeOf(model)), layout);
      expect(nodes.map(({ devices }) => devices)).toEqual(publishSlices(NODE, layout, SOFTWARE).map(({ spec }) => spec.devices));
    });
  });
});

function differencesOf(node: CapturedNode): readonly unknown[] {
  const comparison = compareNode(node);
  switch (comparison.type) {
    case "unknown":
      return [comparison.reason];
    case "differs":
      return comparison.differences;
    case "equal":
      return comparison.node.lines.includes(LINE) ? [] : [`published as line ${comparison.node.lines.join()} does`];
  }
}
