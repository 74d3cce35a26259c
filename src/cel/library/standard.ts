import { STANDARD_MACROS } from "../syntax/macros";
import { fn, method } from "../types/overloads";
import { BOOL, STRING } from "../types/types";
import { CONVERSIONS } from "./conversions";
import type { Library } from "./library";
import { OPERATORS } from "./operators";
import { matches } from "./patterns";

/** The standard library of CEL. Durations and timestamps are not modelled. */
export const STANDARD: Library = {
  functions: {
    ...OPERATORS,
    ...CONVERSIONS,
    matches: [fn("matches", [STRING, STRING], BOOL, matches), method("matches_string", [STRING, STRING], BOOL, matches)],
    contains: [method("contains_string", [STRING, STRING], BOOL, (text, part) => text.includes(part))],
    startsWith: [method("starts_with_string", [STRING, STRING], BOOL, (text, part) => text.startsWith(part))],
    endsWith: [method("ends_with_string", [STRING, STRING], BOOL, (text, part) => text.endsWith(part))],
  },
  macros: STANDARD_MACROS,
  notModelled: [
    ...["duration", "timestamp", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"],
    ...["getFullYear", "getHours", "getMilliseconds", "getMinutes", "getMonth", "getSeconds"],
  ],
};
