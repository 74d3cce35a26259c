import { DYN, isDynamic, isDynamicOrError, isOptionalType, listOf, mapOf, optionalOf, sameType, typeOfType } from "./types";
import type { CelType } from "./types";

/** What type parameters stand for, as far as is known. Never changed in place: a failed attempt leaves no trace. */
export type Bindings = ReadonlyMap<string, CelType>;

/** The bindings under which values of `given` can be used where `expected` is asked for; undefined if under none. By cel-go's rules (checker/types.go). */
export function assign(bindings: Bindings, given: readonly CelType[], expected: readonly CelType[]): Bindings | undefined {
  const attempt = new Map(bindings);
  return assignableAll(attempt, given, expected) ? attempt : undefined;
}

function assignableAll(bindings: Map<string, CelType>, given: readonly CelType[], expected: readonly CelType[]): boolean {
  return given.length === expected.length && given.every((type, index) => assignable(bindings, type, expected[index] ?? DYN));
}

function assignable(bindings: Map<string, CelType>, given: CelType, expected: CelType): boolean {
  if (expected.kind === "parameter") {
    const bound = bindings.has(expected.name);
    if (bind(bindings, given, expected)) {
      return true;
    }
    if (bound) {
      return false;
    }
  }
  if (given.kind === "parameter") {
    return bind(bindings, expected, given);
  }
  if (isDynamicOrError(given) || isDynamicOrError(expected)) {
    return true;
  }
  if (given.kind === "null" || expected.kind === "null") {
    return isNullable(given) && isNullable(expected);
  }
  switch (given.kind) {
    case "type":
      return expected.kind === "type";
    case "list":
    case "map":
    case "opaque":
      return given.kind === expected.kind && given.name === expected.name && assignableAll(bindings, given.parameters, expected.parameters);
    default:
      return sameType(given, expected);
  }
}

function isNullable({ kind }: CelType): boolean {
  return kind === "null" || kind === "opaque" || kind === "object";
}

/** Whether a parameter can stand for a type: it does already, it can stand for something more general, or it is free and does not occur in the type. */
function bind(bindings: Map<string, CelType>, type: CelType, parameter: CelType): boolean {
  if (sameType(type, parameter)) {
    return true;
  }
  const bound = bindings.get(parameter.name);
  if (bound === undefined) {
    if (!occursIn(bindings, parameter, type)) {
      bindings.set(parameter.name, type);
      return true;
    }
    return false;
  }
  if (sameType(type, bound)) {
    return true;
  }
  if (!assignable(bindings, type, bound)) {
    return false;
  }
  const general = moreGeneral(type, bound);
  if (!occursIn(bindings, parameter, general)) {
    bindings.set(parameter.name, general);
  }
  return true;
}

function occursIn(bindings: Bindings, parameter: CelType, type: CelType): boolean {
  if (sameType(parameter, type)) {
    return true;
  }
  if (type.kind === "parameter") {
    const bound = bindings.get(type.name);
    return bound !== undefined && occursIn(bindings, parameter, bound);
  }
  return type.parameters.some((inner) => occursIn(bindings, parameter, inner));
}

/** The more general of two types that go together. */
export function moreGeneral(a: CelType, b: CelType): CelType {
  return isAtLeastAsGeneral(a, b) ? a : b;
}

function isAtLeastAsGeneral(a: CelType, b: CelType): boolean {
  if (isDynamic(a) || a.kind === "parameter") {
    return true;
  }
  if (isDynamic(b) || b.kind === "parameter" || a.kind !== b.kind) {
    return false;
  }
  switch (a.kind) {
    case "list":
    case "map":
    case "opaque":
      return (
        a.name === b.name &&
        a.parameters.length === b.parameters.length &&
        a.parameters.every((inner, index) => isAtLeastAsGeneral(inner, b.parameters[index] ?? DYN))
      );
    case "type":
      return true;
    default:
      return sameType(a, b);
  }
}

/** The type with every known parameter replaced; the free ones by `dyn` if asked. */
export function substitute(bindings: Bindings, type: CelType, { freeToDyn = false } = {}): CelType {
  const bound = type.kind === "parameter" ? bindings.get(type.name) : undefined;
  if (bound !== undefined) {
    return substitute(bindings, bound, { freeToDyn });
  }
  if (type.kind === "parameter") {
    return freeToDyn ? DYN : type;
  }
  const [first, second] = type.parameters.map((inner) => substitute(bindings, inner, { freeToDyn }));
  if (first === undefined) {
    return type;
  }
  switch (type.kind) {
    case "list":
      return listOf(first);
    case "map":
      return mapOf(first, second ?? DYN);
    case "type":
      return typeOfType(first);
    default:
      return isOptionalType(type) ? optionalOf(first) : type;
  }
}
