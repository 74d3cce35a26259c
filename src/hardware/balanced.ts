/** The profiles of the stock layout `all-balanced`: what the tiers are made of. */
import { inCreationOrder } from "./solver";
import { STOCK_LAYOUTS } from "./stock-layouts";
import type { GpuModel, MigProfile } from "./types";

/**
 * The profiles `all-balanced` makes on this GPU, smallest first, each once: three on most (`1g.5gb`, `2g.10gb`, `3g.20gb`), two on A30 and
 * RTX PRO 6000.
 */
export function balancedProfiles(model: GpuModel): readonly MigProfile[] {
  const entry = STOCK_LAYOUTS["all-balanced"]?.find(({ pciDeviceIds }) => pciDeviceIds?.some((id) => model.pciDeviceIds.includes(id)));
  const names = Object.keys(entry?.profiles ?? {});
  return inCreationOrder(model.profiles.filter(({ name }) => names.includes(name))).reverse();
}
