/** Commands that take longer than this say so. */
const PATIENCE_MS = 2000;

/** What a command is doing, on standard error. */
export interface Progress {
  /** Names what is done from now on. */
  readonly say: (text: string) => void;
  /** Takes the line away again. */
  readonly end: () => void;
}

/**
 * Shows what a command is doing once it takes long: on a terminal as one line that changes.
 * @param elsewhere whether to write lines, at most one every two seconds, where there is no terminal.
 */
export function showProgress(text: string, { elsewhere = false }: { readonly elsewhere?: boolean } = {}): Progress {
  const { isTTY } = process.stderr;
  if (!isTTY && !elsewhere) {
    return { say: () => undefined, end: () => undefined };
  }
  let current = text;
  let shown = "";
  const show = () => {
    if (current !== shown) {
      process.stderr.write(isTTY ? `\r${fitted(current).padEnd(fitted(shown).length)}` : `${current}\n`);
      shown = current;
    }
  };
  const timer = setInterval(show, PATIENCE_MS);
  return {
    say: (next) => {
      current = next;
      if (isTTY && shown !== "") {
        show();
      }
    },
    end: () => {
      clearInterval(timer);
      if (isTTY && shown !== "") {
        process.stderr.write(`\r${" ".repeat(fitted(shown).length)}\r`);
      }
    },
  };
}

/** A line that wraps cannot be taken away. */
function fitted(text: string): string {
  return text.slice(0, (process.stderr.columns ?? 80) - 1);
}
