/** Layouts of a fleet: those at hand, and one that is designed for a trace. */
import { namedLayouts, resolveLayout } from "../../hardware/layouts";
import { devicesPerNode, WHOLE_GPU } from "../../hardware/node-devices";
import { maximalLayouts } from "../../hardware/placement";
import type { GpuModel } from "../../hardware/types";
import { groupBy } from "../group-by";
import { IntegerProgram } from "../design/integer-program";
import type { Solver } from "../design/integer-program";
import type { GpuContents } from "../design/suppliers";
import type { FleetLayout, FleetNodes } from "./fleet";
import { devicesFor } from "./fleet";
import type { TracePod } from "./trace";

export interface NamedLayout {
  readonly name: string;
  readonly contents: GpuContents;
}

/** The layouts that MIG Manager ships for a GPU, without those of one kind of contents twice, and without what nobody asks for here: media extensions. */
export function stockLayouts(model: GpuModel): readonly NamedLayout[] {
  const layouts = namedLayouts(model).flatMap((name): readonly NamedLayout[] => {
    const resolved = resolveLayout(name, model, 1);
    const contents = resolved.type === "legal" ? devicesPerNode(resolved.layout) : {};
    return Object.keys(contents).length === 0 || Object.keys(contents).some((device) => /[+-]/.test(device)) ? [] : [{ name, contents }];
  });
  return [...groupBy(layouts, ({ contents }) => JSON.stringify(contents)).values()].flatMap(([first]) => first ?? []);
}

/** Every GPU alike. */
export function everywhere({ count, gpusPerNode }: FleetNodes, contents: GpuContents): FleetLayout {
  return Array.from({ length: count * gpusPerNode }, () => contents);
}

/** What a GPU can be divided into, without media extensions. */
export function contentsOf(model: GpuModel): readonly GpuContents[] {
  const plain = maximalLayouts(model)
    .map(({ profiles }): GpuContents => profiles)
    .filter((profiles) => Object.keys(profiles).every((name) => !/[+-]/.test(name)));
  return [...plain, { [WHOLE_GPU]: 1 }];
}

/** How long HiGHS looks. */
const SECONDS = 10;

/**
 * The layout that serves the most GPU time, if every pod could wait until others of its kind are gone: for each kind of pod, the k-th device for it is worth the time in which at
 * least k of them are there. Undefined where HiGHS finds none in time.
 */
export async function designed(fleet: FleetNodes, pods: readonly TracePod[], solve: Solver): Promise<FleetLayout | undefined> {
  const { model, count, gpusPerNode } = fleet;
  const program = new IntegerProgram();
  const gpus = contentsOf(model).map((contents) => ({ contents, column: program.add({}) }));
  program.exactly(
    count * gpusPerNode,
    gpus.map(({ column }) => ({ column, factor: 1 })),
  );
  const supplies = new Map<string, { readonly column: number; readonly factor: number }[]>();
  for (const group of groupBy(pods, (pod) => `${String(pod.gpus)} ${devicesFor(pod, model).join()}`).values()) {
    const [first] = group;
    if (first === undefined) {
      continue;
    }
    const served = devicesFor(first, model).map((device) => {
      const column = program.add({ integer: false });
      supplies.set(device, [...(supplies.get(device) ?? []), { column, factor: -first.gpus }]);
      return { column, factor: 1 };
    });
    const share = group.reduce((sum, pod) => sum + pod.share, 0) / group.length;
    const worth = timesTogether(group).map((seconds) =>
      program.add({ cost: (-seconds / 3600) * share * first.gpus, upper: 1, integer: false }),
    );
    program.atLeast(0, [...served, ...worth.map((column) => ({ column, factor: -1 }))]);
  }
  for (const [device, uses] of supplies) {
    program.atLeast(0, [...gpus.map(({ contents, column }) => ({ column, factor: contents[device] ?? 0 })), ...uses]);
  }
  const solution = await solve(program, SECONDS);
  if (solution.type !== "solved") {
    return undefined;
  }
  // GPUs that are not divided come first, so that whole nodes of them serve pods with several GPUs.
  return gpus
    .flatMap(({ contents, column }) => Array.from({ length: solution.values[column] ?? 0 }, () => contents))
    .sort((a, b) => (b[WHOLE_GPU] ?? 0) - (a[WHOLE_GPU] ?? 0));
}

/** For k = 1, 2, ...: how long at least k pods would run at the same time, were there room for all. */
function timesTogether(pods: readonly TracePod[]): readonly number[] {
  const changes = pods
    .flatMap(({ arrivalSeconds, durationSeconds }) => [
      { at: arrivalSeconds, by: 1 },
      { at: arrivalSeconds + durationSeconds, by: -1 },
    ])
    .sort((a, b) => a.at - b.at || a.by - b.by);
  const times: number[] = [];
  let [together, since] = [0, 0];
  for (const { at, by } of changes) {
    for (let index = 0; index < together; index++) {
      times[index] = (times[index] ?? 0) + at - since;
    }
    [together, since] = [together + by, at];
  }
  return times;
}
