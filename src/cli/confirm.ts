/** Asks whether to go on. */
import { createInterface } from "node:readline/promises";
import { UserError } from "../rehearsal/files";

/** @param text what will be done. It is printed on standard error, because standard output has the answer. @throws UserError where nobody can be asked. */
export async function confirm(text: string): Promise<boolean> {
  process.stderr.write(`${text}\n`);
  if (!process.stdin.isTTY) {
    throw new UserError("nobody can be asked here, because standard input is no terminal. Write --yes if this may be done");
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const end = new AbortController();
  // Ctrl-C and Ctrl-D would leave the question without an answer.
  for (const event of ["SIGINT", "close"] as const) {
    terminal.on(event, () => {
      end.abort();
    });
  }
  try {
    return /^y(es)?$/i.test((await terminal.question("Go on? [y/N] ", { signal: end.signal })).trim());
  } catch (error) {
    if (!end.signal.aborted) {
      throw error;
    }
    process.stderr.write("\n");
    return false;
  } finally {
    terminal.close();
  }
}
