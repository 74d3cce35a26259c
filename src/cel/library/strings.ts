import { EvaluationError } from "../values/failures";
import { fn, method } from "../types/overloads";
import { DYN, INT, listOf, STRING } from "../types/types";
import { characterCount, characters } from "../values/values";
import type { Value } from "../values/values";
import type { Library } from "./library";
import { formatString } from "./string-format";

/** Version 2 of cel-go's string extension. Positions count characters. */
export const STRINGS_V2: Library = {
  functions: {
    charAt: [method("string_char_at_int", [STRING, INT], STRING, charAt)],
    indexOf: [
      method("string_index_of_string", [STRING, STRING], INT, (text, part) => indexOf(text, part, 0n)),
      method("string_index_of_string_int", [STRING, STRING, INT], INT, indexOf),
    ],
    lastIndexOf: [
      method("string_last_index_of_string", [STRING, STRING], INT, (text, part) => {
        const count = characterCount(text);
        return part === "" ? BigInt(count) : count === 0 ? -1n : lastIndexOf(text, part, BigInt(count - 1));
      }),
      method("string_last_index_of_string_int", [STRING, STRING, INT], INT, lastIndexOf),
    ],
    lowerAscii: [method("string_lower_ascii", [STRING], STRING, (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()))],
    upperAscii: [method("string_upper_ascii", [STRING], STRING, (text) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()))],
    replace: [
      method("string_replace_string_string", [STRING, STRING, STRING], STRING, (text, old, replacement) =>
        replace(text, old, replacement, -1n),
      ),
      method("string_replace_string_string_int", [STRING, STRING, STRING, INT], STRING, replace),
    ],
    split: [
      method("string_split_string", [STRING, STRING], listOf(STRING), (text, separator) => split(text, separator, -1n)),
      method("string_split_string_int", [STRING, STRING, INT], listOf(STRING), split),
    ],
    substring: [
      method("string_substring_int", [STRING, INT], STRING, (text, start) => substring(text, start, undefined)),
      method("string_substring_int_int", [STRING, INT, INT], STRING, (text, start, end) => substring(text, start, end)),
    ],
    trim: [method("string_trim", [STRING], STRING, (text) => text.replace(LEADING_SPACE, "").replace(TRAILING_SPACE, ""))],
    format: [method("string_format", [STRING, listOf(DYN)], STRING, formatString)],
    "strings.quote": [fn("strings_quote", [STRING], STRING, quote)],
    join: [
      method("list_join", [listOf(STRING)], STRING, (parts) => join(parts, "")),
      method("list_join_string", [listOf(STRING), STRING], STRING, (parts, separator) => join(parts, separator)),
    ],
  },
};

/** White space as Unicode has it (property White_Space), which is what Go trims; JavaScript's own set differs. */
const SPACE = "[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const LEADING_SPACE = new RegExp(`^${SPACE}`);
const TRAILING_SPACE = new RegExp(`${SPACE}$`);

function outOfRange(position: bigint): EvaluationError {
  return new EvaluationError(`index out of range: ${String(position)}`);
}

/** The empty string at the position right behind the last character. */
function charAt(text: string, position: bigint): Value {
  const all = characters(text);
  return position < 0n || position > all.length ? outOfRange(position) : (all[Number(position)] ?? "");
}

function indexOf(text: string, part: string, from: bigint): Value {
  if (part === "") {
    return from;
  }
  if (from < 0n) {
    return outOfRange(from);
  }
  const [all, sought] = [characters(text), characters(part)];
  for (let start = Number(from); start <= all.length - sought.length; start++) {
    if (sought.every((character, index) => all[start + index] === character)) {
      return BigInt(start);
    }
  }
  return -1n;
}

/** The last occurrence that starts at or before a position; positions beyond the text find nothing. */
function lastIndexOf(text: string, part: string, from: bigint): Value {
  if (part === "") {
    return from;
  }
  if (from < 0n) {
    return outOfRange(from);
  }
  const [all, sought] = [characters(text), characters(part)];
  if (from >= all.length) {
    return -1n;
  }
  for (let start = Math.min(Number(from), all.length - sought.length); start >= 0; start--) {
    if (sought.every((character, index) => all[start + index] === character)) {
      return BigInt(start);
    }
  }
  return -1n;
}

/** Replaces the first `limit` occurrences, all with a negative limit. An empty `old` is found before every character and at the end. */
function replace(text: string, old: string, replacement: string, limit: bigint): Value {
  const parts = old === "" ? ["", ...characters(text), ""] : text.split(old);
  if (old === "" && text === "") {
    parts.pop();
    return limit === 0n ? "" : replacement;
  }
  const count = limit < 0n ? parts.length - 1 : Math.min(Number(limit), parts.length - 1);
  return (
    parts.slice(0, count + 1).join(replacement) +
    parts
      .slice(count + 1)
      .map((part) => old + part)
      .join("")
  );
}

/** At most `limit` parts, the last one unsplit; all with a negative limit, none with 0. */
function split(text: string, separator: string, limit: bigint): Value {
  const parts = separator === "" ? characters(text) : text.split(separator);
  if (limit < 0n || parts.length <= limit) {
    return parts;
  }
  const count = Number(limit);
  return count === 0 ? [] : [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

function substring(text: string, start: bigint, end: bigint | undefined): Value {
  const all = characters(text);
  if (end !== undefined && start > end) {
    return new EvaluationError(`invalid substring range. start: ${String(start)}, end: ${String(end)}`);
  }
  for (const position of end === undefined ? [start] : [start, end]) {
    if (position < 0n || position > all.length) {
      return outOfRange(position);
    }
  }
  return all.slice(Number(start), end === undefined ? undefined : Number(end)).join("");
}

function join(parts: readonly Value[], separator: string): Value {
  const strings = parts.filter((part) => typeof part === "string");
  return strings.length === parts.length ? strings.join(separator) : new EvaluationError("join: invalid input");
}

const QUOTED: ReadonlyMap<string, string> = new Map([
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
  ["\\", "\\\\"],
  ['"', '\\"'],
]);

function quote(text: string): string {
  return `"${characters(text)
    .map((character) => QUOTED.get(character) ?? character)
    .join("")}"`;
}
