/**
 * Which nodes a run of reboots is about, and how they had booted when it began. A node that has restarted looks like one that has not, so the pool's Lease
 * keeps this from the first node to the last: a run that goes on restarts no node twice.
 */
import { parseJson } from "../json/parse";
import { isObject } from "../dra/manifest/fields";

export interface Run {
  /** Whether it is about the whole pool: a node that joins meanwhile has booted since, and is none of it. */
  readonly isWhole: boolean;
  /** Boot IDs of before, by node. */
  readonly boots: ReadonlyMap<string, string>;
}

/** Annotation of a pool's Lease while a run of reboots has begun and not ended. */
export const RUN_ANNOTATION = "shared-gpu/reboots";

/** Name of the Lease of a pool. EKS takes capital letters and underscores in the name of a node group, and Kubernetes takes none of them in that of a Lease. */
export function leaseNameOf(pool: string): string {
  return `shared-gpu-${pool.toLowerCase().replaceAll(/[^a-z0-9-]/g, "-")}-relayout`;
}

/** Undefined: no run has begun, or the text is none that a run has written. */
export function readRun(text: unknown): Run | undefined {
  const value = typeof text === "string" ? parseJson(text) : undefined;
  if (!isObject(value) || typeof value["isWhole"] !== "boolean" || !isObject(value["boots"])) {
    return undefined;
  }
  const boots = Object.entries(value["boots"]);
  const isText = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === "string";
  return boots.every(isText) ? { isWhole: value["isWhole"], boots: new Map(boots) } : undefined;
}

/** Whether a run goes on with one that is noted: whatever nodes that one is about, this one is, as they had booted when that one began. */
export function isContinuation(run: Run, noted: Run, members: readonly string[]): boolean {
  const shared = members.filter((name) => noted.boots.has(name));
  return shared.every((name) => run.boots.get(name) === noted.boots.get(name)) && (run.isWhole || !noted.isWhole || shared.length === 0);
}

export function runText({ isWhole, boots }: Run): string {
  return JSON.stringify({ isWhole, boots: Object.fromEntries(boots) });
}
