/** How a command of this project ends. */
import { UserError } from "../rehearsal/files";
import { printable } from "../rehearsal/report/printable";

/** What a command answers where it has no answer. */
export interface Refusal {
  readonly exitCode: number;
  /** With `--json`: what stands before the errors. */
  readonly json: Readonly<Record<string, string>>;
}

/** Runs a command, which answers with its exit code. Where it throws, the message is printed, with `--json` as JSON. */
export function runCommand(main: () => Promise<number>, { exitCode, json }: Refusal): void {
  // A copy, because Node.js asks the operating system each time that a variable of its own object is read. The YAML library reads one for every word of a file.
  process.env = { ...process.env };
  // Whoever reads the answer may have read enough (`| head`). That is no fault, and nothing is left to say.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") {
      throw error;
    }
  });
  main().then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      // What the user can mend is said in one paragraph; anything else is a fault of this project and keeps its stack.
      const message = error instanceof UserError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
      if (process.argv.includes("--json")) {
        process.stdout.write(`${JSON.stringify({ format: 1, ...json, errors: message.split("\n") }, undefined, 2)}\n`);
      } else {
        // It can quote names of files, and what others have written into them.
        process.stderr.write(`${printable(message)}\n`);
      }
      process.exitCode = exitCode;
    },
  );
}
