/** Text of others on a terminal: names and messages come from files that anybody may have written, and a control character can rewrite what the reader has seen. */

/** C0 and C1 controls, but for the end of a line. */
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g; // eslint-disable-line no-control-regex

/** The same value with every control character of its texts written out (`\x1b`). */
export function printable<T>(value: T): T {
  return written(value) as T;
}

function written(value: unknown): unknown {
  if (typeof value === "string") {
    return value.replaceAll(CONTROLS, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
  }
  if (Array.isArray(value)) {
    return value.map(written);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, field]) => [key, written(field)]))
    : value;
}
