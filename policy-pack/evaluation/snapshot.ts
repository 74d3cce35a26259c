// Not by the root of the package, which loads the whole of Pulumi: over a thousand modules, a second for every test file of a policy.
import * as sdk from "@pulumi/policy/proxy";

/** In a snapshot, a value that is unknown until `pulumi up`. */
export const UNKNOWN: unique symbol = Symbol("unknown until `pulumi up`");

/** The properties of a resource as plain data, with {@link UNKNOWN} for each unknown part. */
export type Snapshot = Readonly<Record<string, unknown>>;

/** Receives the path of each unknown value that a rule reads: `vpcConfig.subnetIds[0]`. */
export type OnUnknown = (path: string) => void;

/**
 * Copies the properties of a resource. The policy SDK throws when a policy reads an unknown value, and the engine then turns even a mandatory
 * policy into an advisory one. In a snapshot an unknown value is a value like others, so that a policy can decide on each field by itself.
 * A property is copied when it is first read: most policies read a few of them.
 */
export function snapshot(properties: Snapshot, onUnknown: OnUnknown): Snapshot {
  const copies = new Map<string, unknown>();
  const onRead: OnUnknown = (path) => {
    unknownReads += 1;
    onUnknown(path);
  };
  return new Proxy(properties, {
    get: (target, key) => {
      if (typeof key === "symbol" || !Object.hasOwn(target, key)) {
        return undefined;
      }
      if (!copies.has(key)) {
        copies.set(key, read(target, key, key, onRead));
      }
      const value = copies.get(key);
      if (value === UNKNOWN) {
        onRead(key);
      }
      return value;
    },
  });
}

/** The texts that stand for unknown values. */
const UNKNOWN_TEXTS: ReadonlySet<unknown> = new Set([
  sdk.unknownArchiveValue,
  sdk.unknownArrayValue,
  sdk.unknownAssetValue,
  sdk.unknownBooleanValue,
  sdk.unknownNumberValue,
  sdk.unknownObjectValue,
  sdk.unknownStringValue,
]);

/** A snapshot of properties that are not in the SDK's proxy yet, and that nobody changes: where all of them are known, it is the properties themselves. */
export function snapshotOfPlain(properties: Snapshot, onUnknown: OnUnknown): Snapshot {
  return hasUnknown(properties) ? snapshot(properties, onUnknown) : Object.assign(Object.create(null) as object, properties);
}

function hasUnknown(value: unknown): boolean {
  return typeof value === "object" && value !== null ? Object.values(value).some(hasUnknown) : UNKNOWN_TEXTS.has(value);
}

let unknownReads = 0;

/**
 * Keeps what a function reads from something, for others that ask the same. Every rule has to be told of the unknown values that it reads, so what was read
 * from one is not kept.
 */
export function kept<Source, Read>(keyOf: (source: Source) => object, read: (source: Source) => Read): (source: Source) => Read {
  const known = new WeakMap<object, Read>();
  return (source) => {
    const key = keyOf(source);
    const before = known.get(key);
    if (before !== undefined) {
      return before;
    }
    const unknownBefore = unknownReads;
    const result = read(source);
    if (unknownReads === unknownBefore) {
      known.set(key, result);
    }
    return result;
  };
}

function read(container: object, key: string | number, path: string, onUnknown: OnUnknown): unknown {
  try {
    const value = (container as Record<string | number, unknown>)[key];
    return UNKNOWN_TEXTS.has(value) ? UNKNOWN : copy(value, path, onUnknown);
  } catch (error) {
    if (error instanceof sdk.UnknownValueError) {
      return UNKNOWN;
    }
    throw error;
  }
}

function copy(value: unknown, path: string, onUnknown: OnUnknown): unknown {
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (let index = 0; index < value.length; index++) {
      put(items as unknown as Record<number, unknown>, index, value, `${path}[${index}]`, onUnknown);
    }
    return items;
  }
  if (!isRecord(value)) {
    return value;
  }
  const record: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    put(record, key, value, `${path}.${key}`, onUnknown);
  }
  return record;
}

/** Copies one entry. Each read of an unknown one is reported. */
function put(target: Record<string | number, unknown>, key: string | number, container: object, path: string, onUnknown: OnUnknown): void {
  const value = read(container, key, path, onUnknown);
  if (value === UNKNOWN) {
    define(target, key, () => {
      onUnknown(path);
      return UNKNOWN;
    });
  } else if (key === "__proto__") {
    // An assignment would set the prototype.
    define(target, key, () => value);
  } else {
    target[key] = value;
  }
}

function define(target: object, key: string | number, get: () => unknown): void {
  Object.defineProperty(target, key, { get, enumerable: true, configurable: true });
}

/** The entries of a list of anything. None for anything else, including an unknown list. */
export function untypedEntries(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Path of the first `UNKNOWN` in plain data, `spec.devices.requests[0]`; undefined where everything is known. */
export function unknownPath(value: unknown, path: string): string | undefined {
  return unknownPaths(value, path)[0];
}

/** Paths of every `UNKNOWN` in plain data. */
export function unknownPaths(value: unknown, path: string): readonly string[] {
  if (value === UNKNOWN) {
    return [path];
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, child]) => unknownPaths(child, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`));
}

/** An object of plain data; an empty one for anything else. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

/** A value for a message. Never used on anything that could be a secret. */
export function show(value: unknown): string {
  if (value === undefined) {
    return "not set";
  }
  return value === UNKNOWN ? "unknown" : JSON.stringify(value, (_, part: unknown) => (part === UNKNOWN ? "(unknown)" : part));
}
