import { readFileSync } from "node:fs";

/**
 * The text of a PEM certificate once it is written to its end; undefined before. A program opens such a file first and writes it afterwards, so a file
 * that is there may be empty, and a client that takes an empty authority for one trusts the public ones for the rest of its life.
 * @throws Error where there is no file yet.
 */
export function wholeCertificate(path: string): string | undefined {
  const text = readFileSync(path, "utf8");
  return /-----END CERTIFICATE-----\s*$/.test(text) ? text : undefined;
}
