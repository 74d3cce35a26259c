/** Pods of workflows: what runs at the same time, and what runs after it. */
import type { CustomPods } from "./types";

/** Pods that run at the same time. */
export type Stage = readonly CustomPods[];

/** Stages that a workflow may have. Those of people have a few dozen. */
export const MAX_STAGES = 64;

/** Things that start together: their first stages run at the same time, then their second ones. Times are unknown, so every stage takes the same. */
export function together(all: readonly (readonly Stage[])[]): readonly Stage[] {
  const length = Math.max(0, ...all.map((stages) => stages.length));
  return Array.from({ length }, (_, index) => all.flatMap((stages) => stages[index] ?? []));
}

/** As many pods of a stage as may run at once; its other pods come later, in the place of those that end. */
export function atMost(stage: Stage, limit: number): Stage {
  let room = limit;
  return stage.map((pods) => {
    const count = Math.min(pods.count, room);
    room -= count;
    return { ...pods, count };
  });
}

export function times(stages: readonly Stage[], factor: number): readonly Stage[] {
  return stages.map((stage) => stage.map((pods) => ({ ...pods, count: pods.count * factor })));
}

/** The stages of things that wait for others, first those that wait for nothing. A thing that waits for itself is in none. */
export function byDependency<T>(
  things: readonly T[],
  nameOf: (thing: T) => string,
  waitsFor: (thing: T) => readonly string[],
): readonly (readonly T[])[] {
  const levels: T[][] = [];
  const done = new Set<string>();
  const known = new Set(things.map(nameOf));
  let open = things;
  while (open.length > 0) {
    const ready = open.filter((thing) => waitsFor(thing).every((name) => done.has(name) || !known.has(name)));
    if (ready.length === 0) {
      return levels;
    }
    levels.push([...ready]);
    ready.forEach((thing) => done.add(nameOf(thing)));
    open = open.filter((thing) => !ready.includes(thing));
  }
  return levels;
}

/** The pods of all stages, each with the number of its stage. */
export function inPhases(stages: readonly Stage[]): readonly CustomPods[] {
  return stages.flatMap((stage, phase) => stage.map((pods) => ({ ...pods, phase })));
}
