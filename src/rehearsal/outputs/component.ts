/** How remote components are put together: what the builders of this folder and the monitor owe each other. */
import type { ResourceKind } from "../monitor/recording";
import type { WireMap, WireValue } from "../monitor/wire";
import type { Registration, World } from "./world";

/** A child while its component is put together. */
export interface Child {
  readonly urn: string;
  readonly id: string;
  /** Inputs and computed outputs. In preview: the inputs alone. */
  readonly outputs: WireMap;
  /** A reference to it, as outputs of the component carry it. */
  readonly reference: WireMap;
}

/** Registers a child. The parent is the component, or a child made before. */
export type MakeChild = (type: string, name: string, inputs: WireMap, parent?: Child, kind?: ResourceKind) => Promise<Child>;

/** Makes the children of one component and answers its outputs. */
export type Construct = (component: Registration, world: World, zones: readonly string[], make: MakeChild) => Promise<WireMap>;

/** A list of ids or other outputs of children. */
export function pluck(children: readonly Child[], property: string): readonly WireValue[] {
  return children.map((child) => (property === "id" ? child.id : (child.outputs[property] ?? null)));
}
