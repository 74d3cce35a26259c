/** Text on a terminal: colour where wanted, words wrapped to a width. */

/** How a text is shown. Without colour every function gives its text back as it is. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly held: (text: string) => string;
}

/** What a text is shown on. */
export interface TextOptions {
  readonly style: Style;
  /** Columns of the terminal. */
  readonly width: number;
}

export const PLAIN: Style = { bold: same, dim: same, good: same, bad: same, warn: same, held: same };

/** ANSI colours of the terminal's own palette, so that they are readable on dark and on light. */
export const COLOUR: Style = { bold: sgr(1), dim: sgr(2), good: sgr(32), bad: sgr(31), warn: sgr(33), held: sgr(36) };

function same(text: string): string {
  return text;
}

function sgr(code: number): (text: string) => string {
  return (text) => (text === "" ? "" : `\u001b[${code}m${text}\u001b[0m`);
}

/** Text of exactly `width` characters: cut with an ellipsis, or filled with spaces. */
export function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…`.slice(0, width) : text.padEnd(width);
}

/** Lines of at most `width` characters, broken between words; line breaks of the text stay. */
export function wrap(text: string, width: number): readonly string[] {
  return text.split("\n").flatMap((paragraph) => {
    if (paragraph.length <= width) {
      return [paragraph];
    }
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else {
        line = line === "" ? word : `${line} ${word}`;
      }
    }
    return [...lines, line];
  });
}

/** A paragraph whose first line starts with `first` and whose others with as many spaces. */
export function hang(first: string, text: string, width: number): readonly string[] {
  const indent = " ".repeat(first.length);
  return wrap(text, Math.max(20, width - first.length)).map((line, index) => `${index === 0 ? first : indent}${line}`);
}

/** Columns of equal width, the first line being the heading. Numbers stand on the right. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const isNumber = widths.map((_, column) => rows.slice(1).every((row) => /^[\d.,$%-]*$/.test(row[column] ?? "")));
  return rows.map((row) =>
    row
      .map((cell, column) => (isNumber[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}
