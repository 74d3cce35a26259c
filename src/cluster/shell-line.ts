/** Commands for a person, quoted so that they can be pasted: names in them can come from files that anybody may have written. */

/** Words as one command that a POSIX shell takes. */
export function shellLine(words: readonly string[]): string {
  return words.map(quoted).join(" ");
}

/** Text among commands, as one line that a shell passes over: no line of it is a command of its own. */
export function shellComment(text: string): string {
  return `# ${text.replaceAll(/\s+/g, " ")}`;
}

/** Whether programs take a word for an option, however it is quoted. No name that an API server gives is one. */
export function isOption(word: string): boolean {
  return word.startsWith("-");
}

/** A command of kubectl. */
export type Kubectl = (...args: readonly string[]) => string;

/** @param context undefined: kubectl's current context is used. */
export function kubectlFor(context: string | undefined): Kubectl {
  return (...args) => shellLine(["kubectl", ...(context === undefined ? [] : ["--context", context]), ...args]);
}

/** As a POSIX shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
