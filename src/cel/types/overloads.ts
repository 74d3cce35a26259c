import type { CelType, TypeOf } from "./types";
import { isList, CelMap, CelObject, Optional, TypeValue, Uint } from "../values/values";
import type { Value } from "../values/values";

/** One signature of a function, method or operator, with what it does. */
export interface Overload {
  /** cel-go's identifier of the signature; costs depend on it. */
  readonly id: string;
  readonly method: boolean;
  /** The receiver of a method comes first. */
  readonly parameters: readonly CelType[];
  readonly result: CelType;
  /** Undefined where the evaluator has an instruction of its own: `&&`, indexing, `==` and the like. */
  readonly apply: Apply | undefined;
}

export type Apply = (...args: readonly Value[]) => Value;

/** Functions, methods and operators by name. */
export type FunctionTable = ReadonlyMap<string, readonly Overload[]>;

type Parameters<P extends readonly Value[]> = { readonly [K in keyof P]: TypeOf<P[K]> };

/** A signature of a function. Its implementation is only called with values of the parameters' types. */
export function fn<P extends readonly Value[]>(
  id: string,
  parameters: Parameters<P>,
  result: CelType,
  apply: (...args: P) => Value,
): Overload {
  return { id, method: false, parameters, result, apply: apply as Apply };
}

/** A signature of a method, receiver first. */
export function method<P extends readonly Value[]>(
  id: string,
  parameters: Parameters<P>,
  result: CelType,
  apply: (...args: P) => Value,
): Overload {
  return { id, method: true, parameters, result, apply: apply as Apply };
}

/** A signature that the evaluator implements by an instruction. */
export function instruction(id: string, parameters: readonly CelType[], result: CelType, isMethod = false): Overload {
  return { id, method: isMethod, parameters, result, apply: undefined };
}

/** Joins tables; a function in several of them has all their overloads, in the order of the tables. */
export function mergeFunctions(tables: readonly Readonly<Record<string, readonly Overload[]>>[]): FunctionTable {
  const merged = new Map<string, readonly Overload[]>();
  for (const [name, overloads] of tables.flatMap((table) => Object.entries(table))) {
    merged.set(name, [...(merged.get(name) ?? []), ...overloads]);
  }
  return merged;
}

/** Whether a value can be an argument for a parameter of this type. As cel-go does, it does not check element types of lists and maps. */
export function accepts(type: CelType): (value: Value) => boolean {
  switch (type.kind) {
    case "bool":
      return (value) => typeof value === "boolean";
    case "bytes":
      return (value) => value instanceof Uint8Array;
    case "double":
      return (value) => typeof value === "number";
    case "int":
      return (value) => typeof value === "bigint";
    case "string":
      return (value) => typeof value === "string";
    case "uint":
      return (value) => value instanceof Uint;
    case "null":
      return (value) => value === null;
    case "list":
      return isList;
    case "map":
      return (value) => value instanceof CelMap;
    case "type":
      return (value) => value instanceof TypeValue;
    case "opaque":
      return (value) => value instanceof Optional;
    case "object":
      return (value) => value instanceof CelObject && value.typeName === type.name;
    default:
      return () => true;
  }
}
