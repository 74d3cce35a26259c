/** Promises of a failed program that nobody awaits. */

declare global {
  /** The process itself, which jest hides behind a copy (environment.js). */
  var hostProcess: NodeJS.Process;
}

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
  const before = EVENTS.map((event) => ({ event, listeners: hostProcess.rawListeners(event) as ((...args: unknown[]) => void)[] }));
  for (const event of EVENTS) {
    hostProcess.removeAllListeners(event);
    hostProcess.on(event, collect);
  }
  try {
    const result = await run();
    // Node reports a rejection after the microtasks of the turn in which it happened.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { result, rejections };
  } finally {
    for (const { event, listeners } of before) {
      hostProcess.off(event, collect);
      listeners.forEach((listener) => hostProcess.on(event, listener));
    }
  }
}
