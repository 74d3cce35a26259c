/** MIG layouts as the values of the GPU Operator give them: mig-parted's configuration file, version v1. */
import { parse } from "yaml";
import { findInstanceType } from "../../src/hardware/instance-types";
import { isStockLayout, resolveLayout } from "../../src/hardware/layouts";
import type { CustomGpus, CustomLayout, LayoutSpec } from "../../src/hardware/layouts";
import type { GpuLayout, GpuModel } from "../../src/hardware/types";
import type { StackMember } from "../evaluation/on-stack";
import { UNKNOWN, isRecord, unknownPath, untypedEntries } from "../evaluation/snapshot";
import { valueAt } from "../../src/json/value-at";

const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";

/** A rule of a layout: some GPUs of a node, and for which models it is meant. */
interface Rule {
  readonly gpus: CustomGpus;
  /** PCI device ids without vendor; undefined: every GPU. */
  readonly pciDeviceIds: readonly string[] | undefined;
}

/** Where MIG Manager takes its layouts from, and what they are. */
export type NamedLayouts =
  /** It has its own. */
  | { readonly type: "stock" }
  /** A file, which MIG Manager reads instead of its own. `where` is the path of the file or the ConfigMap that has it. */
  | { readonly type: "file"; readonly where: string; readonly layouts: Readonly<Record<string, readonly Rule[]>> }
  | { readonly type: "unknown"; readonly path: string }
  | { readonly type: "invalid"; readonly where: string; readonly reason: string }
  /** The file is in a ConfigMap that the program does not register. */
  | { readonly type: "elsewhere"; readonly configMap: string };

const CONFIG = "values.migManager.config";
const FILE = "config.yaml";

/**
 * The layouts of a GPU Operator. The chart makes a ConfigMap of `data` if `create` is true, and MIG Manager reads the one that `name` says.
 * Without a name it has its own layouts, whatever `data` says. Source: NVIDIA/gpu-operator v25.10.1 and v26.3.3, `templates/mig_config.yaml` and `clusterpolicy.yaml`.
 * @param operator the member of the stack with the chart. @param members the stack, in which the ConfigMap can be.
 */
export function layoutsOfOperator(operator: StackMember, values: unknown, members: readonly StackMember[]): NamedLayouts {
  const config = valueAt(values, "migManager", "config");
  const unknown = ["name", "create"].find((key) => valueAt(config, key) === UNKNOWN);
  if (unknown !== undefined) {
    return { type: "unknown", path: `${CONFIG}.${unknown}` };
  }
  const [name, create, data] = ["name", "create", "data"].map((key) => valueAt(config, key));
  if (typeof name !== "string" || name === "") {
    return { type: "stock" };
  }
  const isMade = create === true && (data === UNKNOWN || (isRecord(data) && Object.keys(data).length > 0));
  if (isMade) {
    return layoutsInFile(data, `${CONFIG}.data`);
  }
  const namespace = valueAt(operator.props, "namespace");
  const own = members
    .filter((member) => member.type === CONFIG_MAP && valueAt(member.props, "metadata", "name") === name)
    .find((member) => typeof namespace !== "string" || valueAt(member.props, "metadata", "namespace") === namespace);
  return own === undefined
    ? { type: "elsewhere", configMap: name }
    : layoutsInFile(valueAt(own.props, "data"), `the ConfigMap ${own.name}`);
}

/** Reads file name to text. */
function layoutsInFile(data: unknown, where: string): NamedLayouts {
  const text = valueAt(data, FILE);
  if (unknownPath(text, FILE) !== undefined) {
    return { type: "unknown", path: where };
  }
  try {
    const configs = valueAt(typeof text === "string" ? parse(text) : text, "mig-configs");
    if (!isRecord(configs)) {
      return { type: "invalid", where, reason: `${FILE} has no mig-configs` };
    }
    return {
      ...{ type: "file", where },
      layouts: Object.fromEntries(Object.entries(configs).map(([name, rules]) => [name, untypedEntries(rules).map(readRule)])),
    };
  } catch (error) {
    return { type: "invalid", where, reason: `${FILE} is not YAML (${(error as Error).name})` };
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
  if (layouts.type === "stock") {
    return isStockLayout(name) ? name : undefined;
  }
  const gpus = gpusOf(instanceType);
  const rules = layouts.type === "file" && Object.hasOwn(layouts.layouts, name) ? layouts.layouts[name] : undefined;
  return gpus?.type === "mig" && rules !== undefined ? customLayout(name, rules, gpus.model) : undefined;
}

function gpusOf(instanceType: unknown) {
  return findInstanceType(String(instanceType))?.gpus;
}

function customLayout(name: string, rules: readonly Rule[], model: GpuModel): CustomLayout {
  const ofModel = rules.filter(({ pciDeviceIds }) => pciDeviceIds?.some((id) => model.pciDeviceIds.includes(id)) ?? true);
  return { name, gpus: ofModel.map(({ gpus }) => gpus) };
}

/** Whether a layout makes slices of several sizes on a node of this instance type, or divides only some of its GPUs. */
export function isMixed(name: string, instanceType: unknown, layouts: NamedLayouts): boolean {
  const spec = resolvedLayout(name, instanceType, layouts);
  const gpus = gpusOf(instanceType);
  if (spec === undefined || gpus?.type !== "mig") {
    return false;
  }
  const result = resolveLayout(spec, gpus.model, gpus.count);
  return result.type === "legal" && new Set(result.layout.gpus.flatMap(kinds)).size > 1;
}

/** Undefined is the whole GPU. */
function kinds(gpu: GpuLayout): readonly (string | undefined)[] {
  return gpu.type === "whole" ? [undefined] : gpu.placements.map(({ profile }) => profile.name);
}
