import { EvaluationError, NotModelled } from "./failures";
import { CelObject } from "./values";

/**
 * A Kubernetes quantity: `units * 10^scale`, as `k8s.io/apimachinery/pkg/api/resource` holds it.
 * Like there, a number with more digits than fit is kept as a decimal, of which Kubernetes says that it is no integer whatever its value.
 */
export class Quantity extends CelObject {
  constructor(
    readonly units: bigint,
    readonly scale: number,
    readonly decimal: boolean,
    /** Whether `add` or `sub` made it. Kubernetes cannot compare anything with such a quantity on the right of `==`. */
    readonly computed = false,
  ) {
    super();
  }

  override get typeName(): string {
    return "kubernetes.Quantity";
  }

  compare(other: Quantity): number {
    const scale = Math.min(this.scale, other.scale);
    const left = this.units * tenTo(this.scale - scale);
    const right = other.units * tenTo(other.scale - scale);
    return left < right ? -1 : left > right ? 1 : 0;
  }

  plus(other: Quantity): Quantity {
    return this.#added(other, other.units);
  }

  /** Kubernetes negates the number with 64 bits: the smallest one stays negative, so subtracting it is adding it. */
  minus(other: Quantity): Quantity {
    const asAdded = this.#added(other, BigInt.asIntN(64, -other.units));
    return this.decimal || other.decimal || asAdded.decimal ? this.#added(other, -other.units) : asAdded;
  }

  #added(other: Quantity, otherUnits: bigint): Quantity {
    const isExact = !this.decimal && !other.decimal;
    const scale = isExact ? this.#commonScale(other) : Math.min(this.scale, other.scale);
    const [left, right] = [this.units * tenTo(this.scale - scale), otherUnits * tenTo(other.scale - scale)];
    const units = left + right;
    return new Quantity(units, scale, !isExact || ![left, right, units].every(fitsInt64), true);
  }

  /** Zero has no scale of its own. */
  #commonScale(other: Quantity): number {
    return other.units === 0n ? this.scale : this.units === 0n ? other.scale : Math.min(this.scale, other.scale);
  }

  sign(): bigint {
    return this.units > 0n ? 1n : this.units < 0n ? -1n : 0n;
  }

  /** The value as an int, where Kubernetes can convert it: not from a decimal and not from a fraction, be it `1000m`. */
  asInteger(): bigint | undefined {
    if (this.decimal || this.scale < 0) {
      return undefined;
    }
    const value = this.units * tenTo(this.scale);
    return fitsInt64(value) ? value : undefined;
  }

  asApproximateFloat(): number {
    return this.scale === 0 ? Number(this.units) : Number(this.units) * powerOfTen(this.scale);
  }
}

/** An int as a quantity. */
export function quantityOfInt(value: bigint): Quantity {
  return new Quantity(value, 0, false);
}

const SUFFIXES: ReadonlyMap<string, { readonly base: 2 | 10; readonly exponent: number }> = new Map([
  ["", { base: 10, exponent: 0 }],
  ["n", { base: 10, exponent: -9 }],
  ["u", { base: 10, exponent: -6 }],
  ["m", { base: 10, exponent: -3 }],
  ["k", { base: 10, exponent: 3 }],
  ["M", { base: 10, exponent: 6 }],
  ["G", { base: 10, exponent: 9 }],
  ["T", { base: 10, exponent: 12 }],
  ["P", { base: 10, exponent: 15 }],
  ["E", { base: 10, exponent: 18 }],
  ["Ki", { base: 2, exponent: 10 }],
  ["Mi", { base: 2, exponent: 20 }],
  ["Gi", { base: 2, exponent: 30 }],
  ["Ti", { base: 2, exponent: 40 }],
  ["Pi", { base: 2, exponent: 50 }],
  ["Ei", { base: 2, exponent: 60 }],
]);

const WRONG_FORMAT = new EvaluationError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
const WRONG_SUFFIX = new EvaluationError("unable to parse quantity's suffix");
const NOT_A_NUMBER = new EvaluationError("unable to parse numeric part of quantity");

/** Quantities are few and recur on every device; what was parsed is kept, up to a bound. */
const parsed = new Map<string, Quantity>();
const MAX_PARSED = 10_000;

/** A quantity from its text (`4864Mi`, `1500m`, `1e3`). */
export function parseQuantity(text: string): Quantity | EvaluationError {
  const known = parsed.get(text);
  if (known !== undefined) {
    return known;
  }
  const quantity = parse(text);
  if (quantity instanceof Quantity) {
    if (parsed.size >= MAX_PARSED) {
      parsed.clear();
    }
    parsed.set(text, quantity);
  }
  return quantity;
}

