import { setTimeout as sleep } from "node:timers/promises";

export interface WaitOptions {
  /** A limit against hanging, not a measurement. @default 60 s */
  readonly timeoutMs?: number;
  /** What is seen at the moment, for the message of a timeout. */
  readonly describe?: () => Promise<string>;
}

const POLL_MS = 100;

/** Waits until a condition holds. @throws Error that names what was waited for and what is there instead. */
export async function waitFor(
  what: string,
  condition: () => Promise<boolean>,
  { timeoutMs = 60_000, describe }: WaitOptions = {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      const seen = describe === undefined ? "" : `; there is: ${await describe()}`;
      throw new Error(`waited ${timeoutMs / 1000} s in vain for ${what}${seen}`);
    }
    await sleep(POLL_MS);
  }
}
