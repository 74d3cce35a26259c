import type { SchedulerFeatures } from "../../releases/kubernetes";
import type { AllocatedDevice } from "../claims/types";
import type { Device, DeviceAttribute, ResourceSlice, SelectorInput } from "../types";
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

/** A device with where it is published. */
export interface PublishedDevice {
  readonly driver: string;
  readonly pool: string;
  readonly device: Device;
}

/** Devices grouped by what a selector reads of them: `groupOf[device]` is an index of `samples`, which names one device of each group. */
export interface Grouping {
  readonly groupOf: Int32Array;
  readonly samples: readonly number[];
}

const NO_DEVICES: NodeDevices = { start: 0, end: 0, invalidPools: [], incompletePools: [] };

/** What ResourceSlices publish, without what is allocated of it. */
interface Published {
  readonly devices: readonly PublishedDevice[];
  readonly hasFailingPools: boolean;
  readonly byNode: ReadonlyMap<string, NodeDevices>;
  readonly nameOf: Int32Array;
  readonly byName: ReadonlyMap<string, number>;
  readonly groupings: Map<string, Grouping>;
  readonly attributeValues: Map<string, Int32Array>;
}

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
  const byName = new Map<string, number>();
  return {
    ...{ devices, byNode, byName, groupings: new Map(), attributeValues: new Map() },
    hasFailingPools: !wholePools && [...byNode.values()].some(({ invalidPools }) => invalidPools.length > 0),
    nameOf: Int32Array.from(devices, ({ driver, pool, device }) => numberOf(byName, deviceId(driver, pool, device.name))),
  };
}

/**
 * Every device of the cluster under a number, the devices of one node in a row, in the order of pools, slices and devices as given.
 * Built once from ResourceSlices; immutable except for which devices are taken.
 */
export class Inventory {
  readonly devices: readonly PublishedDevice[];
  /** There are pools that end a search with an error. */
  readonly hasFailingPools: boolean;
  private readonly byNode: ReadonlyMap<string, NodeDevices>;
  /** What is allocated is the name `driver/pool/device`: should two nodes publish the same one, both lose it. */
  private readonly nameOf: Int32Array;
  private readonly byName: ReadonlyMap<string, number>;
  /** 1 for the names that are allocated to some claim. */
  private readonly taken: Uint8Array;
  private readonly groupings: Map<string, Grouping>;
  private readonly attributeValues: Map<string, Int32Array>;

  /** @param slices are not changed afterwards. */
  constructor(slices: readonly ResourceSlice[], { wholePools }: Pick<SchedulerFeatures, "wholePools">) {
    const published = publishedBy(slices, wholePools);
    this.devices = published.devices;
    this.hasFailingPools = published.hasFailingPools;
    this.byNode = published.byNode;
    this.nameOf = published.nameOf;
    this.byName = published.byName;
    this.groupings = published.groupings;
    this.attributeValues = published.attributeValues;
    this.taken = new Uint8Array(this.byName.size);
  }

  onNode(nodeName: string): NodeDevices {
    return this.byNode.get(nodeName) ?? NO_DEVICES;
  }

  isTaken(index: number): boolean {
    return this.taken[this.nameOf[index] ?? -1] === 1;
  }

  /** Marks devices as allocated, except those that are only administrated. One that no current slice publishes is passed over. */
  take(devices: readonly AllocatedDevice[]): void {
    for (const { driver, pool, device } of devices.filter(({ adminAccess }) => !adminAccess)) {
      const name = this.byName.get(deviceId(driver, pool, device));
      if (name !== undefined) {
        this.taken[name] = 1;
      }
    }
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
    const key = reads === "everything" ? "*" : [...reads].sort().join(" ");
    let grouping = this.groupings.get(key);
    if (grouping === undefined) {
      grouping = group(this.devices, reads);
      this.groupings.set(key, grouping);
    }
    return grouping;
  }

  /** For every device a number that stands for the type and value of an attribute (`domain/name`); -1 without it. */
  valuesOf(attribute: string): Int32Array {
    let values = this.attributeValues.get(attribute);
    if (values === undefined) {
      const numbers = new Map<string, number>();
      values = Int32Array.from(this.devices, (device) => {
        const value = attributeOf(device, attribute);
        return value === undefined ? -1 : numberOf(numbers, JSON.stringify(value));
      });
      this.attributeValues.set(attribute, values);
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

function deviceId(driver: string, pool: string, device: string): string {
  return `${driver}/${pool}/${device}`;
}

/** The attribute under its full name, else under its bare name where the domain is the driver's own. */
function attributeOf({ driver, device }: PublishedDevice, attribute: string): DeviceAttribute | undefined {
  const slash = attribute.indexOf("/");
  return device.attributes[attribute] ?? (attribute.slice(0, slash) === driver ? device.attributes[attribute.slice(slash + 1)] : undefined);
}

function group(devices: readonly PublishedDevice[], reads: Reads): Grouping {
  const numbers = new Map<string, number>();
  const samples: number[] = [];
  const isRead = new Map<string, boolean>();
  const groupOf = Int32Array.from(devices, (published, index) => {
    const key = reads === "everything" ? String(index) : projection(published, reads, isRead);
    const number = numberOf(numbers, key);
    if (number === samples.length) {
      samples.push(index);
    }
    return number;
  });
  return { groupOf, samples };
}

/** What the reads see of a device. `isRead` remembers, by qualified name, whether the name is among them. */
function projection({ driver, device }: PublishedDevice, reads: ReadonlySet<string>, isRead: Map<string, boolean>): string {
  let text = driver;
  for (const values of [device.attributes, device.capacity]) {
    text += "\n";
    for (const name in values) {
      let read = isRead.get(name);
      if (read === undefined) {
        read = reads.has(name.slice(name.indexOf("/") + 1));
        isRead.set(name, read);
      }
      if (read) {
        text += `${name}=${JSON.stringify(values[name])}\n`;
      }
    }
  }
  return text;
}

function numberOf(numbers: Map<string, number>, key: string): number {
  let number = numbers.get(key);
  if (number === undefined) {
    number = numbers.size;
    numbers.set(key, number);
  }
  return number;
}
