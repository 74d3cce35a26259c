/** What a relayout writes on a node while it is at it. The cluster holds it, so that a relayout can go on after its process has ended, from any machine. */
import { parseJson } from "../json/parse";
import { isObject } from "../dra/manifest/fields";

/** Annotation of a node that is cordoned for another layout, or to be restarted. */
export const RELAYOUT_ANNOTATION = "shared-gpu/relayout";

/** Whose the fields of a node are that a relayout writes. The doctor reads from the owners of a node's labels who has changed them last. */
export const RELAYOUT_FIELD_MANAGER = "shared-gpu-relayout";

export type RelayoutRecord = LayoutRecord | RebootRecord;

/** The node gets another layout. */
export interface LayoutRecord {
  readonly type: "layout";
  /** The layout that the node had, and goes back to. */
  readonly from: string;
  readonly to: string;
  /** Uid of the DRA plugin's pod that ran when the layout was changed: it has listed the devices of before. */
  readonly plugin?: string;
}

/** The node restarts, and keeps its layout. */
export interface RebootRecord {
  readonly type: "reboot";
  /** Boot ID of the node when it was drained and MIG Manager's state was taken away: with another one it has restarted since. Undefined before that. */
  readonly bootId?: string;
  /** Uid of the DRA plugin's pod that ran then: it has listed the devices of before. */
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
  const record = isObject(value) ? recordOf(value) : undefined;
  return record === undefined ? { type: "invalid", text: String(text) } : { type: "record", record };
}

function recordOf(value: Readonly<Record<string, unknown>>): RelayoutRecord | undefined {
  const { type, from, to } = value;
  const text = <Key extends "bootId" | "plugin">(key: Key) =>
    (typeof value[key] === "string" ? { [key]: value[key] } : {}) as Partial<Record<Key, string>>;
  switch (type) {
    case "layout":
      return typeof from === "string" && typeof to === "string" ? { type, from, to, ...text("plugin") } : undefined;
    case "reboot":
      return { type, ...text("bootId"), ...text("plugin") };
    default:
      return undefined;
  }
}

export function recordText(record: RelayoutRecord): string {
  return JSON.stringify(record);
}
