/**
 * Properties of resources, typed by the argument types of the SDKs (`import type`, which costs nothing at run time): a property that a resource
 * does not have is a compile error. A value is what the SDK declares, or `UNKNOWN`, and a rule cannot use it as the one before it excludes the other.
 *
 * The engine does not check what a program registers, so a value can also be of a type that the SDK does not declare. The readers here return
 * `undefined` where there is nothing to read, and a rule that needs a string or a number tests for one.
 */
import type { OutputInstance } from "@pulumi/pulumi";
import type { UNKNOWN } from "./snapshot";
import { asRecord, untypedEntries } from "./snapshot";
import { valueAt } from "../../src/json/value-at";

/** The properties of a resource with arguments `T`. */
export type PropertiesOf<T> = { readonly [Key in keyof T]: Previewed<T[Key]> };

/** A value that the SDK declares as `T`, as a policy sees it: without `Input`, and with `UNKNOWN` for what is unknown until `pulumi up`. */
export type Previewed<T> = typeof UNKNOWN | Plain<T>;

type Plain<T> = T extends Promise<unknown> | OutputInstance<unknown>
  ? never
  : T extends readonly (infer Item)[]
    ? readonly Previewed<Item>[]
    : T extends object
      ? PropertiesOf<T>
      : T;

/** The object among the alternatives of a value. */
export type ObjectIn<Value> = Value extends readonly unknown[] ? never : Value extends object ? Value : never;

type KeyOf<Value> = Value extends readonly unknown[] ? never : Value extends object ? keyof Value & string : never;

/** The type of one property, for each alternative of the value. */
type At<Value, Key extends string> = Value extends typeof UNKNOWN
  ? Value
  : Value extends readonly unknown[]
    ? undefined
    : Value extends object
      ? Key extends keyof Value
        ? Value[Key]
        : undefined
      : undefined;

/** An entry of the list among the alternatives of a value. */
export type ItemOf<Value> = Value extends readonly (infer Item)[] ? Item : never;

/** The value at a path of properties. `undefined` where there is none, `UNKNOWN` where it or something on the way is unknown. */
export function field<V, A extends string & KeyOf<V>>(value: V, a: A): At<V, A>;
export function field<V, A extends string & KeyOf<V>, B extends string & KeyOf<At<V, A>>>(value: V, a: A, b: B): At<At<V, A>, B>;
export function field<V, A extends string & KeyOf<V>, B extends string & KeyOf<At<V, A>>, C extends string & KeyOf<At<At<V, A>, B>>>(
  value: V,
  ...path: [A, B, C]
): At<At<At<V, A>, B>, C>;
export function field(value: unknown, ...path: readonly string[]): unknown {
  return valueAt(value, ...path);
}

/** The entries of a list. None for anything else, including an unknown list. */
export function entries<V>(value: V): readonly ItemOf<V>[] {
  return untypedEntries(value) as readonly ItemOf<V>[];
}

/** The properties of an object. None for anything else, including an unknown object. */
export function fieldsOf<V>(value: V): Partial<ObjectIn<V>> {
  return asRecord(value) as Partial<ObjectIn<V>>;
}
