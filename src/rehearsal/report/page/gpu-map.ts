/** GPUs drawn to scale: a row for each, as wide as its memory slices. */
import { isHeld } from "../../../planner/gpu-map";
import type { GpuPart } from "../../../planner/gpu-map";
import { escape, scrolled } from "./elements";

/** A GPU of a node, or several that are alike. */
export interface DrawnGpu {
  /** `GPU 0`. */
  readonly name: string;
  readonly memorySlices: number;
  readonly parts: readonly DrawnPart[];
}

export interface DrawnPart extends GpuPart {
  /** It differs from the picture beside it. */
  readonly isChanged?: boolean;
}

/** Colours of slices: one per namespace, as far as they reach. */
const TEAM_COLOURS = 6;

export type Colours = ReadonlyMap<string, string>;

export function coloursOf(namespaces: readonly string[]): Colours {
  return new Map([...new Set(namespaces)].map((namespace, index) => [namespace, `t${String(index % TEAM_COLOURS)}`]));
}

/** The namespace that holds a part; undefined: nobody does. */
export function holderOf({ holders, claim }: GpuPart): string | undefined {
  const [namespace = ""] = (holders[0] ?? claim).split("/");
  return namespace === "" ? undefined : namespace;
}

/** @param hasChanges whether parts of the maps are marked as changed. */
export function legend(colours: Colours, { hasChanges = false }: { readonly hasChanges?: boolean } = {}): string {
  const keys = [
    ...[...colours].map(([team, colour]) => `<span class="key held ${colour}"></span> ${escape(team)}`),
    '<span class="key free"></span> free',
    '<span class="key unused"></span> not covered by any slice',
    ...(hasChanges ? ['<span class="key changed"></span> changed'] : []),
  ];
  return `<p class="legend">${keys.join(" ")} <span>(widths are memory slices)</span></p>`;
}

/** @param name of the map, for screen readers. */
export function gpuMap(name: string, gpus: readonly DrawnGpu[], colours: Colours): string {
  return scrolled(`GPUs of ${name}`, `<div class="map">${gpus.map((gpu) => gpuRow(gpu, colours)).join("\n")}</div>`);
}

function gpuRow({ name, memorySlices, parts }: DrawnGpu, colours: Colours): string {
  const drawn = parts.map((part) => gpuPart(part, colours)).join("");
  return `<div class="gpu"><h4>${escape(name)}</h4><ul role="list" style="grid-template-columns:repeat(${String(memorySlices)},minmax(0,1fr))" aria-label="${escape(name)}">${drawn}</ul></div>`;
}

function gpuPart(part: DrawnPart, colours: Colours): string {
  const place = `style="grid-column:${String(part.start + 1)}/span ${String(part.memorySlices)}"`;
  const [mark, said] = part.isChanged === true ? [" changed", '<span class="said">, changed</span>'] : ["", ""];
  if (part.type === "unused") {
    return `<li class="unused${mark}" ${place} title="no slice covers it"><span>not covered${said}</span></li>`;
  }
  const who = part.holders.join(", ") || (part.claim === "" ? "free" : `claim ${part.claim}`);
  const short = part.holders.map((holder) => holder.slice(holder.indexOf("/") + 1)).join(", ") || who;
  const kind = isHeld(part) ? `held ${colours.get(holderOf(part) ?? "") ?? "t0"}` : "free";
  const device = part.device === "" ? "" : `, device ${part.device}`;
  return `<li class="${kind}${mark}" ${place} title="${escape(`${part.profile}${device}: ${who}`)}"><b>${escape(part.profile)}</b><span>${escape(short)}${said}</span></li>`;
}
