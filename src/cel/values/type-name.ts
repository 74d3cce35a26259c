import { CelMap, CelObject, isList, Optional, TypeValue, Uint } from "./values";
import type { Value } from "./values";

/** The runtime name of a value's type, as `type()` compares it and errors name it. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "double";
    case "string":
      return "string";
  }
  if (value === null) {
    return "null_type";
  }
  if (value instanceof CelObject) {
    return value.typeName;
  }
  for (const [constructor, name] of NAMES) {
    if (value instanceof constructor) {
      return name;
    }
  }
  return isList(value) ? "list" : "error";
}

const NAMES: readonly (readonly [abstract new (...args: never[]) => object, string])[] = [
  [Uint, "uint"],
  [Uint8Array, "bytes"],
  [CelMap, "map"],
  [Optional, "optional_type"],
  [TypeValue, "type"],
];
