import type { AllocatedDevice } from "../dra/claims";
import { Inventory } from "../dra/allocator/devices/inventory";
import type { ResourceSlice } from "../dra/types";

/** Devices of one kind: published, and of these allocated to a claim. The rest are free. */
export interface Capacity {
  readonly total: number;
  readonly taken: number;
}

/** The devices of one GPU product that have the same MIG profile. */
export interface ProductCapacity extends Capacity {
  /** `NVIDIA A100-SXM4-40GB`. */
  readonly productName: string;
  /** Undefined for GPUs that are not partitioned. */
  readonly profile: string | undefined;
}

/** Counts published devices by product and MIG profile, in the order in which they are published. */
export function capacityByProduct(slices: readonly ResourceSlice[], allocated: readonly AllocatedDevice[]): readonly ProductCapacity[] {
  const inventory = inventoryOf(slices, allocated);
  const capacities = new Map<string, ProductCapacity>();
  for (const [index, { driver, device }] of inventory.devices.entries()) {
    const productName = device.attributes["productName"]?.string ?? driver;
    const profile = device.attributes["profile"]?.string;
    const key = `${productName} ${profile ?? ""}`;
    capacities.set(key, { productName, profile, ...count(capacities.get(key), inventory.isTaken(index)) });
  }
  return [...capacities.values()];
}

function inventoryOf(slices: readonly ResourceSlice[], allocated: readonly AllocatedDevice[]): Inventory {
  const inventory = new Inventory(slices, { wholePools: false });
  inventory.take(allocated);
  return inventory;
}

const NONE: Capacity = { total: 0, taken: 0 };

function count({ total, taken }: Capacity = NONE, isTaken: boolean): Capacity {
  return { total: total + 1, taken: taken + (isTaken ? 1 : 0) };
}
