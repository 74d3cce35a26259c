/** The catalogue of MIG GPUs. */
import { AMPERE_MODELS } from "./models/ampere";
import { BLACKWELL_MODELS } from "./models/blackwell";
import { HOPPER_MODELS } from "./models/hopper";
import type { GpuModel } from "./types";

/** Every GPU model of the catalogue: all that AWS rents out with MIG, and their siblings that MIG Manager's layouts name. */
export const GPU_MODELS: readonly GpuModel[] = [...AMPERE_MODELS, ...HOPPER_MODELS, ...BLACKWELL_MODELS];

/**
 * Finds a model by its short name (`H100 80GB`) or by the product name that NVML and the DRA driver report (`NVIDIA H100 80GB HBM3`).
 */
export function findGpuModel(name: string): GpuModel | undefined {
  return GPU_MODELS.find((model) => model.name === name || model.productName === name);
}
