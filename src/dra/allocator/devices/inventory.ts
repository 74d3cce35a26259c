import type { SchedulerFeatures } from "../../../releases/kubernetes";
import type { AllocatedDevice, ResourceClaim } from "../../claims/types";
import type { Device, DeviceAttribute, ResourceSlice, SelectorInput } from "../../types";
import { DeviceGroups, numberOf } from "./groups";
import type { Grouping, PublishedDevice } from "./groups";
import type { Reads } from "./reads";

/** A node's share of the inventory: devices `start` to `end - 1`, and what is wrong with the pools they come from. */
export interface NodeDevices {
  readonly start: number;
  readonly end: number;
  /** Pools with a device name twice. */
  readonly invalidPools: readonly string[];
  /** Pools of which not every slice is published yet: "all" of their devices cannot be told. */
  readonly incompletePools: readonly string[];
}

const NO_DEVICES: NodeDevices = { start: 0, end: 0, invalidPools: [], incompletePools: [] };

/** What ResourceSlices publish, without what is allocated of it. */
interface Published {
  readonly devices: readonly PublishedDevice[];
  readonly hasFailingPools: boolean;
  readonly byNode: ReadonlyMap<string, NodeDevices>;
  readonly names: DeviceNames;
  readonly nameOf: Int32Array;
  readonly groups: DeviceGroups;
  readonly attributeValues: Map<string, Int32Array>;
  /** The names that lists of claims hold. */
  readonly takenBy: WeakMap<readonly Holder[], Uint8Array>;
}

/** A claim as far as it holds devices. */
type Holder = Pick<ResourceClaim, "allocation">;

/** Many questions are asked about the same slices: what they publish is read once, and groups of devices are made once. */
const READINGS = [new WeakMap<readonly ResourceSlice[], Published>(), new WeakMap<readonly ResourceSlice[], Published>()] as const;

function publishedBy(slices: readonly ResourceSlice[], wholePools: boolean): Published {
  const readings = READINGS[wholePools ? 1 : 0];
  const published = readings.get(slices) ?? readSlices(slices, wholePools);
  readings.set(slices, published);
  return published;
}

function readSlices(slices: readonly ResourceSlice[], wholePools: boolean): Published {
  const devices: PublishedDevice[] = [];
  const byNode = new Map<string, NodeDevices>();
  for (const [nodeName, ofNode] of poolsByNode(slices)) {
    const start = devices.length;
    const pools = wholePools ? ofNode.flatMap((pool) => wholePool(pool, slices)) : ofNode;
    const usable = wholePools ? pools.filter((pool) => isComplete(pool) && !hasDuplicateNames(pool)) : pools;
    for (const { driver, name, slices: current } of usable) {
      for (const device of current.flatMap(devicesIn)) {
        devices.push({ driver, pool: name, device });
      }
    }
    byNode.set(nodeName, {
      start,
      end: devices.length,
      invalidPools: pools.filter(hasDuplicateNames).map(poolId),
      incompletePools: pools.filter((pool) => !isComplete(pool)).map(poolId),
    });
  }
  const names = new DeviceNames();
  return {
    ...{ devices, byNode, names, groups: new DeviceGroups(devices), attributeValues: new Map(), takenBy: new WeakMap() },
    hasFailingPools: !wholePools && [...byNode.values()].some(({ invalidPools }) => invalidPools.length > 0),
    nameOf: Int32Array.from(devices, ({ driver, pool, device }) => names.add(driver, pool, device.name)),
  };
}

/**
 * Numbers for the names `driver/pool/device`. They are looked up part by part: the texts as a whole would have to be made for every device and every claim of a
 * large cluster.
 */
class DeviceNames {
  private readonly drivers = new Map<string, Map<string, Map<string, number>>>();
  size = 0;

  numberOf(driver: string, pool: string, device: string): number | undefined {
    return this.drivers.get(driver)?.get(pool)?.get(device);
  }

