/** How Ctrl-C ends a command that has made something: what it has made goes first. A second one ends it at once. */
import { UserError } from "../rehearsal/files";
import { INTERRUPTED } from "./exit-codes";

const interruption = new AbortController();

/** What an interrupted command could not take away again. */
export class LeftBehind extends UserError {}

/** From now on the command ends in order. @returns what ends with the first Ctrl-C. */
export function endInOrder(): AbortSignal {
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(name, () => {
      interruption.abort();
    });
  }
  return interruption.signal;
}

/** The same command, whose exit code says that it was interrupted. */
export function interruptible(main: () => Promise<number>): () => Promise<number> {
  return async () => {
    try {
      return await main();
    } catch (error) {
      if (!interruption.signal.aborted || error instanceof LeftBehind) {
        throw error;
      }
      process.stderr.write("interrupted; nothing is left behind\n");
      return INTERRUPTED;
    }
  };
}
