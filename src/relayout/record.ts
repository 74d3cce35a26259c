/** What a relayout writes on a node while it is at it. The cluster holds it, so that a relayout can go on after its process has ended, from any machine. */
import { parseJson } from "../json/parse";
import { isObject } from "../dra/manifest/fields";

/** Annotation of a node that is cordoned for another layout. */
export const RELAYOUT_ANNOTATION = "shared-gpu/relayout";

/** Whose the fields of a node are that a relayout writes. The doctor reads from the owners of a node's labels who has changed them last. */
export const RELAYOUT_FIELD_MANAGER = "shared-gpu-relayout";

export interface RelayoutRecord {
  /** The layout that the node had, and goes back to. */
  readonly from: string;
  readonly to: string;
  /** Uid of the DRA plugin's pod that ran when the layout was changed: it has listed the devices of before. */
  readonly plugin?: string;
}

export type RecordReading =
  | { readonly type: "none" }
  | { readonly type: "record"; readonly record: RelayoutRecord }
  /** Nobody but a relayout writes the annotation, so that somebody has changed it. */
  | { readonly type: "invalid"; readonly text: string };

export function readRecord(text: unknown): RecordReading {
  if (text === undefined) {
    return { type: "none" };
  }
  const value = parseJson(String(text));
  if (!isObject(value) || typeof value["from"] !== "string" || typeof value["to"] !== "string") {
    return { type: "invalid", text: String(text) };
  }
  const { from, to, plugin } = value;
  return { type: "record", record: { from, to, ...(typeof plugin === "string" ? { plugin } : {}) } };
}

export function recordText({ from, to, plugin }: RelayoutRecord): string {
  return JSON.stringify({ from, to, plugin });
}