/** `isQuantity(text)`. */
export function isQuantity(text: string): boolean | EvaluationError {
  const quantity = parseQuantity(text);
  return quantity === TOO_LARGE ? quantity : quantity instanceof Quantity;
}

function parse(text: string): Quantity | EvaluationError {
  const match = /^([+-]?)(\d*)(\.\d*)?([eEinumkKMGTP]*[-+]?\d*)$/.exec(text);
  if (text === "" || match === null) {
    return WRONG_FORMAT;
  }
  const [, sign = "", whole = "", fraction = "", suffixText = ""] = match;
  const suffix = SUFFIXES.get(suffixText) ?? decimalExponent(suffixText);
  if (suffix === undefined) {
    return WRONG_SUFFIX;
  }
  if (Math.abs(suffix.exponent) > MAX_EXPONENT) {
    return TOO_LARGE;
  }
  const numerator = whole.replace(/^0+/, "");
  const decimals = fraction.slice(1);
  if (!holdsInInt64(numerator, decimals, suffix)) {
    return decimalQuantity(sign, whole, fraction, suffix);
  }
  const units = BigInt(`${numerator}${decimals}` || "0") * (suffix.base === 2 ? 2n ** BigInt(suffix.exponent) : 1n);
  const scale = (suffix.base === 10 ? suffix.exponent : 0) - decimals.length;
  return new Quantity(sign === "-" ? -units : units, scale, false);
}

interface Suffix {
  readonly base: 2 | 10;
  readonly exponent: number;
}

/** Kubernetes reads the exponent as an int64 and keeps 32 bits of it: `1e4294967296` is 1. */
function decimalExponent(suffix: string): Suffix | undefined {
  const [, digits] = /^[eE]([+-]?\d+)$/.exec(suffix) ?? [];
  const exponent = digits === undefined ? undefined : BigInt(digits.replace(/^\+/, ""));
  return exponent === undefined || !fitsInt64(exponent) ? undefined : { base: 10, exponent: Number(BigInt.asIntN(32, exponent)) };
}

/** Kubernetes' own estimate of whether the number can be computed with 64 bits and a scale of at least 10^-9. */
function holdsInInt64(numerator: string, decimals: string, { base, exponent }: Suffix): boolean {
  const digits = Math.max(1, numerator.length);
  if (base === 10) {
    return digits + decimals.length <= 18 && exponent - decimals.length >= -9;
  }
  return decimals.length === 0 && 15 - digits - Math.trunc((exponent * 3) / 10) - 1 >= 0;
}

/** The slow path: exact, rounded away from zero to 10^-9; binary quantities are capped at the largest int64. */
function decimalQuantity(sign: string, whole: string, fraction: string, suffix: Suffix): Quantity | EvaluationError {
  const decimals = fraction.slice(1);
  if (`${whole}${decimals}` === "") {
    return NOT_A_NUMBER;
  }
  let units = BigInt(`${whole}${decimals}`);
  let scale = -decimals.length;
  if (suffix.base === 10) {
    scale += suffix.exponent;
  } else {
    units *= 2n ** BigInt(suffix.exponent);
  }
  if (scale < -9 && units !== 0n) {
    // Rounding away from zero, of whatever is smaller than a billionth.
    units = divideUp(units, tenTo(-9 - scale));
    scale = -9;
  }
  if (suffix.base === 2 && new Quantity(units, scale, true).compare(quantityOfInt(MAX_INT64)) > 0) {
    units = MAX_INT64;
    scale = 0;
  }
  return new Quantity(sign === "-" ? -units : units, scale, true);
}

const MAX_INT64 = 2n ** 63n - 1n;
/**
 * Powers of ten beyond this are no numbers that anybody means. Kubernetes computes them, in minutes and gigabytes where an exponent has nine digits.
 */
const MAX_EXPONENT = 1_000;
const TOO_LARGE = new NotModelled(`a quantity with an exponent beyond ${String(MAX_EXPONENT)}`);

function fitsInt64(value: bigint): boolean {
  return value >= -(2n ** 63n) && value <= MAX_INT64;
}

function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

function tenTo(exponent: number): bigint {
  return 10n ** BigInt(Math.max(exponent, 0));
}

/** 10^exponent as Go's `math.Pow10` has it: correctly rounded, 0 and infinity beyond the range of doubles. */
function powerOfTen(exponent: number): number {
  return exponent < -323 ? 0 : exponent > 308 ? Infinity : Number(`1e${String(exponent)}`);
}
