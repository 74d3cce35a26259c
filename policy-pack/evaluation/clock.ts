/** The day on which policies judge support dates and exceptions. In the engine it is today. */

let chosen: Date | undefined;

export function today(): Date {
  return chosen ?? new Date();
}

/**
 * From now on the pack of this process judges as on this day: a rehearsal can ask about another one. The engine runs the pack in a process of its own.
 * @param date `undefined` is today again.
 */
export function judgeAsOf(date: Date | undefined): void {
  chosen = date;
}
