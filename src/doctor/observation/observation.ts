/** A cluster as the doctor has read it. */
import type { JsonObject } from "../../cluster/objects";
import type { ObservedKind } from "./kinds";

export interface Observation {
  /** Where it comes from, for a person: `context production`, `state.json`. */
  readonly source: string;
  /** When it was read, ISO: every age is counted up to then. */
  readonly readAt: string;
  /** `1.34`; undefined where nothing says so. */
  readonly kubernetesVersion: string | undefined;
  readonly objects: Readonly<Record<ObservedKind, readonly JsonObject[]>>;
  /** Kinds that were not read. Of every other kind the objects are all that there are. */
  readonly gaps: readonly ObservedGap[];
  /** `numbered`: the planner has saved it, which writes numbers for names and leaves states out. */
  readonly names: "kept" | "numbered";
}

export interface ObservedGap {
  readonly kind: ObservedKind;
  /** `nodes is forbidden: User "alice" cannot list resource "nodes"`. */
  readonly reason: string;
}

/** No objects of any kind. */
export function noObjects(kinds: readonly ObservedKind[]): Record<ObservedKind, readonly JsonObject[]> {
  return Object.fromEntries(kinds.map((kind) => [kind, []])) as unknown as Record<ObservedKind, readonly JsonObject[]>;
}
