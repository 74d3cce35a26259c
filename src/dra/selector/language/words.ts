import { ParseIssue } from "../../../cel/syntax/issues";
import { tokenize } from "../../../cel/syntax/tokens";
import type { Token } from "../../../cel/syntax/tokens";
import { Refusal } from "./problem";
import { FORMS, INSTEAD, LIMITS } from "./vocabulary";

const WHITE_SPACE = /^[ \t\r\n\f]*$/;
const STRING = new RegExp(`^(?:"${FORMS.doubleQuoted}"|'${FORMS.singleQuoted}')$`);
const INTEGER = new RegExp(`^${FORMS.integer}$`);
const SYMBOLS: ReadonlySet<string> = new Set("== != <= >= < > && || ! ? : ( ) [ ] , . - in true false".split(" "));

/** Checks the tokens of an expression: literals in their plain forms, known symbols, nothing but white space between, and no more than the limits. Throws `Refusal`. */
export function checkWords(expression: string): void {
  const bytes = new TextEncoder().encode(expression).length;
  if (bytes > LIMITS.bytes) {
    refuse(0, `it has ${String(bytes)} bytes, and at most ${String(LIMITS.bytes)} are allowed`, INSTEAD.list);
  }
  const tokens = tokensOf(expression);
  let end = 0;
  for (const { offset, text } of tokens) {
    if (!WHITE_SPACE.test(expression.slice(end, offset))) {
      refuse(end, "comments are not allowed", INSTEAD.attribute);
    }
    end = offset + text.length;
  }
  for (const [index, token] of tokens.entries()) {
    checkToken(token, tokens[index - 1]);
  }
  checkSize(tokens);
}

function tokensOf(expression: string): readonly Token[] {
  try {
    return tokenize(expression);
  } catch (error) {
    // Stryker disable next-line ConditionalExpression: nothing else is thrown, unless the tokenizer has a bug
    if (error instanceof ParseIssue) {
      return refuse(error.offset ?? 0, "no CEL expression contains this character", INSTEAD.attribute);
    }
    throw error;
  }
}

function checkToken({ type, text, offset }: Token, before: Token | undefined): void {
  switch (type) {
    case "ident":
      if (text.includes("`")) {
        refuse(offset, "names in backticks are not allowed", INSTEAD.attribute);
      }
      return;
    case "string":
      if (!STRING.test(text)) {
        refuse(
          offset,
          `${shown(text)} is not a plain string: printable ASCII in one pair of quotes, with no escapes but \\\\, \\" and \\'`,
          INSTEAD.attribute,
        );
      }
      return;
    case "number":
      if (!INTEGER.test(text)) {
        refuse(offset, `${shown(text)} is not an integer of at most nine digits`, INSTEAD.quantity);
      }
      return;
    case "bytes":
    case "uint":
      return refuse(offset, `${shown(text)} is of a type that no attribute has`, INSTEAD.attribute);
    case "symbol":
      if (text === "null") {
        // The admission policies read it as a name that nobody bound.
        return refuse(offset, "no attribute is null", INSTEAD.presence, "structure");
      }
      if (!SYMBOLS.has(text)) {
        refuse(offset, `"${text}" is not allowed, because selectors do not compute`, insteadOfSymbol(text, before));
      }
      if (text === "-" && before !== undefined && isOperandEnd(before)) {
        refuse(offset, `"-" is not allowed, because selectors do not compute`, INSTEAD.quantity);
      }
  }
}

function insteadOfSymbol(symbol: string, before: Token | undefined): string {
  return symbol === "{" || symbol === "}" ? INSTEAD.list : before?.type === "string" ? INSTEAD.attribute : INSTEAD.quantity;
}

function isOperandEnd({ type, text }: Token): boolean {
  return type !== "symbol" || ["]", ")", "true", "false"].includes(text);
}

/** By how much a token changes the depth of brackets. A string has its quotes. */
const DEPTHS: ReadonlyMap<string, number> = new Map([
  ["(", 1],
  ["[", 1],
  [")", -1],
  ["]", -1],
]);

function checkSize(tokens: readonly Token[]): void {
  let depth = 0;
  let terms = 0;
  for (const { type, text, offset } of tokens) {
    if (type === "ident" || type === "string" || type === "number") {
      terms++;
    }
    depth += DEPTHS.get(text) ?? 0;
    if (depth > LIMITS.nesting) {
      refuse(offset, `brackets are nested deeper than ${String(LIMITS.nesting)}`, INSTEAD.list, "structure");
    }
    if (terms > LIMITS.terms) {
      refuse(offset, `it has more than ${String(LIMITS.terms)} names and literals`, INSTEAD.list, "structure");
    }
  }
}

function refuse(offset: number, reason: string, instead: string, about: "words" | "structure" = "words"): never {
  throw new Refusal({ about, offset, reason, instead });
}

function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
