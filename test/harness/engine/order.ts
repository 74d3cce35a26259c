/** In which order the steps of a run ended. */
import type { Outcome } from "./outcome";

/** When a step ended. @param title `NodeGroup a100`. */
function finished({ timeline }: Outcome, title: string): number {
  return timeline.findIndex(({ urn, phase }) => {
    const [, , types = "", name = ""] = urn.split("::");
    return phase === "finished" && `${types.split(":").at(-1) ?? ""} ${name}` === title;
  });
}

/** Those of the steps that took place, in the order of their ends. */
export function inOrderOfEnds(outcome: Outcome, titles: readonly string[]): readonly string[] {
  return titles.filter((title) => finished(outcome, title) >= 0).sort((one, other) => finished(outcome, one) - finished(outcome, other));
}
