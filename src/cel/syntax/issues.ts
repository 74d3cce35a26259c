/** Something wrong with an expression, at an offset in UTF-16 units; without one, about the expression as a whole. */
export interface Issue {
  readonly offset: number | undefined;
  readonly message: string;
}

/** Thrown while an expression is parsed; never leaves the compiler. */
export class ParseIssue extends Error {
  constructor(
    readonly offset: number | undefined,
    message: string,
  ) {
    super(message);
  }
}

/** Issues as cel-go prints them, in the order of positions: line and column (counted in characters from 1), message, the line, and a caret under the column. */
export function formatIssues(expression: string, issues: readonly Issue[]): string {
  const lines = expression.split("\n");
  return [...issues]
    .sort((a, b) => (a.offset ?? -1) - (b.offset ?? -1))
    .map(({ offset, message }) => {
      if (offset === undefined) {
        return `ERROR: <input>:-1:0: ${message}`;
      }
      const before = expression.slice(0, offset);
      const line = before.split("\n").length - 1;
      const indent = [...before.slice(before.lastIndexOf("\n") + 1)];
      const position = `<input>:${String(line + 1)}:${String(indent.length + 1)}`;
      return `ERROR: ${position}: ${message}\n | ${lines[line] ?? ""}\n | ${indent.map(dot).join("")}^`;
    })
    .join("\n");
}

/** As wide as the character that it stands below. */
function dot(character: string): string {
  return character > "\x7f" ? "\uff0e" : ".";
}
