/** Follows the paths of the table of custom resources. */
import { isObject } from "../../dra/manifest/fields";
import type { Path } from "./types";

/** A part of an object and where it is. */
export interface Place {
  readonly path: string;
  readonly value: unknown;
}

/** An unknown part of an object is a symbol, as in the snapshots of the policy pack. */
export function isUnknown(value: unknown): boolean {
  return typeof value === "symbol";
}

/** Everything at a path. An unknown value on the way counts as what is there. */
export function placesAt(start: Place, path: Path): readonly Place[] {
  return path === ""
    ? [start]
    : path.split(".").reduce<readonly Place[]>((places, step) => places.flatMap((at) => next(at, step)), [start]);
}

const STEP = /^([^[{]+)(\[\]|\{\})?$/;

function next({ path, value }: Place, step: string): readonly Place[] {
  if (isUnknown(value)) {
    return [{ path, value }];
  }
  const [, key = "", each] = STEP.exec(step) ?? [];
  if (!isObject(value) || !Object.hasOwn(value, key)) {
    return [];
  }
  const child: Place = { path: joined(path, key), value: value[key] };
  if (child.value === undefined || child.value === null) {
    return [];
  }
  return each === undefined || isUnknown(child.value) ? [child] : childrenOf(child);
}

/** The entries of a list or the values of a map, with their paths. */
export function childrenOf({ path, value }: Place): readonly Place[] {
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => ({ path: `${path}[${index}]`, value: item }));
  }
  return isObject(value) ? Object.entries(value).map(([key, child]) => ({ path: joined(path, key), value: child })) : [];
}

function joined(path: string, key: string): string {
  const step = /^[\w-]+$/.test(key) ? `.${key}` : `["${key}"]`;
  return path === "" ? key : `${path}${step}`;
}
