/** A node's published slices, held against what the model says that such a node publishes. */
import { findGpuModel } from "../../hardware/gpu-models";
import { parseProfileName } from "../../hardware/profile-name";
import type { GpuModel, NodeLayout } from "../../hardware/types";
import { draDriverPublication } from "../../releases/dra-driver-lines";
import type { DraDriverLine } from "../../releases/dra-driver-lines";
import { publishDevices } from "../devices";
import type { Device } from "../types";
import { parseDeviceName } from "./device-names";
import { identifierForm, isMig, sharedIdentifiers } from "./identifiers";
import { capturedLayout } from "./layout";
import { possibleLines } from "./lines";
import type { CapturedDevice, CapturedNode } from "./read";
import { showAttribute, showCapacity, showName } from "./show";
import { stringOf, textOf } from "./values";

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
      `The capture has ${String(captured.slices)} slices of this node, and by its pool there are ${String(captured.resourceSliceCount)}. Write the slices of one cluster again, once, into a file of their own`,
    );
  }
  if (devices.length === 0) {
    return unknown("The node published no device, so its slices do not say what it is");
  }
  if (devices.some(({ attributes }) => stringOf(attributes["type"]) === "vfio")) {
    return unknown(
      "The node has GPUs that are passed through to virtual machines: the driver's feature gate PassthroughSupport publishes so, and the model has none. Turn the gate off",
    );
  }
  const products = [...new Set(devices.map(({ attributes }) => stringOf(attributes["productName"])))];
  if (products.includes(undefined)) {
    return unknown("Not every device has the attribute productName, so the slices do not say what GPUs they are of");
  }
  const shown = new Set(devices.map(({ attributes }) => showAttribute("productName", attributes["productName"])));
  const [product] = products;
  const model = product === undefined || products.length > 1 ? undefined : findGpuModel(product);
  if (model === undefined || model.productName !== product) {
    return unknown(
      products.length > 1
        ? `The node has GPUs of several models, ${[...shown].join(" and ")}, and the model has nodes with one`
        : `The catalogue has no GPU called ${[...shown].join(" and ")}`,
    );
  }
  const lines = possibleLines(captured);
  const [line] = lines;
  if (line === undefined) {
    return unknown("No version of the DRA driver that this project knows gives slices, devices and PCI addresses these names");
  }
  const [driverVersion, cudaDriverVersion] = ["driverVersion", "cudaDriverVersion"].map((name) =>
    devices.map(({ attributes }) => versionOf(attributes[name])).find((version) => version !== undefined),
  );
  if (driverVersion === undefined || cudaDriverVersion === undefined) {
    return unknown("The devices do not say the versions of NVIDIA's driver and of CUDA");
  }
  const { deviceNames } = draDriverPublication(line);
  const read = capturedLayout(
    model,
    [...new Set(devices.map(({ name }) => name))].flatMap((name) => parseDeviceName(name, deviceNames) ?? []),
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

function sliceDifferences({ name, pool, slices, otherFields }: CapturedNode): readonly Single[] {
  return [
    ...otherFields.map((field) => ({ subject: `field ${showName(field)}`, of: "node", published: "a value", model: "nothing" })),
    ...(slices === 1 ? [] : [{ subject: "slices of a node", of: "node", published: String(slices), model: "1" }]),
    ...(pool === name ? [] : [{ subject: "name of the pool", of: "node", published: "another name", model: "the node's name" }]),
  ];
}

function deviceDifferences(devices: readonly CapturedDevice[], expected: readonly Device[], line: DraDriverLine): readonly Single[] {
  const byName = new Map(expected.map((device) => [device.name, device]));
  const names = devices.map(({ name }) => name);
  return [
    ...sharedIdentifiers(devices, draDriverPublication(line).pciAddress).map(({ device, ...difference }) => ({
      ...difference,
      of: kindOf(device),
    })),
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
            ...device.otherFields.map((field) => ({ subject: `field ${showName(field)}`, of, published: "a value", model: "nothing" })),
            ...attributeDifferences(device, model, line).map((difference) => ({ ...difference, of })),
            ...capacityDifferences(device, model).map((difference) => ({ ...difference, of })),
          ];
    }),
  ];
}

type Unplaced = Omit<Single, "of">;

function attributeDifferences(device: CapturedDevice, model: Device, line: DraDriverLine): readonly Unplaced[] {
  const { pciAddress, environmentAttributes } = draDriverPublication(line);
  const names = new Set([...Object.keys(model.attributes), ...Object.keys(device.attributes)]);
  return [...names].flatMap((name) => {
    const subject = `attribute ${showName(name)}`;
    const isOptional = environmentAttributes.includes(name);
    const form = identifierForm(name, model, pciAddress);
    const modelled = form?.words ?? showAttribute(name, model.attributes[name]);
    if (!Object.hasOwn(device.attributes, name)) {
      return isOptional ? [] : [{ subject, published: "nothing", model: modelled }];
    }
    const published = device.attributes[name];
    if (!isOptional && !Object.hasOwn(model.attributes, name)) {
      return [{ subject, published: showAttribute(name, published), model: "nothing" }];
    }
    const isEqual = form === undefined ? sameJson(published, model.attributes[name]) : form.form.test(stringOf(published) ?? "");
    return isEqual ? [] : [{ subject, published: showAttribute(name, published), model: modelled }];
  });
}

function capacityDifferences({ capacity }: CapturedDevice, model: Device): readonly Unplaced[] {
  const names = new Set([...Object.keys(model.capacity), ...Object.keys(capacity)]);
  return [...names].flatMap((name) => {
    const [published, expected] = [capacity[name], model.capacity[name]];
    return sameJson(published, expected)
      ? []
      : [{ subject: `capacity ${showName(name)}`, published: showCapacity(published), model: showCapacity(expected) }];
  });
}

function kindOf(device: { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }): string {
  const { attributes } = device;
  if (!isMig(device)) {
    return "whole GPU";
  }
  const profile = stringOf(attributes["profile"]);
  return profile !== undefined && parseProfileName(profile).type === "profile" ? profile : "MIG device";
}

/** Undefined for what is no version of NVIDIA's driver or of CUDA. */
function versionOf(attribute: unknown): string | undefined {
  const version = textOf(attribute, "version");
  return version !== undefined && /^\d+\.\d+\.\d+$/.test(version) ? version : undefined;
}

/** Of what has at most one key, as attributes and capacities do. */
function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function unknown(reason: string): NodeComparison {
  return { type: "unknown", reason };
}
