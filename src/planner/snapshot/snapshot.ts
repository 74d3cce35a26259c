/** A cluster as it was read, from wherever: its objects, and what could not be read. */
import type { JsonObject } from "../../cluster/objects";
import type { Kind } from "./kinds";

export interface Snapshot {
  /** Where it comes from, for a person: `the rehearsed stack dev`, `context production`, `state.json`. */
  readonly source: string;
  /** `1.34`; undefined where nothing says so. */
  readonly kubernetesVersion: string | undefined;
  readonly objects: Readonly<Record<Kind, readonly JsonObject[]>>;
  /** Kinds that were not read, or not all of them. Of every other kind the objects are all that there are. */
  readonly gaps: readonly Gap[];
}

/** A kind of which it is unknown what there is. */
export interface Gap {
  readonly kind: Kind;
  /** `nodes is forbidden: User "alice" cannot list resource "nodes"`. */
  readonly reason: string;
}
