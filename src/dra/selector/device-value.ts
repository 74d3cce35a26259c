import type { DeviceAttribute, SelectorInput } from "../types";
import { EvaluationError, Unknown } from "../../cel/values/failures";
import { parseQuantity } from "../../cel/values/quantity";
import { parseSemanticVersion } from "../../cel/values/semantic-version";
import { CelMap, EntryMap } from "../../cel/values/values";
import type { Value } from "../../cel/values/values";

/**
 * What is known of a device's attributes or capacities, by name in the form in which the device would publish them. `exact`: the device has it as it is given,
 * or lacks it where it is not given. An unknown value: the device has it, with another value each. Whether the device has any other name is unknown.
 */
export type Knowledge = ReadonlyMap<string, "exact" | Unknown>;

/** The variable `device`. Nothing is converted before it is asked for: a selector looks at two or three of a dozen attributes. */
export class DeviceValue extends CelMap {
  override readonly partial: boolean;

  constructor(
    private readonly driver: string,
    private readonly attributes: CelMap,
    private readonly capacity: CelMap,
  ) {
    super();
    this.partial = attributes.partial || capacity.partial;
  }

  override find(key: Value): Value | undefined {
    switch (key) {
      case "driver":
        return this.driver;
      case "attributes":
        return this.attributes;
      case "capacity":
        return this.capacity;
      case "allowMultipleAllocations":
        // Kubernetes sets it whether or not its feature gate lets selectors name it. The driver's feature gate ConsumableShares can make it true.
        return this.partial ? Unknown.instance : false;
      default:
        return undefined;
    }
  }

  override keys(): readonly Value[] {
    return ["driver", "allowMultipleAllocations", "attributes", "capacity"];
  }
}

/** A device as the expression sees it: as it is given, or as far as it is known. */
export function deviceValue(
  { driver, attributes, capacity }: SelectorInput,
  known?: { readonly attributes: Knowledge; readonly capacity: Knowledge },
): DeviceValue {
  return new DeviceValue(
    driver,
    new Domains(driver, attributes, attributeValue, known?.attributes),
    new Domains(driver, capacity, ({ value }) => parseQuantity(value), known?.capacity),
  );
}

function attributeValue({ string, bool, int, version }: DeviceAttribute): Value {
  if (string !== undefined) {
    return string;
  }
  if (bool !== undefined) {
    return bool;
  }
  if (int !== undefined) {
    return BigInt(int);
  }
  return version === undefined ? new EvaluationError("unsupported attribute value") : parseSemanticVersion(version);
}

/** `device.attributes` or `device.capacity`: maps by domain. A domain that the device has nothing in is an empty map, though it is not `in` this one. */
class Domains<T> extends CelMap {
  override readonly partial: boolean;

  constructor(
    readonly driver: string,
    readonly named: Readonly<Record<string, T>>,
    readonly convert: (value: T) => Value,
    /** Undefined: everything is. */
    readonly known: Knowledge | undefined,
  ) {
    super();
    this.partial = known !== undefined;
  }

  override find(key: Value): Value {
    return typeof key === "string" ? new Domain(this, key) : EntryMap.empty;
  }

  override contains(key: Value): boolean | Unknown {
    return this.#domains().includes(key) || (this.partial && typeof key === "string" ? Unknown.instance : false);
  }

  override keys(): readonly Value[] | Unknown {
    return this.partial ? Unknown.instance : this.#domains();
  }

  /** Names that the device has for sure. */
  names(): readonly string[] {
    const given = Object.keys(this.named);
    return this.known === undefined
      ? given
      : [...this.known].filter(([name, knowledge]) => knowledge !== "exact" || given.includes(name)).map(([name]) => name);
  }

  #domains(): readonly Value[] {
    return [...new Set(this.names().map((name) => domainOf(name, this.driver)))];
  }
}

/** The attributes or capacities in one domain. */
class Domain<T> extends CelMap {
  override readonly partial: boolean;

  constructor(
    private readonly all: Domains<T>,
    private readonly domain: string,
  ) {
    super();
    this.partial = all.partial;
  }

  override find(key: Value): Value | undefined {
    const { named, convert, known } = this.all;
    const names = this.#namesFor(key);
    for (const name of names) {
      if (Object.hasOwn(named, name) && (known === undefined || known.get(name) === "exact")) {
        return convert(named[name] as T);
      }
    }
    if (known === undefined || names.length === 0) {
      return undefined;
    }
    const decided = names.find((name) => known.has(name));
    const knowledge = decided === undefined ? Unknown.instance : known.get(decided);
    return knowledge === "exact" ? undefined : knowledge;
  }

  override has(key: Value): boolean | Unknown {
    const { known } = this.all;
    const value = this.find(key);
    if (!(value instanceof Unknown)) {
      return value !== undefined;
    }
    return this.#namesFor(key).some((name) => known?.has(name)) ? true : Unknown.instance;
  }

  override keys(): readonly Value[] | Unknown {
    return this.partial ? Unknown.instance : this.#identifiers(this.all.names());
  }

  /** What stands behind the domain in those of the names that are in it. */
  #identifiers(names: readonly string[]): readonly string[] {
    const prefix = `${this.domain}/`;
    const isOwn = this.domain === this.all.driver;
    const identifiers: string[] = [];
    for (const name of names) {
      if (name.startsWith(prefix)) {
        identifiers.push(name.slice(prefix.length));
      } else if (isOwn && !name.includes("/")) {
        identifiers.push(name);
      }
    }
    return identifiers;
  }

  /** The names under which the device would publish what the key asks for. */
  #namesFor(key: Value): readonly string[] {
    if (typeof key !== "string") {
      return [];
    }
    const { driver, named } = this.all;
    if (this.domain !== driver || key.includes("/")) {
      return [`${this.domain}/${key}`];
    }
    // Nearly always the short name alone is looked at.
    return Object.hasOwn(named, key) ? [key] : [key, `${this.domain}/${key}`];
  }
}

/** A name without a domain belongs to the driver's own. */
function domainOf(name: string, driver: string): string {
  const slash = name.indexOf("/");
  return slash < 0 ? driver : name.slice(0, slash);
}
