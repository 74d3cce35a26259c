/** Devices that no selector can tell apart, by what it reads of them. */
import type { Device, DeviceAttribute, DeviceCapacity } from "../../types";
import type { Reads } from "./reads";

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

/** For every device a number below `count`, which stands for one thing that selectors read. */
interface Column {
  readonly numbers: Int32Array;
  readonly count: number;
}

/** Groups of the same devices by one selector after the other. What several selectors read is compared once. */
export class DeviceGroups {
  private readonly groupings = new Map<string, Grouping>();
  private readonly columns = new Map<string, Column>();
  private names: Readonly<Record<Values, ReadonlySet<string>>> | undefined;

  constructor(private readonly devices: readonly PublishedDevice[]) {}

  /** Groups of devices that no selector with these reads can tell apart. */
  by(reads: Reads): Grouping {
    const key = reads === "everything" ? "*" : [...reads].sort().join(" ");
    let grouping = this.groupings.get(key);
    if (grouping === undefined) {
      grouping = reads === "everything" ? this.eachAlone() : this.columnsRead(reads).reduce(refined, this.allTogether());
      this.groupings.set(key, grouping);
    }
    return grouping;
  }

  private eachAlone(): Grouping {
    const samples = Array.from(this.devices, (_, index) => index);
    return { groupOf: Int32Array.from(samples), samples };
  }

  private allTogether(): Grouping {
    return { groupOf: new Int32Array(this.devices.length), samples: this.devices.length === 0 ? [] : [0] };
  }

  private columnsRead(reads: ReadonlySet<string>): readonly Column[] {
    this.names ??= { attributes: namesOf(this.devices, "attributes"), capacity: namesOf(this.devices, "capacity") };
    const isRead = (name: string) => reads.has(name.slice(name.indexOf("/") + 1));
    const ofValues = (values: Values) =>
      [...(this.names?.[values] ?? [])]
        .filter(isRead)
        .map((name) => this.column(`${values} ${name}`, ({ device }) => textOf(device[values][name])));
    return [this.column("driver", ({ driver }) => driver), ...ofValues("attributes"), ...ofValues("capacity")];
  }

  private column(name: string, textIn: (published: PublishedDevice) => string): Column {
    let column = this.columns.get(name);
    if (column === undefined) {
      const known = new Map<string, number>();
      const numbers = Int32Array.from(this.devices, (published) => numberOf(known, textIn(published)));
      column = { numbers, count: known.size };
      this.columns.set(name, column);
    }
    return column;
  }
}

/** What a device has of which selectors read values by name. */
type Values = "attributes" | "capacity";

/** The names of what any of the devices has, with their domains where they have one. */
function namesOf(devices: readonly PublishedDevice[], values: Values): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { device } of devices) {
    for (const name in device[values]) {
      names.add(name);
    }
  }
  return names;
}

/** A text that no other value has. Most are strings, and selectors look no further where there is one. */
function textOf(value: (DeviceAttribute & Partial<DeviceCapacity>) | undefined): string {
  return value === undefined ? "" : value.string === undefined ? JSON.stringify(value) : `=${value.string}`;
}

/** Groups of which two devices are in the same one if they were, and have the same number in a column. */
function refined({ groupOf }: Grouping, { numbers, count }: Column): Grouping {
  const known = new Map<number, number>();
  const samples: number[] = [];
  const parts = groupOf.map((group, index) => {
    const number = numberOf(known, group * count + (numbers[index] ?? 0));
    if (number === samples.length) {
      samples.push(index);
    }
    return number;
  });
  return { groupOf: parts, samples };
}

/** The number of a key, by the order in which keys first came. */
export function numberOf<K>(numbers: Map<K, number>, key: K): number {
  let number = numbers.get(key);
  if (number === undefined) {
    number = numbers.size;
    numbers.set(key, number);
  }
  return number;
}
