/** A number of pods, or a share of them: `2`, `25%`. */
import { scaled } from "../judgement/validation/rules";

/** Which number of pods a value means. @param otherwise the value where none is set. */
export function shareOf(value: unknown, otherwise: string, of: number, round: "up" | "down"): number {
  const read = scaled(value) ?? scaled(otherwise) ?? { type: "count", value: 0 };
  const share = (read.value * of) / 100;
  return read.type === "count" ? read.value : round === "up" ? Math.ceil(share) : Math.floor(share);
}
