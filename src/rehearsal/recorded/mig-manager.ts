/** What MIG Manager makes of a node: the layout that its label names, from the stock file or from the operator's values. */
import { isStockLayout, resolveLayout } from "../../hardware/layouts";
import type { CustomGpus, LayoutResult } from "../../hardware/layouts";
import type { GpuModel } from "../../hardware/types";
import { parse } from "yaml";
import type { Recording } from "../monitor/recording";
import { HELM_RELEASE } from "../../well-known/resource-types";

/** A rule of a mig-parted configuration (NVIDIA/mig-parted api/spec/v1/spec.go). */
interface Rule {
  readonly "device-filter"?: string | readonly string[];
  readonly devices: "all" | readonly number[];
  readonly "mig-enabled": boolean;
  readonly "mig-devices"?: Readonly<Record<string, number>>;
}

/** The layouts of a MIG Manager: those that the operator was given, or those that it ships. */
export type MigConfigs =
  { readonly type: "stock" } | { readonly type: "custom"; readonly configs: Readonly<Record<string, readonly Rule[]>> };

/** Reads MIG Manager's configuration from the values of the recorded GPU Operator release. */
export function migConfigsOf(recording: Recording): MigConfigs {
  const operator = recording.resources.find(
    (resource) => resource.type === HELM_RELEASE && /(^|\/)gpu-operator$/.test(String(resource.inputs.chart)),
  );
  const text: unknown = operator?.inputs.values?.migManager?.config?.data?.["config.yaml"];
  return typeof text === "string" ? migConfigsIn(text) : { type: "stock" };
}

/** @param text of a configuration file of mig-parted. */
export function migConfigsIn(text: string): MigConfigs {
  const document = parse(text) as { readonly "mig-configs"?: Readonly<Record<string, readonly Rule[]>> };
  return { type: "custom", configs: document["mig-configs"] ?? {} };
}

/** The layout of a node with this label value. */
export function layoutOf(label: string, model: GpuModel, gpuCount: number, configs: MigConfigs): LayoutResult {
  if (configs.type === "stock") {
    return resolveLayout(label, model, gpuCount);
  }
  const rules = configs.configs[label];
  if (rules === undefined) {
    return {
      type: "invalid",
      reason: `MIG Manager's configuration has no layout "${label}"`,
      nearest: Object.keys(configs.configs).filter((name) => !isStockLayout(name)),
    };
  }
  return isStockLayout(label)
    ? resolveLayout(label, model, gpuCount)
    : resolveLayout({ name: label, gpus: rules.filter((rule) => isFor(rule, model)).map(toGpus) }, model, gpuCount);
}

/** Whether a rule's filter lets a GPU model through. Filters are PCI device and vendor, `0x20B010DE`. */
function isFor(rule: Rule, model: GpuModel): boolean {
  const filter = rule["device-filter"];
  const ids = typeof filter === "string" ? [filter] : filter;
  return ids === undefined || ids.some((id) => model.pciDeviceIds.includes(id.slice(2, 6).toUpperCase()));
}

function toGpus(rule: Rule): CustomGpus {
  return { devices: rule.devices, profiles: rule["mig-enabled"] ? (rule["mig-devices"] ?? {}) : "whole" };
}
