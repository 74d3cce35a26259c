/** Files of the user's: what goes wrong with them is the user's to mend, and is said in one line. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** A mistake of the user's, as one line a person can act on. Never shown with a stack. */
export class UserError extends Error {
  override readonly name = "UserError";
}

/** Reads a text file. @throws UserError when it cannot be read. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UserError(`${path}: cannot be read (${reasonOf(error)})`);
  }
}

/** Writes a text file, and the folders that it needs. @throws UserError when it cannot be written. */
export function writeText(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } catch (error) {
    throw new UserError(`${path}: cannot be written (${reasonOf(error)})`);
  }
}

function reasonOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : String(error);
}
