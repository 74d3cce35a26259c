/**
 * Layouts: what every GPU of a node is divided into. Either one that MIG Manager ships, by name, or one of the user's own, per GPU index.
 */
import { nearestNames, nearestProfiles } from "./nearest";
import { countProfiles, formatProfileCounts, nearestLayouts, placeProfiles } from "./placement";
import { parseProfileName } from "./profile-name";
import { STOCK_LAYOUTS } from "./stock-layouts";
import type { GpuLayout, GpuModel, NodeLayout } from "./types";

/** What some GPUs of a node are divided into. */
export interface CustomGpus {
  /** GPU indices from 0. */
  readonly devices: "all" | readonly number[];
  /** GPU instances per profile; empty: MIG mode without instances; `whole`: MIG mode off. */
  readonly profiles: Readonly<Record<string, number>> | "whole";
}

/** A layout of the user's own. */
export interface CustomLayout {
  /** Becomes the value of the node label `nvidia.com/mig.config`. */
  readonly name: string;
  /** Together they mention every GPU of the node exactly once. */
  readonly gpus: readonly CustomGpus[];
}

/** The name of a stock layout, or a custom layout. */
export type LayoutSpec = string | CustomLayout;

export type LayoutResult =
  | { readonly type: "legal"; readonly layout: NodeLayout }
  /** `reason` is a clause that names the offending value itself; `nearest` are legal values, best first, possibly none. */
  | { readonly type: "invalid"; readonly reason: string; readonly nearest: readonly string[] };

type Invalid = Extract<LayoutResult, { type: "invalid" }>;

/** A Kubernetes label value: at most 63 characters, letters or digits at both ends. */
const LABEL_VALUE = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

/** Whether MIG Manager ships a layout of this name (for whatever GPU). */
export function isStockLayout(name: string): boolean {
  return Object.hasOwn(STOCK_LAYOUTS, name);
}

const named = new WeakMap<GpuModel, readonly string[]>();

/** The stock layouts that are legal on this GPU, in MIG Manager's order. */
export function namedLayouts(model: GpuModel): readonly string[] {
  let names = named.get(model);
  if (names === undefined) {
    names = Object.keys(STOCK_LAYOUTS).filter((name) => {
      const profiles = stockProfiles(name, model);
      return profiles === "whole" || (profiles !== undefined && placeProfiles(model, profiles).type === "placed");
    });
    named.set(model, names);
  }
  return names;
}

/**
 * Turns a layout into what it makes of each GPU, with exact placements, or says why it cannot be.
 *
 * @param gpuCount GPUs of the node, at least 1
 */
export function resolveLayout(spec: LayoutSpec, model: GpuModel, gpuCount: number): LayoutResult {
  return typeof spec === "string" ? resolveStock(spec, model, gpuCount) : resolveCustom(spec, model, gpuCount);
}

/** What a stock layout makes of this GPU; undefined if it is for other GPUs only. */
function stockProfiles(name: string, model: GpuModel): CustomGpus["profiles"] | undefined {
  return STOCK_LAYOUTS[name]?.find(({ pciDeviceIds }) => pciDeviceIds?.some((id) => model.pciDeviceIds.includes(id)) ?? true)?.profiles;
}

function resolveStock(name: string, model: GpuModel, gpuCount: number): LayoutResult {
  if (!isStockLayout(name)) return unknownLayout(name, model);
  const profiles = stockProfiles(name, model);
  if (profiles === undefined) return invalid(`"${name}" is a layout for other GPUs than ${model.name}`, nearestNamed(name, model));
  const gpu = divide(model, profiles);
  if (gpu.type === "invalid") return invalid(`"${name}" is a layout for other GPUs: ${gpu.reason}`, nearestNamed(name, model));
  return { type: "legal", layout: { name, model, gpus: Array.from({ length: gpuCount }, () => gpu) } };
}

function unknownLayout(name: string, model: GpuModel): Invalid {
  const profile = profileInLayoutName(name);
  if (parseProfileName(profile).type === "invalid") {
    return invalid(`"${name}" is not a layout that MIG Manager ships`, nearestNamed(name, model));
  }
  const exists = model.profiles.some((candidate) => candidate.name === profile);
  const reason = exists ? `"${name}" is a profile, not a layout` : `"${profile}" is not a profile of ${model.name}`;
  return invalid(reason, nearestNamed(name, model));
}

/** Stock layouts are called after their profile with `.` for `+`: `all-1g.5gb.me`. */
function layoutNameOf(profile: string): string {
  return `all-${profile.replace("+", ".")}`;
}

function profileInLayoutName(name: string): string {
  return name.replace(/^all-/, "").replace(/gb\.(?=[a-z])/, "gb+");
}

