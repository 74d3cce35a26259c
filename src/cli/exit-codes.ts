/** How `npm start` ends. */
import type { Report } from "../rehearsal/report/report";

export const OK = 0;
export const FINDINGS = 1;
export const REFUSED = 2;
export const DIFFERENCES = 3;
/** As a shell says it of a command that Ctrl-C ended. */
export const INTERRUPTED = 130;

/** A difference goes before findings: as long as there is one, the rehearsal's findings can be wrong. */
export function exitCodeOf({ result, controlPlane }: Pick<Report, "result" | "controlPlane">): number {
  if (controlPlane !== undefined && controlPlane.differences.length > 0) {
    return DIFFERENCES;
  }
  return result === "ok" ? OK : FINDINGS;
}
