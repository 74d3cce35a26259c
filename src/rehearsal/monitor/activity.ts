/** Finds out that a program waits for something that will not come: without an engine to end it, it would wait for ever. */
import { setTimeout as sleep } from "node:timers/promises";

const TURN_MS = 500;
/** After a refused registration, the engine ends a program at once. What the program still does by itself it has done by then. */
const TURNS_AFTER_REFUSAL = 10;
/** Time for what a program computes, reads or downloads between two requests. */
const TURNS = 240;

/** What ends a wait. */
export type Stall =
  /** A registration was refused, and what the program waits for comes from it. */
  { readonly type: "refused"; readonly reason: string } | { readonly type: "idle"; readonly seconds: number };

export class Activity {
  private events = 0;
  private refusal: string | undefined;

  /** A request has come or been answered. */
  note(): void {
    this.events += 1;
  }

  /** A registration was refused. The refusal of another request the program can handle. */
  noteRefusal(reason: string): void {
    this.refusal ??= reason;
  }

  /**
   * Resolves when nothing has come for long. It counts turns of the event loop, not time: on a busy machine they take longer, and so does the program.
   * @param signal ends the wait; undefined then.
   */
  async stall(signal: AbortSignal): Promise<Stall | undefined> {
    let seen = this.events;
    let turns = 0;
    while (turns < (this.refusal === undefined ? TURNS : TURNS_AFTER_REFUSAL)) {
      await sleep(TURN_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) {
        return undefined;
      }
      turns = seen === this.events ? turns + 1 : 0;
      seen = this.events;
    }
    return this.refusal === undefined ? { type: "idle", seconds: (TURNS * TURN_MS) / 1000 } : { type: "refused", reason: this.refusal };
  }
}
