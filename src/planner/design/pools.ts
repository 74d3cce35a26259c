/** GPU pools, as the stack's configuration writes them, from bought nodes and divided GPUs. */
import { namedLayouts, resolveLayout } from "../../hardware/layouts";
import type { CustomGpus, LayoutSpec } from "../../hardware/layouts";
import { WHOLE_GPU } from "../../hardware/node-devices";
import { countProfiles } from "../../hardware/placement";
import type { GpuLayout, GpuModel } from "../../hardware/types";
import type { BoughtNodes, DividedGpus } from "./purchase";
import type { Offer } from "./offers";
import type { GpuContents } from "./suppliers";

/** An entry of `gpuPools`. */
export interface Pool {
  readonly name: string;
  readonly instanceType: string;
  readonly layout: LayoutSpec;
  readonly size: { readonly desired: number };
  readonly availabilityZone?: string;
}

/**
 * Few pools: the GPUs of a zone are handed to its nodes layout by layout, so that of each two layouts at most one node has both.
 * GPUs that the demand leaves over get the layout that most others have. Spare nodes are in the largest pool of their instance type.
 */
export function poolsOf(nodes: readonly BoughtNodes[], gpus: readonly DividedGpus[], spare: number): readonly Pool[] {
  const groups = new Map<string, Group>();
  for (const zone of new Set(nodes.map((each) => each.zone))) {
    const here = nodes.filter((each) => each.zone === zone);
    for (const model of new Set(here.map(({ offer }) => offer.model))) {
      const ofModel = here.filter(({ offer }) => offer.model === model);
      const total = ofModel.reduce((sum, { offer, count }) => sum + offer.gpus * count, 0);
      const queue = inLine(
        gpus.filter((each) => each.model === model && each.zone === zone),
        total,
      );
      for (const { offer, count } of [...ofModel].sort((a, b) => b.offer.gpus - a.offer.gpus)) {
        for (let node = 0; node < count; node++) {
          const contents = queue.splice(0, offer.gpus);
          const layout = layoutOf(model, contents);
          const key = JSON.stringify([offer.instanceType, zone, layout]);
          groups.set(key, { offer, zone, layout, count: (groups.get(key)?.count ?? 0) + 1 });
        }
      }
    }
  }
  return named(withSpare([...groups.values()], spare));
}

interface Group {
  readonly offer: Offer;
  readonly zone: string | undefined;
  readonly layout: LayoutSpec;
  readonly count: number;
}

function inLine(gpus: readonly DividedGpus[], total: number): GpuContents[] {
  const sorted = [...gpus].sort((a, b) => b.count - a.count);
  const queue = sorted.flatMap(({ contents, count }) => Array.from({ length: count }, () => contents));
  const most = sorted[0]?.contents ?? {};
  return [...Array.from({ length: total - queue.length }, () => most), ...queue];
}

function withSpare(groups: readonly Group[], spare: number): readonly Group[] {
  return groups.map((group) => {
    const same = groups.filter(({ offer }) => offer === group.offer);
    const largest = same.reduce((best, each) => (each.count > best.count ? each : best));
    return group === largest ? { ...group, count: group.count + spare } : group;
  });
}

function named(groups: readonly Group[]): readonly Pool[] {
  return groups.map(({ offer: { instanceType }, zone, layout, count }, index) => {
    const of = groups.filter(({ offer }) => offer.instanceType === instanceType);
    const short = instanceType.replace(/[^a-z0-9]+/g, "-");
    const name = of.length === 1 ? short : `${short}-${String(of.indexOf(groups[index] as Group) + 1)}`;
    return {
      ...{ name, instanceType, layout, size: { desired: count } },
      ...(zone === undefined ? {} : { availabilityZone: zone }),
    };
  });
}

/** A layout that MIG Manager ships, where there is one. */
function layoutOf(model: GpuModel, gpus: readonly GpuContents[]): LayoutSpec {
  const wanted = sortedTexts(gpus);
  const stock = namedLayouts(model).find((name) => {
    const result = resolveLayout(name, model, gpus.length);
    return result.type === "legal" && sortedTexts(result.layout.gpus.map(contentsOf)).join() === wanted.join();
  });
  return stock ?? { name: layoutName(gpus), gpus: entriesOf(gpus) };
}

function contentsOf(gpu: GpuLayout): GpuContents {
  return gpu.type === "whole" ? { [WHOLE_GPU]: 1 } : countProfiles(gpu.placements);
}

function entriesOf(gpus: readonly GpuContents[]): readonly CustomGpus[] {
  const alike = new Map<GpuContents, number[]>();
  gpus.forEach((contents, index) => alike.set(contents, [...(alike.get(contents) ?? []), index]));
  return [...alike].map(([contents, devices]) => ({
    devices: alike.size === 1 ? "all" : devices,
    profiles: WHOLE_GPU in contents ? "whole" : contents,
  }));
}

/** MIG Manager compares names only, so other contents have another name. */
function layoutName(gpus: readonly GpuContents[]): string {
  const counts = new Map<string, number>();
  for (const text of gpus.map(textOf)) {
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const name = [...counts].map(([text, count]) => (counts.size === 1 ? text : `${String(count)}_${text}`)).join("--");
  return name.length <= MAX_LABEL ? name : `${name.slice(0, MAX_LABEL - 8).replace(/[^a-z0-9]+$/, "")}-${checksum(name)}`;
}

/** Of a label value, which a layout's name becomes. */
const MAX_LABEL = 63;

function textOf(contents: GpuContents): string {
  return Object.entries(contents)
    .map(([profile, count]) => (profile === WHOLE_GPU ? "whole" : `${String(count)}x${profile.replace("+", ".")}`))
    .join("-");
}

function sortedTexts(gpus: readonly GpuContents[]): readonly string[] {
  return gpus.map(textOf).sort();
}

/** FNV-1a, 32 bits. */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash.toString(36);
}
