import type { CelMap, Optional, TypeValue, Uint, Value } from "../values/values";
import type { Quantity } from "../values/quantity";
import type { SemanticVersion } from "../values/semantic-version";

/** Kinds of CEL types that the checker tells apart. */
export type TypeKind =
  | "any"
  | "bool"
  | "bytes"
  | "double"
  | "dyn"
  | "error"
  | "int"
  | "list"
  | "map"
  | "null"
  | "object"
  | "opaque"
  | "parameter"
  | "string"
  | "type"
  | "uint";

/** A CEL type. */
export interface CelType {
  readonly kind: TypeKind;
  /** Its runtime name, or the name of a type parameter. */
  readonly name: string;
  readonly parameters: readonly CelType[];
}

/** A CEL type together with the TypeScript type of its values, so that implementations of functions are checked against their signatures. */
export interface TypeOf<T extends Value> extends CelType {
  /** Exists for the type checker only. */
  readonly values?: (value: T) => T;
}

function simple<T extends Value>(kind: TypeKind, name: string): TypeOf<T> {
  return { kind, name, parameters: [] };
}

/** `google.protobuf.Any`: what the environment declares device attributes to be. Like `dyn`, but a legal result of a selector. */
export const ANY = simple<Value>("any", "google.protobuf.Any");
export const BOOL = simple<boolean>("bool", "bool");
export const BYTES = simple<Uint8Array>("bytes", "bytes");
export const DOUBLE = simple<number>("double", "double");
export const DYN = simple<Value>("dyn", "dyn");
export const ERROR = simple<Value>("error", "error");
export const INT = simple<bigint>("int", "int");
export const NULL = simple<null>("null", "null_type");
export const STRING = simple<string>("string", "string");
export const UINT = simple<Uint>("uint", "uint");
export const QUANTITY = simple<Quantity>("object", "kubernetes.Quantity");
export const SEMVER = simple<SemanticVersion>("object", "kubernetes.Semver");
/** The type of `type`, of which every type is a value. */
export const TYPE = simple<TypeValue>("type", "type");

export function parameter(name: string): TypeOf<Value> {
  return simple("parameter", name);
}

export function listOf<T extends Value>(element: TypeOf<T>): TypeOf<readonly T[]> {
  return { kind: "list", name: "list", parameters: [element] };
}

export function mapOf(key: CelType, value: CelType): TypeOf<CelMap> {
  return { kind: "map", name: "map", parameters: [key, value] };
}

export function optionalOf(value: CelType): TypeOf<Optional> {
  return { kind: "opaque", name: "optional_type", parameters: [value] };
}

export function typeOfType(type: CelType): TypeOf<TypeValue> {
  return { kind: "type", name: "type", parameters: [type] };
}

export function isOptionalType(type: CelType): boolean {
  return type.kind === "opaque" && type.name === "optional_type";
}

/** What an optional type wraps; any other type is itself. */
export function unwrapOptional(type: CelType): CelType {
  return isOptionalType(type) ? (type.parameters[0] ?? DYN) : type;
}

export function isDynamic(type: CelType): boolean {
  return type.kind === "dyn" || type.kind === "any";
}

export function isDynamicOrError(type: CelType): boolean {
  return isDynamic(type) || type.kind === "error";
}

/** Same type, all the way down. Without `names`, any type parameter equals any other. */
export function sameType(a: CelType, b: CelType, { names = true } = {}): boolean {
  if (a === b) {
    return true;
  }
  return (
    a.kind === b.kind &&
    (a.name === b.name || (!names && a.kind === "parameter")) &&
    a.parameters.length === b.parameters.length &&
    a.parameters.every((inner, index) => sameType(inner, b.parameters[index] ?? ERROR, { names }))
  );
}

/** As cel-go's checker names the type in its messages. */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case "any":
      return "any";
    case "error":
      return "!error!";
    case "null":
      return "null";
    default:
      return type.parameters.length === 0 ? type.name : `${type.name}(${type.parameters.map(formatType).join(", ")})`;
  }
}

/** As the API server names the type of a selector that is not boolean. */
export function runtimeTypeName(type: CelType): string {
  return type.parameters.length === 0 ? type.name : `${type.name}(${type.parameters.map(runtimeTypeName).join(", ")})`;
}
