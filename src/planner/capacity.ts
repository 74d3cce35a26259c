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

/** Counts published devices by MIG profile, GPUs that are not partitioned by product name; in the order in which they are published. */
export function capacityByProfile(slices: readonly ResourceSlice[], allocated: readonly AllocatedDevice[]): ReadonlyMap<string, Capacity> {
  const capacities = new Map<string, Capacity>();
  for (const { productName, profile, total, taken } of capacityByProduct(slices, allocated)) {
    const name = profile ?? productName;
    const known = capacities.get(name) ?? NONE;
    capacities.set(name, { total: known.total + total, taken: known.taken + taken });
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
  let capacity = NONE;
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

const NONE: Capacity = { total: 0, taken: 0 };

function count({ total, taken }: Capacity = NONE, isTaken: boolean): Capacity {
  return { total: total + 1, taken: taken + (isTaken ? 1 : 0) };
}
