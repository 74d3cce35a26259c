/** GPUs drawn in characters: every memory slice has the same width. */
import { isHeld } from "../../planner/gpu-map";
import type { GpuPart } from "../../planner/gpu-map";
import type { GpuReport, NodeReport, Report } from "./report";
import { fit } from "./style";
import type { Style } from "./style";

const LABEL_WIDTH = 10;
const MIN_SLICE_WIDTH = 6;
const MAX_SLICE_WIDTH = 13;

type GpuNode = NodeReport & { readonly gpus: NonNullable<NodeReport["gpus"]> };

/** The GPUs of every node, and one line for the nodes without. What is alike and free is drawn once. */
export function mapLines(
  { nodes }: Pick<Report, "nodes">,
  { style, width }: { readonly style: Style; readonly width: number },
): readonly string[] {
  const gpuNodes = nodes.filter((node): node is GpuNode => node.gpus !== undefined);
  const lines: string[] = [];
  let previous: GpuNode | undefined;
  let alike = 0;
  const flush = () => {
    if (alike > 0) {
      lines.push(style.dim(`  and ${alike} more like ${previous?.name ?? ""}, all free`));
    }
    alike = 0;
  };
  for (const node of gpuNodes) {
    if (previous !== undefined && isFree(node) && isFree(previous) && sameShape(node, previous)) {
      alike += 1;
      continue;
    }
    flush();
    lines.push(...nodeLines(node, style, width));
    previous = node;
  }
  flush();
  return [...lines, ...otherNodes(nodes, style)];
}

function isFree(node: GpuNode): boolean {
  return node.gpus.list.every(isFreeGpu);
}

function isFreeGpu(gpu: GpuReport): boolean {
  return !gpu.parts.some(isHeld);
}

function sameShape(a: GpuNode, b: GpuNode): boolean {
  return a.pool === b.pool && shapeOf(a.gpus.list) === shapeOf(b.gpus.list);
}

function shapeOf(gpus: readonly GpuReport[]): string {
  return JSON.stringify(gpus.map(({ parts }) => parts.map(({ start, profile }) => [start, profile])));
}

function nodeLines(node: GpuNode, style: Style, width: number): readonly string[] {
  const { gpus } = node;
  const sliceWidth = Math.min(MAX_SLICE_WIDTH, Math.max(MIN_SLICE_WIDTH, Math.floor((width - LABEL_WIDTH - 3) / gpus.memorySlices)));
  const heading = `  ${node.name}  ${style.dim(`pool ${node.pool}, ${node.instanceType}, ${node.zone}, ${gpus.list.length} x ${gpus.model}, layout ${gpus.layout}`)}`;
  const groups: GpuReport[][] = [];
  for (const gpu of gpus.list) {
    const last = groups.at(-1);
    const [first] = last ?? [];
    if (last !== undefined && first !== undefined && isFreeGpu(first) && isFreeGpu(gpu) && shapeOf([first]) === shapeOf([gpu])) {
      last.push(gpu);
    } else {
      groups.push([gpu]);
    }
  }
  return [heading, ...groups.flatMap((group) => gpuLines(group, sliceWidth, style))];
}

function gpuLines(group: readonly GpuReport[], sliceWidth: number, style: Style): readonly string[] {
  const [first] = group;
  const last = group.at(-1);
  if (first === undefined || last === undefined) {
    return [];
  }
  const label = group.length === 1 ? `GPU ${first.index}` : `GPU ${first.index}-${last.index}`;
  const row = (text: (part: GpuPart) => string, paint: (part: GpuPart) => (text: string) => string) =>
    first.parts.map((part) => `│${paint(part)(fit(text(part), part.memorySlices * sliceWidth - 1))}`).join("");
  return [
    `  ${label.padEnd(LABEL_WIDTH - 1)}${row(
      (part) => (part.type === "unused" ? "" : part.profile),
      (part) => (isHeld(part) ? style.bold : style.dim),
    )}│`,
    `  ${"".padEnd(LABEL_WIDTH - 1)}${row(holderOf, (part) => (isHeld(part) ? style.held : style.dim))}│`,
  ];
}

function holderOf(part: GpuPart): string {
  if (part.type === "unused") {
    return "unused";
  }
  const [first, ...others] = part.holders.map((holder) => holder.slice(holder.indexOf("/") + 1));
  if (first === undefined) {
    return part.claim === "" ? "free" : `claim ${part.claim.slice(part.claim.indexOf("/") + 1)}`;
  }
  return others.length === 0 ? first : `${first} +${others.length}`;
}

function otherNodes(nodes: readonly NodeReport[], style: Style): readonly string[] {
  const byPool = new Map<string, NodeReport[]>();
  for (const node of nodes.filter(({ gpus }) => gpus === undefined)) {
    byPool.set(node.pool, [...(byPool.get(node.pool) ?? []), node]);
  }
  return [...byPool].map(([pool, own]) =>
    style.dim(
      `  without GPUs: pool ${pool}, ${own.length} x ${own[0]?.instanceType ?? ""} in ${[...new Set(own.map(({ zone }) => zone))].join(", ")}`,
    ),
  );
}
