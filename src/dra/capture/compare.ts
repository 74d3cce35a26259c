/** A node's published slices, held against what the model says that such a node publishes. */
import { findGpuModel } from "../../hardware/gpu-models";
import { parseProfileName } from "../../hardware/profile-name";
import type { GpuModel, NodeLayout } from "../../hardware/types";
import { PCIE_ROOT, draDriverPublication } from "../../releases/dra-driver-lines";
import type { DraDriverLine } from "../../releases/dra-driver-lines";
import { publishDevices } from "../devices";
import type { Device } from "../types";
import { parseDeviceName } from "./device-names";
import { capturedLayout } from "./layout";
import { possibleLines } from "./lines";
import type { CapturedDevice, CapturedNode } from "./read";
import { showAttribute, showCapacity } from "./show";

/** One way in which devices differ from the model. No text of it identifies a node, a device or an account. */
export interface Difference {
  /** `attribute profile`, `capacity memory`, `placement`, ... */
  readonly subject: string;
  /** What has it: devices (`3g.20gb`, `whole GPU`), a `GPU` or the `node`. */
  readonly of: string;
  readonly published: string;
  readonly model: string;
  /** How many of them differ so. */
  readonly count: number;
}

/** What a node is, by its own slices. */
export interface ComparedNode {
  readonly model: GpuModel;
  readonly layout: NodeLayout;
  /** Lines of the DRA driver that publish so. */
  readonly lines: readonly DraDriverLine[];
  readonly driverVersion: string;
  readonly devices: number;
}

export type NodeComparison =
  | { readonly type: "equal"; readonly node: ComparedNode }
  | { readonly type: "differs"; readonly node: ComparedNode; readonly differences: readonly Difference[] }
  /** `reason` is a sentence. */
  | { readonly type: "unknown"; readonly reason: string };

export function compareNode(captured: CapturedNode): NodeComparison {
  const { devices } = captured;
  if (captured.slices !== captured.resourceSliceCount) {
    return unknown(
      `The capture has ${String(captured.slices)} of the ${String(captured.resourceSliceCount)} slices of this node. Write them again`,
    );
  }
  if (devices.length === 0) {
    return unknown("The node published no device, so its slices do not say what it is");
  }
  const products = [...new Set(devices.map(({ attributes }) => stringOf(attributes["productName"])))];
  const shown = new Set(devices.map(({ attributes }) => showAttribute("productName", attributes["productName"])));
  const [product] = products;
  const model = product === undefined || products.length > 1 ? undefined : findGpuModel(product);
  if (model === undefined || model.productName !== product) {
    return unknown(`The catalogue has no GPU called ${[...shown].join(" and ")}`);
  }
  const lines = possibleLines(captured);
  const [line] = lines;
  if (line === undefined) {
    return unknown("No version of the DRA driver that this project knows gives slices, devices and PCI addresses these names");
  }
  const [driverVersion, cudaDriverVersion] = ["driverVersion", "cudaDriverVersion"].map((name) => versionOf(devices[0]?.attributes[name]));
  if (driverVersion === undefined || cudaDriverVersion === undefined) {
    return unknown("The devices do not say the versions of NVIDIA's driver and of CUDA");
  }
  const { deviceNames } = draDriverPublication(line);
  const read = capturedLayout(
    model,
    devices.flatMap(({ name }) => parseDeviceName(name, deviceNames) ?? []),
  );
  if (read.type === "overlapping") {
    return unknown(
      `Devices of one GPU overlap, on ${String(read.gpus)} GPUs: the driver's feature gate DynamicMIG publishes so, and the model has static layouts only. Turn the gate off`,
    );
  }
  const { layout, problems } = read;
  const expected = publishDevices(layout, { draDriver: { version: line, line }, gpuAmi: { driverVersion, cudaDriverVersion } });
  const differences = [
    ...problems.map((problem) => ({ subject: "placement", of: "GPU", ...problem })),
    ...sliceDifferences(captured),
    ...deviceDifferences(devices, expected, line),
  ];
  const node: ComparedNode = { model, layout, lines, driverVersion, devices: devices.length };
  return differences.length === 0 ? { type: "equal", node } : { type: "differs", node, differences: counted(differences) };
}

type Single = Omit<Difference, "count">;

/** Equal differences as one, in an order that does not depend on that of the devices, which is random. */
function counted(differences: readonly Single[]): readonly Difference[] {
  const groups = new Map<string, Difference>();
  for (const difference of differences) {
    const key = JSON.stringify([difference.subject, difference.of, difference.published, difference.model]);
    groups.set(key, { ...difference, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, difference]) => difference);
}

function sliceDifferences({ name, pool, slices }: CapturedNode): readonly Single[] {
  return [
    ...(slices === 1 ? [] : [{ subject: "slices of a node", of: "node", published: String(slices), model: "1" }]),
    ...(pool === name ? [] : [{ subject: "name of the pool", of: "node", published: "another name", model: "the node's name" }]),
  ];
}

