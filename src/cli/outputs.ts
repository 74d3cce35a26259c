/** The files that a command writes. */
import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UserError, requireWritable } from "../rehearsal/files";

/** A file with the option that names it, for a person: `--save`. */
export interface NamedFile {
  readonly option: string;
  /** Undefined: the option is not there. */
  readonly path: string | undefined;
}

/**
 * Tries whether every output can be written, before work is done for them.
 * @param inputs files that the command reads.
 * @throws UserError where one cannot, where two are the same file, or where one is an input: the one that is written last would replace the other.
 */
export function requireOutputs(outputs: readonly NamedFile[], inputs: readonly NamedFile[] = []): void {
  const named = outputs.flatMap(({ option, path }) => (path === undefined ? [] : [{ option, path }]));
  named.forEach(({ path }) => {
    requireWritable(resolve(path));
  });
  const known = new Map<string, NamedFile>();
  for (const input of inputs) {
    for (const place of input.path === undefined || input.path === "-" ? [] : placesOf(input.path)) {
      known.set(place, input);
    }
  }
  for (const output of named) {
    const place = placeOf(output.path);
    const same = known.get(place);
    if (same !== undefined) {
      const isInput = inputs.includes(same);
      throw new UserError(
        isInput
          ? `${output.option} ${output.path} would replace the file that ${same.option} names: write another name`
          : `${same.option} and ${output.option} name the same file, ${output.path}: write two names`,
      );
    }
    known.set(place, output);
  }
}

/** Where a file is written: a link of this name would be replaced, one of its folders is followed. */
function placeOf(path: string): string {
  return join(followed(dirname(resolve(path))), basename(path));
}

/** The file itself, and what it is a link to. */
function placesOf(path: string): readonly string[] {
  return [placeOf(path), followed(resolve(path))];
}

function followed(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Whoever reads it says that it is not there.
    return path;
  }
}
