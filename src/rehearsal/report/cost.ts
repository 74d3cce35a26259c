import { PRICE_SOURCE } from "../../hardware/instance-types";
import { CONTROL_PLANE_USD_PER_HOUR, roundUsd } from "../../planner/cost";
import { isHeld } from "./gpu-map";
import type { CostReport, NodeReport } from "./report";

/**
 * What the nodes list at, and how much of the GPU nodes' price stands for slices that nobody holds.
 * A GPU's price is shared out over its compute slices: on a GPU with 7, a held 3g slice is 3/7 of the GPU's share of the node.
 * @param controlPlanes 1, or 0 where the stack makes none.
 */
export function costOf(nodes: readonly NodeReport[], controlPlanes: number): CostReport {
  let used = 0;
  let gpuNodes = 0;
  let systemNodes = 0;
  for (const { usdPerHour, gpus } of nodes) {
    const price = usdPerHour ?? 0;
    if (gpus === undefined) {
      systemNodes += price;
      continue;
    }
    gpuNodes += price;
    const perGpu = price / gpus.list.length;
    for (const part of gpus.list.flatMap((gpu) => gpu.parts).filter(isHeld)) {
      used += (perGpu * part.computeSlices) / gpus.computeSlices;
    }
  }
  const controlPlane = controlPlanes * CONTROL_PLANE_USD_PER_HOUR;
  return {
    gpuUsed: roundUsd(used),
    gpuIdle: roundUsd(gpuNodes - used),
    systemNodes: roundUsd(systemNodes),
    controlPlane,
    total: roundUsd(gpuNodes + systemNodes + controlPlane),
    unpriced: [...new Set(nodes.filter((node) => node.usdPerHour === null).map((node) => node.instanceType))],
    source: PRICE_SOURCE,
  };
}
