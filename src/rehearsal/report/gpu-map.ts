/** Which stretch of which GPU is what, and who holds it. */
import { WHOLE_GPU } from "../../hardware/node-devices";
import type { GpuLayout, NodeLayout } from "../../hardware/types";
import type { Device } from "../../dra/types";
import type { Node } from "../../cluster/nodes";
import { withUnused } from "../../planner/gpu-map";
import type { GpuPart } from "../../planner/gpu-map";
import type { GpuReport, NodeReport } from "./report";

/** An allocated device: of which claim, and which pods may use it. */
export interface Holding {
  readonly claim: string;
  readonly pods: readonly string[];
}

/**
 * The GPUs of a node.
 * @param devices what the driver publishes for the node: GPU by GPU, in the order of their starts.
 * @param holdings by name of the device.
 */
export function drawNode(node: Node, devices: readonly Device[], holdings: ReadonlyMap<string, Holding>): NodeReport {
  const { name, pool, instanceType, zone, layout } = node;
  const common = { name, pool, instanceType: instanceType.name, zone, usdPerHour: instanceType.usdPerHour ?? null };
  return layout === undefined
    ? common
    : {
        ...common,
        gpus: {
          model: layout.model.name,
          layout: layout.name,
          memorySlices: layout.model.memorySlices,
          computeSlices: layout.model.computeSlices,
          list: drawGpus(layout, devices, holdings),
        },
      };
}

/** What every GPU of a node is divided into. @param devices of all of them, in the order of GPUs and starts. */
export function drawGpus(layout: NodeLayout, devices: readonly Device[], holdings: ReadonlyMap<string, Holding>): readonly GpuReport[] {
  let next = 0;
  return layout.gpus.map((gpu, index) => {
    const count = gpu.type === "whole" ? 1 : gpu.placements.length;
    const own = devices.slice(next, next + count);
    next += count;
    return { index, parts: drawParts(gpu, layout, own, holdings) };
  });
}

function drawParts(
  gpu: GpuLayout,
  layout: NodeLayout,
  devices: readonly Device[],
  holdings: ReadonlyMap<string, Holding>,
): readonly GpuPart[] {
  const held = (device: string) => ({ device, holders: holdings.get(device)?.pods ?? [], claim: holdings.get(device)?.claim ?? "" });
  const { memorySlices, computeSlices } = layout.model;
  if (gpu.type === "whole") {
    return [{ start: 0, memorySlices, type: "whole", profile: WHOLE_GPU, computeSlices, ...held(devices[0]?.name ?? "") }];
  }
  const placements = [...gpu.placements].sort((a, b) => a.start - b.start);
  return (
    withUnused(
      placements.map(({ profile, start }, index): GpuPart => ({
        ...{ start, memorySlices: profile.memorySlices, type: "slice", profile: profile.name, computeSlices: profile.computeSlices },
        ...held(devices[index]?.name ?? ""),
      })),
      memorySlices,
    ) ?? []
  );
}
