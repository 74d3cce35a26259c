import { PRICE_SOURCE } from "../../hardware/instance-types";
import { CONTROL_PLANE_USD_PER_HOUR, roundUsd } from "../../planner/cost";
import { isHeld } from "../../planner/gpu-map";
import { EXTENDED_SUPPORT_USD_PER_HOUR } from "../../releases/eks-support";
import type { SupportPhase } from "../../releases/eks-support";
import type { CostReport, NodeReport } from "./report";

/**
 * What the nodes list at, and how much of the GPU nodes' price stands for slices that nobody holds.
 * A GPU's price is shared out over its compute slices: on a GPU with 7, a held 3g slice is 3/7 of the GPU's share of the node.
 * @param controlPlanes 1, or 0 where the stack makes none.
 * @param support of their version, which costs more in extended support. @default standard
 */
export function costOf(nodes: readonly NodeReport[], controlPlanes: number, support?: SupportPhase): CostReport {
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
  const extended = support?.type === "extended" ? EXTENDED_SUPPORT_USD_PER_HOUR : 0;
  const controlPlane = roundUsd(controlPlanes * (CONTROL_PLANE_USD_PER_HOUR + extended));
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
