import type { DeviceAttribute, SelectorInput } from "../types";
import { EvaluationError, Unknown } from "../../cel/values/failures";
import { parseQuantity } from "../../cel/values/quantity";
import { parseSemanticVersion } from "../../cel/values/semantic-version";
import { CelMap, EntryMap } from "../../cel/values/values";
import type { Value } from "../../cel/values/values";

/** What is not known of an attribute or capacity: its value alone, or even whether the device has it. */
export type Uncertainty = "value" | "presence";

/** Uncertain attributes or capacities by name, in the form in which the device would publish them. */
export type Uncertain = ReadonlyMap<string, Uncertainty>;

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
        // Kubernetes sets it whether or not its feature gate lets selectors name it.
        return false;
      default:
        return undefined;
    }
  }

  override keys(): readonly Value[] {
    return ["driver", "allowMultipleAllocations", "attributes", "capacity"];
  }
}

/** A device as the expression sees it; with uncertainties, what is not known of it evaluates to unknown. */
export function deviceValue(
  { driver, attributes, capacity }: SelectorInput,
  uncertain?: { readonly attributes: Uncertain; readonly capacity: Uncertain },
): DeviceValue {
  return new DeviceValue(
    driver,
    new Domains(driver, attributes, attributeValue, uncertain?.attributes),
    new Domains(driver, capacity, ({ value }) => parseQuantity(value), uncertain?.capacity),
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
    readonly uncertain: Uncertain | undefined,
  ) {
    super();
    this.partial = uncertain !== undefined;
  }

  override find(key: Value): Value {
    return typeof key === "string" ? new Domain(this, key) : EntryMap.empty;
  }

  override contains(key: Value): boolean | Unknown {
    return this.#certain().includes(key) || (this.#possible().includes(key) ? Unknown.instance : false);
  }

  override keys(): readonly Value[] | Unknown {
    const certain = this.#certain();
    return this.#possible().every((domain) => certain.includes(domain)) ? certain : Unknown.instance;
  }

  /** Names that the device has for sure. */
  names(): readonly string[] {
    const names = Object.keys(this.named);
    return this.uncertain === undefined ? names : names.filter((name) => this.uncertain?.get(name) !== "presence");
  }

  /** Names that the device may have. */
  possibleNames(): readonly string[] {
    return [...(this.uncertain ?? [])].filter(([, uncertainty]) => uncertainty === "presence").map(([name]) => name);
  }

  #certain(): readonly Value[] {
    return [...new Set(this.names().map((name) => domainOf(name, this.driver)))];
  }

  #possible(): readonly Value[] {
    return this.possibleNames().map((name) => domainOf(name, this.driver));
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
    const name = this.#name(key);
    if (name === undefined) {
      return undefined;
    }
    const { named, convert, uncertain } = this.all;
    return uncertain?.has(name) === true ? Unknown.instance : convert(named[name] as T);
  }

  override has(key: Value): boolean | Unknown {
    const name = this.#name(key);
    return name !== undefined && this.all.uncertain?.get(name) === "presence" ? Unknown.instance : name !== undefined;
  }

  override keys(): readonly Value[] | Unknown {
    if (this.partial && this.#identifiers(this.all.possibleNames()).length > 0) {
      return Unknown.instance;
    }
    return this.#identifiers(this.all.names());
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

  /** The name under which the device has, or may have, what the key asks for. */
  #name(key: Value): string | undefined {
    if (typeof key !== "string") {
      return undefined;
    }
    const { driver, named, uncertain } = this.all;
    const isNamed = (name: string): boolean => Object.hasOwn(named, name) || uncertain?.has(name) === true;
    if (this.domain === driver && !key.includes("/") && isNamed(key)) {
      return key;
    }
    const qualified = `${this.domain}/${key}`;
    return isNamed(qualified) ? qualified : undefined;
  }
}

/** A name without a domain belongs to the driver's own. */
function domainOf(name: string, driver: string): string {
  const slash = name.indexOf("/");
  return slash < 0 ? driver : name.slice(0, slash);
}