  add(driver: string, pool: string, device: string): number {
    const pools = this.drivers.get(driver) ?? new Map<string, Map<string, number>>();
    const devices = pools.get(pool) ?? new Map<string, number>();
    const number = devices.get(device) ?? this.size++;
    this.drivers.set(driver, pools.set(pool, devices.set(device, number)));
    return number;
  }
}

/**
 * Every device of the cluster under a number, the devices of one node in a row, in the order of pools, slices and devices as given.
 * Built once from ResourceSlices; immutable except for which devices are taken.
 */
export class Inventory {
  readonly devices: readonly PublishedDevice[];
  /** There are pools that end a search with an error. */
  readonly hasFailingPools: boolean;
  private readonly published: Published;
  /** 1 for the names that are allocated to some claim. */
  private readonly taken: Uint8Array;

  /** @param slices are not changed afterwards. */
  constructor(slices: readonly ResourceSlice[], { wholePools }: Pick<SchedulerFeatures, "wholePools">) {
    this.published = publishedBy(slices, wholePools);
    this.devices = this.published.devices;
    this.hasFailingPools = this.published.hasFailingPools;
    this.taken = new Uint8Array(this.published.names.size);
  }

  onNode(nodeName: string): NodeDevices {
    return this.published.byNode.get(nodeName) ?? NO_DEVICES;
  }

  isTaken(index: number): boolean {
    return this.taken[this.published.nameOf[index] ?? -1] === 1;
  }

  /** Marks devices as allocated, except those that are only administrated. One that no current slice publishes is passed over. */
  take(devices: readonly AllocatedDevice[]): void {
    this.mark(devices, this.taken);
  }

  /** Marks what claims hold. @param claims are not changed afterwards. */
  takeAll(claims: readonly Holder[]): void {
    let taken = this.published.takenBy.get(claims);
    if (taken === undefined) {
      taken = new Uint8Array(this.taken.length);
      for (const { allocation } of claims) {
        this.mark(allocation?.devices ?? [], taken);
      }
      this.published.takenBy.set(claims, taken);
    }
    taken.forEach((isTaken, name) => {
      this.taken[name] ||= isTaken;
    });
  }

  /** For every device what holds it, where something does. Of several that hold the same one, the last. */
  holders<T extends { readonly claim: Holder }>(claims: readonly T[]): readonly (T | undefined)[] {
    const byName = Array.from<T | undefined>({ length: this.taken.length });
    for (const each of claims) {
      for (const device of each.claim.allocation?.devices ?? []) {
        const name = this.nameHeld(device);
        if (name !== undefined) {
          byName[name] = each;
        }
      }
    }
    return Array.from(this.published.nameOf, (name) => byName[name]);
  }

  private mark(devices: readonly AllocatedDevice[], taken: Uint8Array): void {
    for (const device of devices) {
      const name = this.nameHeld(device);
      if (name !== undefined) {
        taken[name] = 1;
      }
    }
  }

  /** What is allocated is the name `driver/pool/device`: should two nodes publish the same one, both lose it. */
  private nameHeld({ driver, pool, device, adminAccess }: AllocatedDevice): number | undefined {
    return adminAccess ? undefined : this.published.names.numberOf(driver, pool, device);
  }

  at(index: number): PublishedDevice {
    const device = this.devices[index];
    if (device === undefined) {
      throw new RangeError(`no device ${String(index)}`);
    }
    return device;
  }

  selectorInput(index: number): SelectorInput {
    const { driver, device } = this.at(index);
    return { driver, attributes: device.attributes, capacity: device.capacity };
  }

  /** What a device is to a person: its MIG profile, else its product, else its driver. */
  displayName(index: number): string {
    const { driver, device } = this.at(index);
    return device.attributes["profile"]?.string ?? device.attributes["productName"]?.string ?? driver;
  }

