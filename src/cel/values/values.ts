import { EvaluationError, Unknown } from "./failures";

/** What a literal of the source can be. */
export type Literal = null | boolean | bigint | number | string | Uint | Uint8Array;

/**
 * A CEL value. int is a bigint, double a number, list an array; errors and unknowns travel as values, as in cel-go,
 * because `||`, `&&`, `?:` and optionals decide what happens to them.
 */
export type Value = Literal | readonly Value[] | CelMap | Optional | TypeValue | CelObject | EvaluationError | Unknown;

/** An unsigned 64-bit integer. */
export class Uint {
  constructor(readonly value: bigint) {}
}

export class Optional {
  static readonly none = new Optional(undefined);
  constructor(readonly value: Value | undefined) {}
}

/** A type as a value: `type(1)`, `int`. Its name is all that is ever compared. */
export class TypeValue {
  constructor(readonly name: string) {}
}

/** A value of an object type, such as a quantity: it has no fields, and functions of its environment take it. */
export abstract class CelObject {
  /** Name of the object type. */
  abstract readonly typeName: string;
}

/** A map. Keys are strings, bools, ints or uints; numeric keys of different types that are equal are the same key. */
export abstract class CelMap {
  /** Whether the evaluator was not told everything that is in the map. */
  readonly partial: boolean = false;
  /** The value at a key, undefined where there is none, unknown where it is unknown whether there is one. */
  abstract find(key: Value): Value | undefined;
  /** Keys in their order; unknown where they are. */
  abstract keys(): readonly Value[] | Unknown;
  /** `has(map.key)`. */
  has(key: Value): boolean | Unknown {
    const value = this.find(key);
    return value instanceof Unknown ? value : value !== undefined;
  }
  /** `key in map`. */
  contains(key: Value): boolean | Unknown {
    return this.has(key);
  }
}

/** A map built by an expression. */
export class EntryMap extends CelMap {
  static readonly empty = new EntryMap();
  readonly #entries = new Map<unknown, readonly [Value, Value]>();

  constructor(entries: Iterable<readonly [Value, Value]> = []) {
    super();
    for (const [key, value] of entries) {
      this.#entries.set(mapKey(key), [key, value]);
    }
  }

  override find(key: Value): Value | undefined {
    return this.#entries.get(mapKey(key))?.[1];
  }

  override keys(): readonly Value[] {
    return [...this.#entries.values()].map(([key]) => key);
  }

  entries(): readonly (readonly [Value, Value])[] {
    return [...this.#entries.values()];
  }
}

/** One JavaScript key for all values that are the same map key; an object of its own for values that can be no key. */
function mapKey(key: Value): unknown {
  if (key instanceof Uint) {
    return key.value;
  }
  if (typeof key === "number") {
    return Number.isInteger(key) ? BigInt(key) : key;
  }
  return key;
}

/** Whether evaluation cannot go on with this value. */
export function isFailure(value: unknown): value is EvaluationError | Unknown {
  return value instanceof EvaluationError || value instanceof Unknown;
}

/** What is computed from a failure: of an unknown value nothing is known any more. */
export function derived(failure: EvaluationError | Unknown): EvaluationError | Unknown {
  return failure instanceof Unknown ? Unknown.instance : failure;
}

/** Whether the value is a list. (`Array.isArray` does not narrow readonly arrays.) */
export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

const SURROGATE = /[\ud800-\udfff]/;

/** Characters of a string as CEL counts them: Unicode code points. */
export function characters(text: string): readonly string[] {
  return [...text];
}

/** `size()` of a string. */
export function characterCount(text: string): number {
  return SURROGATE.test(text) ? characters(text).length : text.length;
}

/** -1, 0 or 1 in the order of UTF-8 bytes, which is that of code points. */
export function compareStrings(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) {
    return a < b ? -1 : 1;
  }
  const left = characters(a);
  const right = characters(b);
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const difference = (left[index]?.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) {
      return Math.sign(difference);
    }
  }
  return Math.sign(left.length - right.length);
}

const MIN_INT = -(2n ** 63n);
const MAX_INT = 2n ** 63n - 1n;
const MAX_UINT = 2n ** 64n - 1n;

/** The int, or the overflow error where it does not fit 64 bits. */
export function toInt(value: bigint): bigint | EvaluationError {
  return value < MIN_INT || value > MAX_INT ? new EvaluationError("integer overflow") : value;
}

/** The uint, or the overflow error where it does not fit 64 bits or is negative. */
export function toUint(value: bigint): Uint | EvaluationError {
  return value < 0n || value > MAX_UINT ? new EvaluationError("unsigned integer overflow") : new Uint(value);
}
