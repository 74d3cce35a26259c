/**
 * How remote components are put together: what the builders of this folder owe those who let them build, the rehearsal's monitor and the stand-ins of the
 * engine's tests. Values are output values where they come from resources, so that a builder can be read beside the source of its plugin.
 */
import { apply, dependenciesOf, isOutputValue, outputValue, serialized } from "../monitor/output-values";
import { UNKNOWN, isResourceReference, isWireMap, present } from "../monitor/wire";
import type { WireMap, WireValue } from "../monitor/wire";
import type { Account } from "./account";

/** A child while its component is put together. */
export interface Child {
  readonly urn: string;
  readonly id: WireValue;
  /** One of its outputs, inputs among them; null where it has none of that name. In preview: unknown unless the provider knows it already. */
  output(name: string): WireValue;
  /** A reference to it, as outputs of the component carry it. */
  readonly reference: WireMap;
  /** Of a component among the children: hands out its outputs. */
  complete(outputs: WireMap): Promise<void>;
}

export interface ChildOptions {
  /** @default the component */
  readonly parent?: Child;
  /** @default "custom" */
  readonly kind?: "custom" | "component" | "provider";
  /** What it waits for, besides what its inputs come from. @default nothing */
  readonly dependsOn?: readonly Child[];
  /** @default none */
  readonly ignoreChanges?: readonly string[];
}

/** The inputs of a child; undefined ones are left out, as an SDK leaves them out. */
export type ChildInputs = Readonly<Record<string, WireValue | undefined>>;

/** Registers a child. */
export type MakeChild = (type: string, name: string, inputs: ChildInputs, options?: ChildOptions) => Promise<Child>;

/** A component that is to be built. */
export interface Component {
  readonly type: string;
  readonly name: string;
  /** As the program gave them, with marks: output values where they come from resources. */
  readonly inputs: WireMap;
}

/** Makes the children of one component and answers its outputs, with marks. @throws Error for what would make something else than is built here. */
export type Construct = (component: Component, account: Account, zones: readonly string[], make: MakeChild) => Promise<WireMap>;

/** The outputs of a child as its registration was answered. @param known what is known of them. */
export function outputsOf(urn: string, known: WireMap, isPreview: boolean): Child["output"] {
  return (name) => {
    const value = known[name];
    return value === undefined && !isPreview ? null : outputValue(value ?? UNKNOWN, [urn]);
  };
}

/** Inputs as a plugin sends them to the engine, and what each comes from. */
export function sentInputs(inputs: ChildInputs): {
  readonly inputs: WireMap;
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
} {
  const given = Object.entries(present(inputs));
  return {
    inputs: Object.fromEntries(given.map(([key, value]) => [key, serialized(value)])),
    propertyDependencies: Object.fromEntries(given.map(([key, value]) => [key, dependenciesOf(value)])),
  };
}

/** The URNs that a component's output comes from: those of its values, and those that it refers to. */
export function sourcesOf(value: WireValue): readonly string[] {
  return [...new Set([...dependenciesOf(value), ...referencesIn(value)])];
}

function referencesIn(value: WireValue | undefined): readonly string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: WireValue) => referencesIn(item));
  }
  if (!isWireMap(value)) {
    return [];
  }
  return isResourceReference(value) ? [String(value.urn)] : Object.values(value).flatMap(referencesIn);
}

/** What a plugin's code tests with `if (args.name)`. An output value is always something, whatever is in it. */
export function isGiven(value: WireValue | undefined): value is WireValue {
  return isOutputValue(value) || Boolean(value);
}

/**
 * Inputs that a plugin reads while it builds. @throws Error for one that comes from a resource or is a secret: the plugin would read the output itself, and
 * build something else without a word.
 */
export function promptInput<T>({ type, inputs }: Component, name: string): T | undefined {
  const value = inputs[name];
  if (apply([value ?? null], () => null) !== null) {
    throw new Error(`${type} reads "${name}" while it is built, so that it can neither be a secret nor come from another resource`);
  }
  return (value ?? undefined) as T | undefined;
}
