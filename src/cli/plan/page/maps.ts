/** The GPUs of a cluster as they are, or before and after a change. */
import type { Place } from "../../../planner/ask/trial";
import { gpusByNode } from "../../../planner/gpu-map";
import type { MappedGpu } from "../../../planner/gpu-map";
import type { PlannedCluster } from "../../../planner/state/cluster";
import { escape } from "../../../rehearsal/report/page/elements";
import { coloursOf, gpuMap, holderOf, legend } from "../../../rehearsal/report/page/gpu-map";
import type { Colours, DrawnPart } from "../../../rehearsal/report/page/gpu-map";
import { dollars } from "../text/status";
import { textTable } from "./parts";

/** The GPUs of a cluster at one moment. */
export interface Picture {
  readonly cluster: PlannedCluster;
  readonly gpus: ReadonlyMap<string, readonly MappedGpu[]>;
}

/** @param places of pods of a demand in namespace `namespace`, which nobody has created yet. */
export function pictureOf(cluster: PlannedCluster, places: readonly Place[] = [], namespace = ""): Picture {
  const given = new Map(
    places.flatMap(({ pod, node, devices }) => devices.map((device) => [`${node}/${device}`, `${namespace}/${pod}`] as const)),
  );
  return { cluster, gpus: gpusByNode(cluster, given) };
}

/** Why nothing can be drawn; undefined: it can. */
export function undrawable({ gaps }: PlannedCluster): string | undefined {
  const gap = gaps.find(({ kind }) => kind === "ResourceClaim" || kind === "ResourceSlice" || kind === "Node");
  return gap === undefined ? undefined : `The GPUs are not drawn, because the cluster's ${gap.kind}s could not be read.`;
}

/** More nodes than a person looks at. */
const MAX_NODES = 64;
const MAX_CHANGED_NODES = 24;

/** Every GPU with who holds what, and the same as a table. */
export function clusterMap(cluster: PlannedCluster): string {
  const reason = undrawable(cluster);
  if (reason !== undefined) {
    return `<p>${escape(reason)}</p>`;
  }
  const { gpus } = pictureOf(cluster);
  const nodes = [...gpus].slice(0, MAX_NODES);
  const colours = coloursIn([...gpus.values()]);
  const drawn = nodes.map(
    ([node, own]) => `<article class="node">
<h3>${escape(node)}</h3>
<p class="quiet">${escape(nodeText(cluster, node, own))}</p>
${gpuMap(node, own.map(named), colours)}
</article>`,
  );
  const rows = nodes.flatMap(([node, own]) =>
    own.flatMap(({ name, parts }) =>
      parts
        .filter((part) => holderOf(part) !== undefined)
        .map(({ profile, device, claim, holders }) => [node, name, profile, device, claim, holders.join(", ") || "no pod"]),
    ),
  );
  const holders = rows.length === 0 ? "" : `<details><summary>Who holds what, as a table</summary>${holdersTable(rows)}</details>`;
  return [legend(colours), ...drawn, leftOut(gpus.size, MAX_NODES, "The table of slices by node has all."), holders].join("\n");
}

function holdersTable(rows: readonly (readonly string[])[]): string {
  return textTable(["node", "GPU", "slice", "device", "claim", "pods"], rows);
}

/** The nodes on which two moments differ, each before and after, side by side. */
export function changeMaps(before: Picture, after: Picture): string {
  const names = [...new Set([...before.gpus.keys(), ...after.gpus.keys()])];
  const changed = names.filter((name) => contentsOf(before, name) !== contentsOf(after, name));
  if (changed.length === 0) {
    return "<p>No slice changes.</p>";
  }
  const shown = changed.slice(0, MAX_CHANGED_NODES);
  const pairs = shown.map((name) => ({ name, before: before.gpus.get(name), after: after.gpus.get(name) }));
  const colours = coloursIn(pairs.flatMap((pair) => [pair.before ?? [], pair.after ?? []]));
  const drawn = pairs.map((pair) => {
    const side = (when: string, own: readonly MappedGpu[] | undefined, other: readonly MappedGpu[] | undefined) =>
      `<div><p class="when">${when}</p>${own === undefined ? "<p>not there</p>" : gpuMap(`${pair.name}, ${when.toLowerCase()}`, marked(own, other), colours)}</div>`;
    const picture = pair.after === undefined ? before : after;
    return `<article class="node">
<h3>${escape(pair.name)}</h3>
<p class="quiet">${escape(nodeText(picture.cluster, pair.name, pair.after ?? pair.before ?? []))}</p>
<div class="beside">${side("Before", pair.before, pair.after)}${side("After", pair.after, pair.before)}</div>
</article>`;
  });
  return [legend(colours, { hasChanges: true }), ...drawn, leftOut(changed.length, MAX_CHANGED_NODES, "The others change, too.")].join(
    "\n",
  );
}

function leftOut(count: number, most: number, what: string): string {
  return count <= most ? "" : `<p class="quiet">${String(most)} of ${String(count)} nodes are drawn. ${what}</p>`;
}

function contentsOf({ gpus }: Picture, node: string): string {
  return JSON.stringify(gpus.get(node) ?? null);
}

/** Parts that are not the same in the other picture, where the GPU is in both. */
function marked(gpus: readonly MappedGpu[], others: readonly MappedGpu[] | undefined): ReturnType<typeof named>[] {
  const known = new Map(others?.map(({ name, parts }) => [name, new Set(parts.map(textOf))]));
  return gpus.map((gpu) => {
    const same = known.get(gpu.name);
    return named({ ...gpu, parts: gpu.parts.map((part) => ({ ...part, isChanged: same !== undefined && !same.has(textOf(part)) })) });
  });
}

function textOf({ start, memorySlices, type, profile, holders, claim }: DrawnPart): string {
  return JSON.stringify([start, memorySlices, type, profile, holders, claim]);
}

function named<T extends MappedGpu>(gpu: T): T {
  return gpu.isToScale ? gpu : { ...gpu, name: `${gpu.name}, not to scale` };
}

function coloursIn(maps: readonly (readonly MappedGpu[])[]): Colours {
  return coloursOf(maps.flatMap((gpus) => gpus.flatMap(({ parts }) => parts.flatMap((part) => holderOf(part) ?? []))));
}

function nodeText({ nodes }: PlannedCluster, name: string, gpus: readonly MappedGpu[]): string {
  const node = nodes.find((each) => each.name === name);
  const models = [...new Set(gpus.map(({ model }) => model))].join(", ");
  const all = node?.gpus?.count ?? gpus.length;
  return [
    ...(node === undefined ? [] : [`pool ${node.pool}`]),
    ...(node?.instanceType === undefined ? [] : [node.instanceType.name]),
    ...(node?.usdPerHour === undefined ? [] : [`$${dollars(node.usdPerHour)} an hour`]),
    `${String(all)} × ${models}`,
    ...(gpus.length < all ? [`slices of ${String(gpus.length)} published`] : []),
  ].join(", ");
}
