/** What standard output is shown on. */
import { COLOUR, PLAIN } from "../rehearsal/report/style";
import type { TextOptions } from "../rehearsal/report/style";

/** Colour on a terminal that wants it; no more columns than are comfortable to read. */
export function textOptions(): TextOptions {
  const style = process.stdout.isTTY && (process.env.NO_COLOR ?? "") === "" ? COLOUR : PLAIN;
  return { style, width: Math.min(process.stdout.columns ?? 110, 120) };
}
