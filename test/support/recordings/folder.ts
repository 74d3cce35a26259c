/** Where runs of the program are kept for all test files of a jest run. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Names the environment variable with the folder. Whoever sets it keeps the recordings for several jest runs, between which the program must not change. */
export const RECORDINGS_VARIABLE = "SHARED_GPU_TEST_RECORDINGS";

const OWN = join(tmpdir(), `shared-gpu-recordings-${process.pid}-`);

/** Makes a folder for all processes that this one starts, unless there is one. */
export function openRecordings(): void {
  process.env[RECORDINGS_VARIABLE] ??= mkdtempSync(OWN);
}

/** Removes the folder if this process made it. */
export function closeRecordings(): void {
  const folder = process.env[RECORDINGS_VARIABLE];
  if (folder?.startsWith(OWN) === true) {
    rmSync(folder, { recursive: true });
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the variable's name is a constant
    delete process.env[RECORDINGS_VARIABLE];
  }
}
