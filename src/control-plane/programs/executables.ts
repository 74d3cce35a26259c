/** Programs in folders of this machine. */
import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";

/** The first of the folders' programs of a name. @returns its path, undefined where no folder has it. */
export function findProgram(
  name: string,
  folders: readonly string[],
  isAccepted: (path: string) => boolean = () => true,
): string | undefined {
  return folders.map((folder) => join(folder, name)).find((path) => isExecutable(path) && isAccepted(path));
}

/** Whether a path is a file that this user can run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
