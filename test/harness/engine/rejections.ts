/** Promises of a failed program that nobody awaits. */

declare global {
  /** Under jest, which hides the process behind a copy: the process itself (environment.js). */
  var hostProcess: NodeJS.Process | undefined;
}

const host = globalThis.hostProcess ?? process;

const EVENTS = ["unhandledRejection", "uncaughtException"] as const;

/**
 * Runs something in which programs may fail, and keeps their left-over rejections from jest.
 * @returns what was run answers, and the rejections.
 */
export async function collectRejections<Result>(
  run: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly rejections: readonly unknown[] }> {
  const rejections: unknown[] = [];
  const collect = (error: unknown) => {
    rejections.push(error);
  };
  const before = EVENTS.map((event) => ({ event, listeners: host.rawListeners(event) as ((...args: unknown[]) => void)[] }));
  for (const event of EVENTS) {
    host.removeAllListeners(event);
    host.on(event, collect);
  }
  try {
    const result = await run();
    // Node reports a rejection after the microtasks of the turn in which it happened.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { result, rejections };
  } finally {
    for (const { event, listeners } of before) {
      host.off(event, collect);
      listeners.forEach((listener) => host.on(event, listener));
    }
  }
}
