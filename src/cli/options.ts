/** Reads the options of a command line. */
import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";
import { UserError } from "../rehearsal/files";

/**
 * What a command line says. Node takes the last of two values, and an empty one where a variable of a script is not set: both are refused.
 * @throws UserError for what is not to be understood.
 */
export function readOptions<T extends ParseArgsConfig & { readonly args: string[] }>(config: T): ReturnType<typeof parseArgs<T>> {
  const values = strictly(config);
  const seen = new Set<string>();
  for (const token of parseArgs({ ...config, strict: false, tokens: true }).tokens ?? []) {
    if (token.kind !== "option" || token.value === undefined) {
      continue;
    }
    const { name, rawName } = token;
    if (token.value.trim() === "") {
      throw new UserError(`${rawName} has an empty value: write one, or leave the option out`);
    }
    if (seen.has(name) && config.options?.[name]?.multiple !== true) {
      throw new UserError(`${rawName} is written twice: write it once`);
    }
    seen.add(name);
  }
  return values;
}

function strictly<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    // Node's advice after the first sentence is about positional arguments that begin with a dash.
    const [reason] = (error instanceof Error ? error.message : String(error)).split(". ");
    throw new UserError(`${reason ?? ""}; --help lists the options`);
  }
}
