import type { AllocatedDevice } from "../dra/claims";
import { Inventory } from "../dra/allocator/inventory";
import { Matcher } from "../dra/allocator/matching";
import type { DeviceClass } from "../dra/device-classes";
import type { ResourceSlice } from "../dra/types";
import type { KubernetesRules } from "../releases/kubernetes";

/** Devices of one kind: published, and of these allocated to a claim. The rest are free. */
export interface Capacity {
  readonly total: number;
  readonly taken: number;
}

/** What a device class has: its devices, or why kube-scheduler would fail every claim that names it. */
export type ClassCapacity = ({ readonly type: "counted" } & Capacity) | { readonly type: "error"; readonly message: string };

/** Counts published devices by MIG profile, GPUs that are not partitioned by product name; in the order in which they are published. */
export function capacityByProfile(slices: readonly ResourceSlice[], allocated: readonly AllocatedDevice[]): ReadonlyMap<string, Capacity> {
  const inventory = inventoryOf(slices, allocated);
  const capacities = new Map<string, Capacity>();
  for (const index of inventory.devices.keys()) {
    const name = inventory.displayName(index);
    capacities.set(name, count(capacities.get(name), inventory.isTaken(index)));
  }
  return capacities;
}

/** Counts the devices of each device class, so of each tier when given the tiers' classes. */
export function capacityByClass(
  slices: readonly ResourceSlice[],
  allocated: readonly AllocatedDevice[],
  classes: readonly DeviceClass[],
  rules: KubernetesRules,
): ReadonlyMap<string, ClassCapacity> {
  const inventory = inventoryOf(slices, allocated);
  return new Map(classes.map((deviceClass) => [deviceClass.name, capacityOf(inventory, deviceClass, rules)]));
}

function capacityOf(inventory: Inventory, deviceClass: DeviceClass, rules: KubernetesRules): ClassCapacity {
  const matcher = new Matcher(inventory, deviceClass, [], rules);
  let capacity: Capacity = { total: 0, taken: 0 };
  for (const index of inventory.devices.keys()) {
    const verdict = matcher.verdict(index);
    if (verdict.type === "error") {
      return { type: "error", message: `device ${inventory.at(index).device.name}: ${verdict.message}` };
    }
    if (verdict.type === "match") {
      capacity = count(capacity, inventory.isTaken(index));
    }
  }
  return { type: "counted", ...capacity };
}

function inventoryOf(slices: readonly ResourceSlice[], allocated: readonly AllocatedDevice[]): Inventory {
  const inventory = new Inventory(slices);
  inventory.take(allocated);
  return inventory;
}

function count({ total, taken }: Capacity = { total: 0, taken: 0 }, isTaken: boolean): Capacity {
  return { total: total + 1, taken: taken + (isTaken ? 1 : 0) };
}
