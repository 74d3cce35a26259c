/** Asks whether to go on. */
import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { UserError } from "../rehearsal/files";

/** Asks on a terminal. Everything but yes is no, the end of the input too. */
export async function confirm(question: string, input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Promise<boolean> {
  const terminal = createInterface({ input, output });
  try {
    const answer = await Promise.race([terminal.question(question), once(terminal, "close").then(() => "")]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

/** @param text what will be done. It is printed on standard error, because standard output has the answer. @throws UserError where nobody can be asked. */
export async function confirmAction(text: string): Promise<boolean> {
  process.stderr.write(`${text}\n`);
  if (!process.stdin.isTTY) {
    throw new UserError("nobody can be asked here, because standard input is no terminal. Write --yes if this may be done");
  }
  return confirm("Go on? [y/N] ", process.stdin, process.stderr);
}
