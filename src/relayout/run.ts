/**
 * Which nodes a run of reboots is about, and how they had booted when it began. A node that has restarted looks like one that has not, so the pool's Lease
 * keeps this from the first node to the last: a run that goes on restarts no node twice.
 */
import { parseJson } from "../json/parse";
import { isObject } from "../dra/manifest/fields";

/** Boot IDs of before, by node. */
export type Boots = ReadonlyMap<string, string>;

/** Annotation of a pool's Lease while a run of reboots has begun and not ended. */
export const BOOTS_ANNOTATION = "shared-gpu/boots";

/** Name of the Lease of a pool. EKS takes capital letters and underscores in the name of a node group, and Kubernetes takes none of them in that of a Lease. */
export function leaseNameOf(pool: string): string {
  return `shared-gpu-${pool.toLowerCase().replaceAll(/[^a-z0-9-]/g, "-")}-relayout`;
}

/** @returns empty where no run has begun, and for what no run has written. */
export function readBoots(text: unknown): Boots {
  const value = typeof text === "string" ? parseJson(text) : undefined;
  const entries = isObject(value) ? Object.entries(value) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

export function bootsText(boots: Boots): string {
  return JSON.stringify(Object.fromEntries(boots));
}
