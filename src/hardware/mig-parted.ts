/** The configuration file of mig-parted, the tool inside MIG Manager. */
import { isStockLayout } from "./layouts";
import { countProfiles } from "./placement";
import { STOCK_LAYOUTS } from "./stock-layouts";
import type { GpuLayout, NodeLayout } from "./types";

/** One rule of a layout: what happens to some GPUs of a node. */
export interface MigPartedRule {
  /** PCI device and vendor (`0x20B010DE`) of the GPUs it is for; absent: all. */
  readonly "device-filter"?: readonly string[];
  readonly devices: "all" | readonly number[];
  readonly "mig-enabled": boolean;
  readonly "mig-devices"?: Readonly<Record<string, number>>;
}

/** `version: v1` of NVIDIA/mig-parted, `api/spec/v1/spec.go` at v0.13.1. */
export interface MigPartedConfig {
  readonly version: "v1";
  readonly "mig-configs": Readonly<Record<string, readonly MigPartedRule[]>>;
}

type Contents = Pick<MigPartedRule, "mig-enabled" | "mig-devices">;

const NVIDIA_PCI_VENDOR = "10DE";

/**
 * The configuration that MIG Manager is given when there are custom layouts. The file replaces the one MIG Manager ships, so every stock layout is
 * in it too and stays available as a label value.
 *
 * One name may stand for different layouts on different GPU models; on one model it stands for one.
 * @throws Error when it does not (two pools that disagree about a name)
 */
export function migPartedConfig(layouts: readonly NodeLayout[]): MigPartedConfig {
  const configs: Record<string, readonly MigPartedRule[]> = {};
  for (const [name, entries] of Object.entries(STOCK_LAYOUTS)) {
    configs[name] = entries.map(({ pciDeviceIds, profiles }) => ({ ...filterOf(pciDeviceIds), devices: "all", ...contentsOf(profiles) }));
  }
  const custom = layouts.filter(({ name }) => !isStockLayout(name));
  for (const name of new Set(custom.map((layout) => layout.name))) {
    configs[name] = customRules(custom.filter((layout) => layout.name === name));
  }
  return { version: "v1", "mig-configs": configs };
}

/** The rules of all layouts of one name: filtered by GPU only where several models have one. */
function customRules(layouts: readonly NodeLayout[]): readonly MigPartedRule[] {
  const byModel = new Map<NodeLayout["model"], readonly MigPartedRule[]>();
  for (const layout of layouts) {
    const rules = rulesOf(layout.gpus);
    const known = byModel.get(layout.model);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(rules)) {
      throw new Error(`layout "${layout.name}" means two things on ${layout.model.name}; give one of them another name`);
    }
    byModel.set(layout.model, rules);
  }
  if (byModel.size === 1) return [...byModel.values()].flat();
  return [...byModel].flatMap(([model, rules]) => rules.map((rule) => ({ ...filterOf(model.pciDeviceIds), ...rule })));
}

/** One rule per distinct contents, in the order of their first GPU; `devices: all` where there is one. */
function rulesOf(gpus: readonly GpuLayout[]): readonly MigPartedRule[] {
  const groups = new Map<string, { contents: Contents; devices: number[] }>();
  for (const [device, gpu] of gpus.entries()) {
    const contents = contentsOf(gpu.type === "whole" ? "whole" : countProfiles(gpu.placements));
    const key = JSON.stringify(contents);
    const group = groups.get(key) ?? { contents, devices: [] };
    group.devices.push(device);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ contents, devices }) => ({ devices: groups.size === 1 ? "all" : devices, ...contents }));
}

function contentsOf(profiles: Readonly<Record<string, number>> | "whole"): Contents {
  return profiles === "whole" ? { "mig-enabled": false } : { "mig-enabled": true, "mig-devices": profiles };
}

function filterOf(pciDeviceIds: readonly string[] | undefined): Pick<MigPartedRule, "device-filter"> {
  return pciDeviceIds === undefined ? {} : { "device-filter": pciDeviceIds.map((id) => `0x${id}${NVIDIA_PCI_VENDOR}`) };
}