/** Legal named layouts nearest to a name: by the profile in it where there is one, else by spelling. */
function nearestNamed(name: string, model: GpuModel): readonly string[] {
  const legal = namedLayouts(model);
  const profile = profileInLayoutName(name);
  const byProfile = parseProfileName(profile).type === "invalid" ? [] : nearestProfiles(profile, model).map(layoutNameOf);
  const known = byProfile.filter((candidate) => legal.includes(candidate));
  return known.length > 0 ? known : nearestNames(name, legal);
}

function resolveCustom(spec: CustomLayout, model: GpuModel, gpuCount: number): LayoutResult {
  const { name } = spec;
  if (!LABEL_VALUE.test(name)) {
    return invalid(
      `"${name}" is not a Kubernetes label value (at most 63 letters, digits, "-", "_" and ".", a letter or digit at both ends)`,
      asLabelValue(name),
    );
  }
  const gpus: GpuLayout[] = [];
  for (const [index, { devices, profiles }] of spec.gpus.entries()) {
    const place = spec.gpus.length > 1 ? ` (gpus[${String(index)}])` : "";
    const gpu = divide(model, profiles);
    if (gpu.type === "invalid") return invalid(gpu.reason + place, gpu.nearest);
    if (devices.length === 0) return invalid(`"${name}" has an entry for no GPU${place}`, []);
    for (const device of devices === "all" ? Array.from({ length: gpuCount }, (_, i) => i) : devices) {
      if (!Number.isInteger(device) || device < 0 || device >= gpuCount) {
        return invalid(`there is no GPU ${String(device)}${place}; a node has ${gpuRange(gpuCount)}`, []);
      }
      if (gpus[device] !== undefined) return invalid(`GPU ${String(device)} is mentioned more than once${place}`, []);
      gpus[device] = gpu;
    }
  }
  const open = Array.from({ length: gpuCount }, (_, device) => device).filter((device) => gpus[device] === undefined);
  if (open.length > 0) {
    // mig-parted's assert counts every GPU of the node: with one left out, MIG Manager ends in `failed` (cmd/nvidia-mig-parted/assert).
    return invalid(`"${name}" does not say what happens to GPU ${open.join(", ")}; use "whole" for a GPU that is not to be divided`, []);
  }
  return isStockLayout(name) ? sameAsStock({ name, model, gpus }) : { type: "legal", layout: { name, model, gpus } };
}

/** A custom layout may carry a stock name only where it means the same: whoever reads the node label must be able to trust it. */
function sameAsStock(layout: NodeLayout): LayoutResult {
  const stock = resolveStock(layout.name, layout.model, layout.gpus.length);
  const identical = stock.type === "legal" && layout.gpus.every((gpu, index) => sameGpu(gpu, stock.layout.gpus[index]));
  if (identical) return stock;
  return invalid(`"${layout.name}" is a layout that MIG Manager ships, with other contents`, [`${layout.name}-custom`]);
}

function sameGpu(a: GpuLayout, b: GpuLayout | undefined): boolean {
  const contents = (gpu: GpuLayout | undefined): string =>
    gpu?.type === "mig" ? formatProfileCounts(countProfiles(gpu.placements)) : "whole";
  return contents(a) === contents(b);
}

function divide(model: GpuModel, profiles: CustomGpus["profiles"]): GpuLayout | Invalid {
  if (profiles === "whole") return { type: "whole" };
  const unknown = Object.keys(profiles).find((name) => !model.profiles.some((profile) => profile.name === name));
  if (unknown !== undefined) return invalid(unknownProfile(unknown, model), nearestProfiles(unknown, model));
  const result = placeProfiles(model, profiles);
  if (result.type === "placed") return { type: "mig", placements: result.placements };
  return invalid(
    result.reason,
    nearestLayouts(model, profiles).map((layout) => formatProfileCounts(layout.profiles)),
  );
}

function unknownProfile(name: string, model: GpuModel): string {
  const parsed = parseProfileName(name);
  if (parsed.type === "profile" && parsed.computeInstanceSlices < parsed.gpuSlices) {
    return `"${name}" is a compute instance within a GPU instance; layouts are made of whole GPU instances`;
  }
  return `"${name}" is not a profile of ${model.name}`;
}

function gpuRange(gpuCount: number): string {
  return gpuCount === 1 ? "GPU 0 only" : `GPUs 0-${String(gpuCount - 1)}`;
}

function asLabelValue(name: string): readonly string[] {
  const value = name
    .replace(/[^A-Za-z0-9_.-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 63)
    .replace(/[^A-Za-z0-9]+$/, "");
  return value === "" ? [] : [value];
}

function invalid(reason: string, nearest: readonly string[]): Invalid {
  return { type: "invalid", reason, nearest };
}
