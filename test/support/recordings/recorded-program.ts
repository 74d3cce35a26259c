/** Runs of the program that several test files read and none changes: the first one that asks makes the run. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { runProgram, toRunOptions } from "../program";
import type { ProgramOptions, Recording } from "../program";
import { RECORDINGS_VARIABLE } from "./folder";

/** As `runProgram`; the run may have been made for another test file. */
export async function recordedProgram(options: Omit<ProgramOptions, "program"> = {}): Promise<Recording> {
  const folder = process.env[RECORDINGS_VARIABLE];
  if (folder === undefined) {
    throw new Error(`${RECORDINGS_VARIABLE} is not set: start the tests with jest and a configuration of this project`);
  }
  const path = join(
    folder,
    createHash("sha256")
      .update(JSON.stringify(toRunOptions(options)))
      .digest("hex"),
  );
  if (!existsSync(path)) {
    // Two files that ask at once both make the run. A rename is atomic, so neither reads half of a file.
    const own = `${path}-${process.pid}`;
    writeFileSync(own, serialize(await runProgram(options)));
    renameSync(own, path);
  }
  return ofThisFile(deserialize(readFileSync(path))) as Recording;
}

/** A value made of this test file's own objects and arrays. Node's module makes those of another realm, which `instanceof Object` does not recognize. */
function ofThisFile(value: unknown): unknown {
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Array.isArray(value)
    ? Array.from(value, ofThisFile)
    : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, ofThisFile(inner)]));
}
