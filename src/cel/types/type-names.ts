import { BOOL, BYTES, DOUBLE, DYN, INT, listOf, mapOf, NULL, optionalOf, parameter, STRING, TYPE, typeOfType, UINT } from "./types";
import type { CelType } from "./types";

const A = parameter("A");
const B = parameter("B");

/** Names of types, which are values in CEL. */
export const TYPE_NAMES: ReadonlyMap<string, CelType> = new Map(
  [BOOL, BYTES, DOUBLE, INT, listOf(A), mapOf(A, B), NULL, STRING, TYPE, UINT, optionalOf(DYN)].map((type) => [
    type.name,
    typeOfType(type),
  ]),
);
