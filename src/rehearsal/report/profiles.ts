/** How many slices of each profile there are, and how many of them are free. */
import type { PodOutcome } from "../../cluster/pod-outcomes";
import type { Simulation } from "../../cluster/simulate";
import type { AllocatedDevice } from "../../dra/claims";
import { GPU_MODELS } from "../../hardware/gpu-models";
import { WHOLE_GPU } from "../../hardware/node-devices";
import type { GpuModel } from "../../hardware/types";
import { capacityByProduct } from "../../planner/capacity";
import type { ProductCapacity } from "../../planner/capacity";
import type { ProfileReport } from "./report";

/** Totals per GPU model and profile, largest profile first. */
export function profileReports({ slices, pods }: Simulation): readonly ProfileReport[] {
  return capacityByProduct(slices, pods.flatMap(devicesOf))
    .flatMap((capacity) => {
      const model = GPU_MODELS.find(({ productName }) => productName === capacity.productName);
      return model === undefined ? [] : [{ model, capacity }];
    })
    .sort((a, b) => sizeOf(b) - sizeOf(a) || (a.model.name < b.model.name ? -1 : 1))
    .map(({ model, capacity: { profile, total, taken } }) => ({
      gpuModel: model.name,
      profile: profile ?? WHOLE_GPU,
      total,
      held: taken,
      free: total - taken,
    }));
}

function devicesOf(outcome: PodOutcome): readonly AllocatedDevice[] {
  return outcome.type === "placed" ? outcome.claims.flatMap(({ devices }) => devices) : [];
}

/** By compute slices, then by memory slices. */
function sizeOf({ model, capacity }: { readonly model: GpuModel; readonly capacity: ProductCapacity }): number {
  const { computeSlices, memorySlices } = model.profiles.find(({ name }) => name === capacity.profile) ?? model;
  return computeSlices * 100 + memorySlices;
}
