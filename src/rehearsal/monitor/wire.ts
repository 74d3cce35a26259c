/**
 * Property values as Pulumi puts them on the wire: plain JSON, with marked objects for secrets, resource references,
 * output values and assets, and one marked string for what is not known yet.
 */
import { OUTPUT, RESOURCE, SECRET, SIGNATURE, UNKNOWN } from "./marks";

export { UNKNOWN };

export type WireValue = null | boolean | number | string | readonly WireValue[] | WireMap;
export interface WireMap {
  readonly [key: string]: WireValue;
}

export function isWireMap(value: WireValue | undefined): value is WireMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value marked as a secret. */
export function secret(value: WireValue): WireMap {
  return { [SIGNATURE]: SECRET, value };
}

/** A reference to a resource of the stack, as remote components hand out their children. */
export function resourceReference(urn: string, id?: string): WireMap {
  return { [SIGNATURE]: RESOURCE, urn, ...(id === undefined ? {} : { id }) };
}

export function isResourceReference(value: WireMap): boolean {
  return value[SIGNATURE] === RESOURCE;
}

/** A value without marks, and the paths at which it is secret. */
export interface Unwrapped {
  /** Secrets are unwrapped, references are the id (or, of a component, the URN), what is not known is {@link UNKNOWN}. */
  readonly value: WireValue;
  /** Property paths such as `data.password` or `rules[0].key`. */
  readonly secretPaths: readonly string[];
}

/** Takes the marks off a value; one without marks stays the same value. @param path of the value itself; prefix of the secret paths. */
export function unwrap(value: WireValue, path = ""): Unwrapped {
  return hasMarks(value) ? withoutMarks(value, path) : { value, secretPaths: [] };
}

function hasMarks(value: WireValue): boolean {
  if (Array.isArray(value)) {
    return value.some(hasMarks);
  }
  return isWireMap(value) && (value[SIGNATURE] !== undefined || Object.values(value).some(hasMarks));
}

function withoutMarks(value: WireValue, path: string): Unwrapped {
  if (Array.isArray(value)) {
    const items = value.map((item: WireValue, index) => unwrap(item, `${path}[${index}]`));
    return { value: items.map((item) => item.value), secretPaths: items.flatMap((item) => item.secretPaths) };
  }
  if (!isWireMap(value)) {
    return { value, secretPaths: [] };
  }
  switch (value[SIGNATURE]) {
    case SECRET:
      return { value: unwrap(value.value ?? null).value, secretPaths: [path] };
    case OUTPUT: {
      const inner = unwrap(value.value ?? UNKNOWN);
      return { value: inner.value, secretPaths: value.secret === true || inner.secretPaths.length > 0 ? [path] : [] };
    }
    case RESOURCE:
      // An empty id is the engine's way to say that a custom resource has none yet.
      return { value: value.id === "" ? UNKNOWN : (value.id ?? value.urn ?? null), secretPaths: [] };
    default: {
      const entries = Object.entries(value).map(([key, item]) => [key, unwrap(item, path === "" ? key : `${path}.${key}`)] as const);
      return {
        value: Object.fromEntries(entries.map(([key, item]) => [key, item.value])),
        secretPaths: entries.flatMap(([, item]) => item.secretPaths),
      };
    }
  }
}

/**
 * Properties as the engine shows them to a policy pack: secrets stay marked, references become ids, output values become
 * what they hold (marshalling options of pulumi/pulumi pkg/resource/plugin/analyzer_plugin.go). The names are in the order in which protobuf's
 * JavaScript reads them off a wire, and `__proto__`, which it cannot read, is left out.
 */
export function forAnalyzer(value: WireValue): WireValue {
  if (Array.isArray(value)) {
    return value.map((item: WireValue) => forAnalyzer(item));
  }
  if (!isWireMap(value)) {
    return value;
  }
  switch (value[SIGNATURE]) {
    case SECRET:
      return secret(forAnalyzer(value.value ?? null));
    case OUTPUT: {
      const inner = value.value === undefined ? UNKNOWN : forAnalyzer(value.value);
      return value.secret === true ? secret(inner) : inner;
    }
    case RESOURCE:
      return unwrap(value).value;
    default:
      return namesSorted(value);
  }
}

/** A loop, because every map of every resource comes through here. */
function namesSorted(map: WireMap): WireMap {
  const sorted: Record<string, WireValue> = {};
  for (const name of Object.keys(map).sort()) {
    if (name !== "__proto__") {
      sorted[name] = forAnalyzer(map[name] ?? null);
    }
  }
  return sorted;
}

/** Whether anything in an unwrapped value is not known. */
export function hasUnknown(value: WireValue): boolean {
  if (Array.isArray(value)) {
    return value.some((item: WireValue) => hasUnknown(item));
  }
  return isWireMap(value) ? Object.values(value).some(hasUnknown) : value === UNKNOWN;
}

/** A map as it is; an empty one for everything else. */
export function asMap(value: WireValue | undefined): WireMap {
  return isWireMap(value) ? value : {};
}

/** The entries that are set. */
export function present(map: Readonly<Record<string, WireValue | undefined>>): WireMap {
  return Object.fromEntries(Object.entries(map).filter((entry): entry is [string, WireValue] => entry[1] !== undefined));
}

/** Outputs with the named ones marked as secrets. */
export function withSecrets(outputs: WireMap, names: readonly string[]): WireMap {
  const marked = names.flatMap((name) => (outputs[name] === undefined ? [] : [[name, secret(unwrap(outputs[name]).value)] as const]));
  return { ...outputs, ...Object.fromEntries(marked) };
}