  /** Groups of devices that no selector with these reads can tell apart. */
  grouping(reads: Reads): Grouping {
    return this.published.groups.by(reads);
  }

  /** For every device a number that stands for the type and value of an attribute (`domain/name`); -1 without it. */
  valuesOf(attribute: string): Int32Array {
    let values = this.published.attributeValues.get(attribute);
    if (values === undefined) {
      const numbers = new Map<string, number>();
      values = Int32Array.from(this.devices, (device) => {
        const value = attributeOf(device, attribute);
        return value === undefined ? -1 : numberOf(numbers, JSON.stringify(value));
      });
      this.published.attributeValues.set(attribute, values);
    }
    return values;
  }
}

interface Pool {
  readonly driver: string;
  readonly name: string;
  readonly generation: number;
  /** How many slices it has once all are published. */
  readonly sliceCount: number;
  /** How many of them are published. */
  readonly published: number;
  /** Those of the node. */
  readonly slices: readonly ResourceSlice[];
}

/** The pools of each node, each with the slices of its newest generation only. */
function poolsByNode(slices: readonly ResourceSlice[]): ReadonlyMap<string, readonly Pool[]> {
  const nodes = new Map<string, Map<string, Pool>>();
  for (const slice of slices) {
    const { driver, nodeName, pool } = slice.spec;
    const pools = nodes.get(nodeName) ?? new Map<string, Pool>();
    nodes.set(nodeName, pools);
    const id = `${driver}/${pool.name}`;
    const known = pools.get(id);
    if (known === undefined || pool.generation > known.generation) {
      const { name, generation, resourceSliceCount: sliceCount } = pool;
      pools.set(id, { driver, name, generation, sliceCount, published: 1, slices: [slice] });
    } else if (pool.generation === known.generation) {
      pools.set(id, { ...known, published: known.published + 1, slices: [...known.slices, slice] });
    }
  }
  return new Map([...nodes].map(([nodeName, pools]) => [nodeName, [...pools.values()]]));
}

/** The devices of a slice, which may be as an API server gives it: without what is empty. */
function devicesIn({ spec }: { readonly spec: { readonly devices?: readonly SparseDevice[] } }): readonly Device[] {
  return (spec.devices ?? []).map((device) =>
    device.attributes !== undefined && device.capacity !== undefined ? (device as Device) : { attributes: {}, capacity: {}, ...device },
  );
}

type SparseDevice = Pick<Device, "name" | "taints"> & Partial<Device>;

/**
 * A pool with what other nodes publish of it; none while a newer generation of it is published elsewhere (`checkSlicesInPool` of
 * k8s.io/dynamic-resource-allocation v0.35.4).
 */
function wholePool(pool: Pool, slices: readonly ResourceSlice[]): readonly Pool[] {
  if (isComplete(pool)) {
    return [pool];
  }
  const all = slices.filter(({ spec }) => spec.driver === pool.driver && spec.pool.name === pool.name);
  return all.some(({ spec }) => spec.pool.generation > pool.generation)
    ? []
    : [{ ...pool, published: all.filter(({ spec }) => spec.pool.generation === pool.generation).length }];
}

function isComplete({ sliceCount, published }: Pool): boolean {
  return published === sliceCount;
}

function poolId({ driver, name }: Pool): string {
  return `${driver}/${name}`;
}

function hasDuplicateNames({ slices }: Pool): boolean {
  const names = slices.flatMap((slice) => devicesIn(slice).map(({ name }) => name));
  return new Set(names).size < names.length;
}

/** The attribute under its full name, else under its bare name where the domain is the driver's own. */
function attributeOf({ driver, device }: PublishedDevice, attribute: string): DeviceAttribute | undefined {
  const slash = attribute.indexOf("/");
  return device.attributes[attribute] ?? (attribute.slice(0, slash) === driver ? device.attributes[attribute.slice(slash + 1)] : undefined);
}
