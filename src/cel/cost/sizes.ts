import type { Range } from "./ranges";

/** The largest sizes of a value and of what it contains. */
export interface Sizes {
  /** Characters of a string, elements of a list, entries of a map. */
  readonly max: number;
  /** Of an object, by field. */
  readonly fields?: Readonly<Record<string, Sizes>>;
  /** Of the keys of a map. */
  readonly keys?: Sizes;
  /** Of the elements of a list or the values of a map. */
  readonly values?: Sizes;
  /** Of the value that is selected from a map by its name (`map.name`); undefined: Kubernetes' estimate does not find it, and takes its size for unknown. */
  readonly named?: Sizes;
}

/** The size at the end of a path of fields, `@keys`, `@values` and `@items`; undefined where it is unknown. */
export function sizeAt(sizes: Sizes | undefined, path: readonly string[]): Range | undefined {
  let node = sizes;
  for (const step of path) {
    node = step === "@items" || step === "@values" ? node?.values : step === "@keys" ? node?.keys : (node?.fields?.[step] ?? node?.named);
  }
  return node === undefined ? undefined : { min: 0, max: node.max };
}
