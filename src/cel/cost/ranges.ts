/** A smallest and a largest size or cost. Infinity stands for the largest number there is, at which Kubernetes' arithmetic stops too. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

export const NOTHING: Range = { min: 0, max: 0 };
export const UNKNOWN: Range = { min: 0, max: Infinity };

export function fixed(value: number): Range {
  return { min: value, max: value };
}

export function plus(a: Range, b: Range): Range {
  return { min: a.min + b.min, max: a.max + b.max };
}

export function times(a: Range, b: Range): Range {
  return { min: product(a.min, b.min), max: product(a.max, b.max) };
}

/** A size times a cost per unit, rounded up. */
export function scaled(size: Range, factor: number): Range {
  return { min: Math.ceil(size.min * factor), max: Math.ceil(size.max * factor) };
}

export function union(a: Range, b: Range): Range {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

/** Nothing times whatever is nothing. */
function product(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}
