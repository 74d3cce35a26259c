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
  try {
    return /^y(es)?$/i.test((await terminal.question("Go on? [y/N] ")).trim());
  } finally {
    terminal.close();
  }
}
