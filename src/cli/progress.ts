/** Commands that take longer than this say so. */
const PATIENCE_MS = 2000;

/** Shows a line on a terminal's standard error when a command takes long. @returns a function that takes the line away again. */
export function showProgress(text: string): () => void {
  if (!process.stderr.isTTY) {
    return () => undefined;
  }
  let shown = false;
  const timer = setTimeout(() => {
    shown = true;
    process.stderr.write(text);
  }, PATIENCE_MS);
  return () => {
    clearTimeout(timer);
    if (shown) {
      process.stderr.write(`\r${" ".repeat(text.length)}\r`);
    }
  };
}
