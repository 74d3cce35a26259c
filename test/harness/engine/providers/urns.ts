/** The parts of a URN that providers look at. */
import { qualifiedType } from "../../../../src/rehearsal/monitor/urn";

/** `aws:eks/nodeGroup:NodeGroup`. */
export function typeOf(urn: string): string {
  return qualifiedType(urn).split("$").at(-1) ?? "";
}

/** The resource's name in the program. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
