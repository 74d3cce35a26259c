import { packageOf } from "../monitor/urn";
import type { Recording, ResourceKind } from "../monitor/recording";
import type { ResourceSummary } from "./report";

const COMPONENTS: readonly ResourceKind[] = ["component", "remoteComponent"];

/** Counts what the program registered. */
export function summarizeResources(recording: Recording): ResourceSummary {
  const made = recording.resources.filter((resource) => resource.kind === "custom");
  const types = [...countBy(made, (resource) => resource.type)].map(([type, count]) => ({ type, count }));
  return {
    total: made.length,
    madeBy: Object.fromEntries(
      countBy(
        made.filter((resource) => resource.madeBy !== undefined),
        (resource) => resource.madeBy ?? "",
      ),
    ),
    types: types.sort((a, b) => compare(packageOf(a.type), packageOf(b.type)) || compare(a.type, b.type)),
    components: recording.resources.filter((resource) => COMPONENTS.includes(resource.kind)).length,
  };
}

export function countBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  }
  return counts;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
