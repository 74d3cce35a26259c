import { RE2JS } from "re2js";
import { CONSTRUCTORS, FORMS, LIMITS, METHODS } from "./vocabulary";

const SPACE = String.raw`[ \t\r\n\f]*`;

/** Between double or single quotes. */
function quoted(doubleQuoted: string, singleQuoted: string = doubleQuoted): string {
  return String.raw`(?:\x22${doubleQuoted}\x22|\x27${singleQuoted}\x27)`;
}

function methods(argument: (method: (typeof METHODS)[string]) => boolean): string {
  return `(?:${Object.entries(METHODS)
    .filter(([, method]) => argument(method))
    .map(([name]) => name)
    .join("|")})`;
}

const OPERAND = [
  quoted(FORMS.doubleQuoted, FORMS.singleQuoted),
  FORMS.integer,
  ...Object.entries(CONSTRUCTORS).map(([name, { form }]) => String.raw`${name}\(${SPACE}${quoted(form)}${SPACE}\)`),
  FORMS.identifier,
].join("|");

/** What opens something in front of an operand. */
const BEFORE = [String.raw`[!(\[]`, String.raw`has\(`, String.raw`cel\.bind\(${SPACE}${FORMS.identifier}${SPACE},`].join("|");

/** What closes or continues an operand. */
const BEHIND = [
  String.raw`[)\]]`,
  String.raw`\[${SPACE}${quoted(FORMS.key)}${SPACE}\]`,
  String.raw`\.${methods(({ argument }) => argument === "none")}\(${SPACE}\)`,
  String.raw`\.${methods(({ argument }) => argument === "pattern")}\(${SPACE}${quoted(FORMS.pattern)}${SPACE}\)`,
  String.raw`\.${FORMS.identifier}`,
].join("|");

/** What stands between two operands. */
const BETWEEN = [
  String.raw`&&|\|\||[=!]=|[<>]=?|[?:,]|\bin\b`,
  String.raw`\.${methods(({ argument }) => argument !== "none" && argument !== "pattern")}\(`,
  String.raw`\.\?${FORMS.identifier}\.orValue\(`,
].join("|");

/**
 * The words of a selector, as one regular expression in RE2 syntax: operands, each with what may stand before and behind it, and one operator between each two.
 * No string can begin or end but as a literal of its own, so no other reading of the text exists.
 * It contains no quotes, so it can be put into a raw string of CEL.
 */
export const SELECTOR_PATTERN = `^(?:(?:^|${SPACE}(?:${BETWEEN}))${SPACE}(?:(?:${BEFORE})${SPACE})*(?:${OPERAND})(?:${SPACE}(?:${BEHIND}))*)+${SPACE}$`;

/** Compiled for the first selector: it takes as long as loading a tenth of the policy pack, and many stacks have no selectors. */
let compiled: RE2JS | undefined;

/** Whether an expression is short enough and consists of allowed words: what the admission policies ask of it. */
export function hasAllowedWords(expression: string): boolean {
  compiled ??= RE2JS.compile(SELECTOR_PATTERN);
  return expression.length <= LIMITS.bytes && compiled.test(expression);
}
