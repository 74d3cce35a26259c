/** Commands for a shell, quoted so that they can be pasted. */
import type { JsonObject } from "../cluster/objects";

export interface Commands {
  /** A command of kubectl for the cluster that was read. */
  readonly kubectl: (...args: readonly string[]) => string;
  /** The same with an object on its standard input. */
  readonly kubectlWith: (object: JsonObject, ...args: readonly string[]) => string;
  readonly aws: (...args: readonly string[]) => string;
  /** `npm run relayout` for the cluster that was read. */
  readonly relayout: (...args: readonly string[]) => string;
  /** `pulumi up` that first reads what there is. */
  readonly up: () => string;
}

export interface CommandTarget {
  /** The kubectl context that was read; undefined for a file: kubectl's current context is used then. */
  readonly context: string | undefined;
  readonly stack: string;
  readonly region: string;
}

export function commandsFor({ context, stack, region }: CommandTarget): Commands {
  const kubectl = (...args: readonly string[]) => shellLine(["kubectl", ...(context === undefined ? [] : ["--context", context]), ...args]);
  return {
    kubectl,
    kubectlWith: (object, ...args) => `${kubectl(...args, "-f", "-")} <<'EOF'\n${JSON.stringify(object)}\nEOF`,
    aws: (...args) => shellLine(["aws", ...args, "--region", region]),
    // It takes no cluster but one that is named.
    relayout: (...args) => shellLine(["npm", "run", "relayout", "--", "--context", context ?? "NAME", ...args]),
    up: () => shellLine(["pulumi", "up", "--refresh", "--stack", stack]),
  };
}

/** Words as one command that a POSIX shell takes. */
export function shellLine(words: readonly string[]): string {
  return words.map(quoted).join(" ");
}

/** As a POSIX shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
