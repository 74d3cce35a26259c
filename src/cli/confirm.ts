import { once } from "node:events";
import { createInterface } from "node:readline/promises";

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