function deviceDifferences(devices: readonly CapturedDevice[], expected: readonly Device[], line: DraDriverLine): readonly Single[] {
  const byName = new Map(expected.map((device) => [device.name, device]));
  const names = devices.map(({ name }) => name);
  const parents = parentsOf(devices);
  return [
    ...(new Set(names).size < names.length
      ? [{ subject: "device names", of: "node", published: "one name twice", model: "each name once" }]
      : []),
    ...expected
      .filter(({ name }) => !names.includes(name))
      .map((device) => ({ subject: "device", of: kindOf(device), published: "nothing", model: device.name })),
    ...devices.flatMap((device) => {
      const model = byName.get(device.name);
      const of = kindOf(device);
      return model === undefined
        ? [{ subject: "device", of, published: device.name, model: "nothing" }]
        : [
            ...device.otherFields.map((field) => ({ subject: `field ${field}`, of, published: "a value", model: "nothing" })),
            ...attributeDifferences(device, model, line).map((difference) => ({ ...difference, of })),
            ...capacityDifferences(device, model).map((difference) => ({ ...difference, of })),
            ...(parents.get(device.name) === false
              ? [{ subject: "attribute parentUUID", of, published: "that of another GPU too", model: "one for each GPU" }]
              : []),
          ];
    }),
  ];
}

type Unplaced = Omit<Single, "of">;

const UUID = /^(GPU|MIG)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const PCI_ADDRESS = /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;

/** Strings of which a node has its own, by the form that all have. `addressingMode` says what NVML says. */
function formOf(attribute: string, pciAddress: string): { readonly form: RegExp; readonly words: string } | undefined {
  switch (attribute) {
    case "uuid":
    case "parentUUID":
      return { form: UUID, words: "a UUID" };
    case pciAddress:
      return { form: PCI_ADDRESS, words: "a PCI address" };
    case PCIE_ROOT:
      return { form: /^pci[0-9a-f]{4}:[0-9a-f]{2}$/, words: "a root complex" };
    case "addressingMode":
      return { form: /^(None|HMM|ATS)$/, words: "None, HMM or ATS" };
    default:
      return undefined;
  }
}

function attributeDifferences(device: CapturedDevice, model: Device, line: DraDriverLine): readonly Unplaced[] {
  const { pciAddress, environmentAttributes } = draDriverPublication(line);
  const names = new Set([...Object.keys(model.attributes), ...Object.keys(device.attributes)]);
  return [...names].flatMap((name) => {
    const subject = `attribute ${name}`;
    const isOptional = environmentAttributes.includes(name);
    if (!Object.hasOwn(device.attributes, name)) {
      return isOptional ? [] : [{ subject, published: "nothing", model: showAttribute(name, model.attributes[name]) }];
    }
    const published = device.attributes[name];
    if (!isOptional && !Object.hasOwn(model.attributes, name)) {
      return [{ subject, published: showAttribute(name, published), model: "nothing" }];
    }
    const form = formOf(name, pciAddress);
    const isEqual = form === undefined ? sameJson(published, model.attributes[name]) : form.form.test(stringOf(published) ?? "");
    return isEqual
      ? []
      : [{ subject, published: showAttribute(name, published), model: form?.words ?? showAttribute(name, model.attributes[name]) }];
  });
}

function capacityDifferences({ capacity }: CapturedDevice, model: Device): readonly Unplaced[] {
  const names = new Set([...Object.keys(model.capacity), ...Object.keys(capacity)]);
  return [...names].flatMap((name) => {
    const [published, expected] = [capacity[name], model.capacity[name]];
    return sameJson(published, expected)
      ? []
      : [{ subject: `capacity ${name}`, published: showCapacity(published), model: showCapacity(expected) }];
  });
}

/** For each MIG device, whether no other GPU's devices name its parent and its own GPU's all do. */
function parentsOf(devices: readonly CapturedDevice[]): ReadonlyMap<string, boolean> {
  const gpuOf = (name: string): string => name.split("-", 2).join("-");
  const parents = new Map<string, Set<string>>();
  const gpus = new Map<string, Set<string>>();
  const add = (sets: Map<string, Set<string>>, key: string, value: string) => sets.set(key, (sets.get(key) ?? new Set()).add(value));
  const mig = devices.flatMap(({ name, attributes }) => {
    const parent = stringOf(attributes["parentUUID"]);
    return parent === undefined ? [] : [{ name, gpu: gpuOf(name), parent }];
  });
  for (const { gpu, parent } of mig) {
    add(parents, gpu, parent);
    add(gpus, parent, gpu);
  }
  return new Map(mig.map(({ name, gpu, parent }) => [name, parents.get(gpu)?.size === 1 && gpus.get(parent)?.size === 1]));
}

function kindOf({ name, attributes }: { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }): string {
  if (!name.includes("-mig-")) {
    return "whole GPU";
  }
  const profile = stringOf(attributes["profile"]);
  return profile !== undefined && parseProfileName(profile).type === "profile" ? profile : "MIG device";
}

function stringOf(attribute: unknown): string | undefined {
  return textOf(attribute, "string");
}

function versionOf(attribute: unknown): string | undefined {
  return textOf(attribute, "version");
}

function textOf(attribute: unknown, key: "string" | "version"): string | undefined {
  const text = typeof attribute === "object" && attribute !== null ? (attribute as Readonly<Record<string, unknown>>)[key] : undefined;
  return typeof text === "string" ? text : undefined;
}

/** Of what has at most one key, as attributes and capacities do. */
function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function unknown(reason: string): NodeComparison {
  return { type: "unknown", reason };
}
