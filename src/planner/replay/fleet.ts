/** Nodes of GPUs and what each GPU is divided into. */
import { INSTANCE_TYPES, findInstanceType } from "../../hardware/instance-types";
import { nearestNames } from "../../hardware/nearest";
import { WHOLE_GPU } from "../../hardware/node-devices";
import type { GpuModel, InstanceType } from "../../hardware/types";
import type { GpuContents } from "../design/suppliers";

/** Nodes of one type: all have GPUs that can be divided. */
export interface FleetNodes {
  readonly instanceType: InstanceType;
  readonly model: GpuModel;
  readonly gpusPerNode: number;
  readonly count: number;
}

export type FleetReading =
  | { readonly type: "fleet"; readonly nodes: FleetNodes }
  | { readonly type: "invalid"; readonly reason: string; readonly nearest: readonly string[] };

/** More than a person buys. */
const MAX_NODES = 1000;

/** Reads `9xp4d.24xlarge`. */
export function parseFleet(text: string): FleetReading {
  const [, count = "", name = ""] = /^(?:([1-9]\d{0,3})x)?([a-z0-9-]+\.[a-z0-9]+)$/.exec(text) ?? [];
  const types = INSTANCE_TYPES.filter(({ gpus }) => gpus.type === "mig").map((type) => type.name);
  const instanceType = findInstanceType(name);
  if (instanceType?.gpus.type !== "mig") {
    const reason =
      name === "" ? `"${text}" is no number and instance type, such as 9xp4d.24xlarge` : `"${name}" has no GPUs that can be divided`;
    return { type: "invalid", reason, nearest: name === "" ? [] : nearestNames(name, types) };
  }
  const nodes = Number(count === "" ? 1 : count);
  return nodes > MAX_NODES
    ? { type: "invalid", reason: `"${text}" is more than ${String(MAX_NODES)} nodes`, nearest: [] }
    : { type: "fleet", nodes: { instanceType, model: instanceType.gpus.model, gpusPerNode: instanceType.gpus.count, count: nodes } };
}

/** What every GPU of a fleet is divided into, node by node. */
export type FleetLayout = readonly GpuContents[];

/** The part of a GPU that a device is, by compute slices. */
export function shareOf(device: string, model: GpuModel): number {
  const slices = model.profiles.find(({ name }) => name === device)?.computeSlices;
  return device === WHOLE_GPU ? 1 : (slices ?? 0) / model.computeSlices;
}

/**
 * The devices that serve a pod, smallest first: of a part of a GPU those with as many compute slices, of several GPUs those that are not divided. Profiles with media extensions
 * are for those who ask for them.
 */
export function devicesFor({ gpus, share }: { readonly gpus: number; readonly share: number }, model: GpuModel): readonly string[] {
  if (gpus > 1) {
    return [WHOLE_GPU];
  }
  const slices = model.profiles
    .filter(({ name, computeSlices }) => !/[+-]/.test(name) && computeSlices / model.computeSlices >= share)
    .sort((a, b) => a.computeSlices - b.computeSlices || a.memorySlices - b.memorySlices);
  return [...slices.map(({ name }) => name), WHOLE_GPU];
}
