/** Folders that a test fills and throws away. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Makes a folder with these files. @returns its path. It goes when the test file ends. */
export function makeFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "shared-gpu-"));
  made.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

let made: string[] = [];

/** At the end of each test file, of which jest's configuration takes care. */
export function removeFolders(): void {
  for (const folder of made) {
    rmSync(folder, { recursive: true, force: true });
  }
  made = [];
}
