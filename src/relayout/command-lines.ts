/** Commands of this project for a person who pastes them: about the same cluster and the same stack as the command that prints them. */
import { shellLine } from "../cluster/shell-line";

/** What a command line is about. */
export interface CommandScope {
  /** The kubectl context of the cluster. Undefined: a file or a stack was read, and a person has to name one. */
  readonly context: string | undefined;
  /** The stack of the cluster. @default the one that the command takes */
  readonly stack?: string | undefined;
}

/** `npm run relayout`. */
export function relayoutLine(scope: CommandScope, ...args: readonly string[]): string {
  return projectLine("relayout", scope, args);
}

/** `npm run doctor`. */
export function doctorLine(scope: CommandScope, ...args: readonly string[]): string {
  return projectLine("doctor", scope, args);
}

/** Both take no cluster but one that is named. */
function projectLine(verb: string, { context, stack }: CommandScope, args: readonly string[]): string {
  return shellLine([
    ...["npm", "run", verb, "--", "--context", context ?? "NAME"],
    ...(stack === undefined ? [] : ["--stack", stack]),
    ...args,
  ]);
}
