/** MIG layouts as the values of the GPU Operator give them: mig-parted's configuration file, version v1. */
import { parse } from "yaml";
import { findInstanceType } from "../../src/hardware/instance-types";
import { isStockLayout, resolveLayout } from "../../src/hardware/layouts";
import type { CustomGpus, CustomLayout, LayoutSpec } from "../../src/hardware/layouts";
import type { GpuLayout, GpuModel } from "../../src/hardware/types";
import { isRecord, unknownPath, untypedEntries } from "../evaluation/snapshot";
import { valueAt } from "../../src/json/value-at";

/** A rule of a layout: some GPUs of a node, and for which models it is meant. */
interface Rule {
  readonly gpus: CustomGpus;
  /** PCI device ids without vendor; undefined: every GPU. */
  readonly pciDeviceIds: readonly string[] | undefined;
}

export type NamedLayouts =
  | { readonly type: "layouts"; readonly layouts: Readonly<Record<string, readonly Rule[]>> }
  | { readonly type: "unknown" }
  | { readonly type: "invalid"; readonly reason: string };

/** Reads `migManager.config.data`: file name to text. No data, no layouts beside the stock ones. */
export function layoutsOfValues(data: unknown): NamedLayouts {
  const text = valueAt(data, "config.yaml");
  if (unknownPath(text, "config.yaml") !== undefined) {
    return { type: "unknown" };
  }
  if (text === undefined) {
    return { type: "layouts", layouts: {} };
  }
  try {
    const configs = valueAt(typeof text === "string" ? parse(text) : text, "mig-configs");
    if (!isRecord(configs)) {
      return { type: "invalid", reason: "config.yaml has no mig-configs" };
    }
    return {
      type: "layouts",
      layouts: Object.fromEntries(Object.entries(configs).map(([name, rules]) => [name, untypedEntries(rules).map(readRule)])),
    };
  } catch (error) {
    return { type: "invalid", reason: `config.yaml is not YAML (${(error as Error).name})` };
  }
}

function readRule(rule: unknown): Rule {
  const devices = valueAt(rule, "devices");
  const profiles = valueAt(rule, "mig-devices");
  const filter = valueAt(rule, "device-filter");
  return {
    gpus: {
      devices: devices === "all" ? "all" : untypedEntries(devices).map(Number),
      profiles: valueAt(rule, "mig-enabled") === true ? countsOf(profiles) : "whole",
    },
    pciDeviceIds:
      filter === undefined ? undefined : (Array.isArray(filter) ? filter : [filter]).map((id) => String(id).slice(2, 6).toUpperCase()),
  };
}

/** mig-parted takes `{"1g.5gb": 7}` and `["1g.5gb", "1g.5gb", ...]`. */
function countsOf(profiles: unknown): Readonly<Record<string, number>> {
  if (Array.isArray(profiles)) {
    const counts: Record<string, number> = {};
    for (const name of profiles) {
      counts[String(name)] = (counts[String(name)] ?? 0) + 1;
    }
    return counts;
  }
  return isRecord(profiles) ? Object.fromEntries(Object.entries(profiles).map(([name, count]) => [name, Number(count)])) : {};
}

/** What a layout's name stands for on the GPUs of an instance type; undefined where that is not known. */
export function resolvedLayout(name: string, instanceType: unknown, layouts: NamedLayouts): LayoutSpec | undefined {
  if (isStockLayout(name)) {
    return name;
  }
  const gpus = typeof instanceType === "string" ? findInstanceType(instanceType)?.gpus : undefined;
  const rules = layouts.type === "layouts" && Object.hasOwn(layouts.layouts, name) ? layouts.layouts[name] : undefined;
  return gpus?.type === "mig" && rules !== undefined ? customLayout(name, rules, gpus.model) : undefined;
}

function customLayout(name: string, rules: readonly Rule[], model: GpuModel): CustomLayout {
  const ofModel = rules.filter(({ pciDeviceIds }) => pciDeviceIds?.some((id) => model.pciDeviceIds.includes(id)) ?? true);
  return { name, gpus: ofModel.map(({ gpus }) => gpus) };
}

/** Whether a layout makes slices of several sizes on a node of this instance type, or divides only some of its GPUs. */
export function isMixed(name: string, instanceType: unknown, layouts: NamedLayouts): boolean {
  const spec = resolvedLayout(name, instanceType, layouts);
  const gpus = typeof instanceType === "string" ? findInstanceType(instanceType)?.gpus : undefined;
  if (spec === undefined || gpus?.type !== "mig") {
    return false;
  }
  const result = resolveLayout(spec, gpus.model, gpus.count);
  return result.type === "legal" && new Set(result.layout.gpus.flatMap(kinds)).size > 1;
}

function kinds(gpu: GpuLayout): readonly string[] {
  return gpu.type === "whole" ? ["whole"] : gpu.placements.map(({ profile }) => profile.name);
}
