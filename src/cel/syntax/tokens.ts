import { ParseIssue } from "./issues";
import { Uint } from "../values/values";

/** A lexical token; `text` is its source text. */
export interface Token {
  readonly type: "end" | "ident" | "number" | "uint" | "string" | "bytes" | "symbol";
  readonly text: string;
  readonly offset: number;
}

const SPACE = /(?:[\t \r\n\f]+|\/\/[^\n]*)+/y;
const NUMBER = /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?|0x[0-9a-fA-F]+|\d+)/y;
const IDENT = /[A-Za-z_][A-Za-z0-9_]*/y;
const ESCAPED_IDENT = /`[A-Za-z0-9_.\-/ ]+`/y;
const SYMBOL = /==|!=|<=|>=|&&|\|\||[[\]{}().,\-!?:+*/%<>]/y;
const ESCAPE = String.raw`\\(?:[abfnrtv"'\\?` + "`" + String.raw`]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})`;
const STRING = new RegExp(
  [
    String.raw`[bB]?[rR](?:"""[^]*?"""|'''[^]*?'''|"[^"\n\r]*"|'[^'\n\r]*')`,
    String.raw`[bB]?(?:"""(?:${ESCAPE}|[^\\])*?"""|'''(?:${ESCAPE}|[^\\])*?'''|"(?:${ESCAPE}|[^\\"\n\r])*"|'(?:${ESCAPE}|[^\\'\n\r])*')`,
  ].join("|"),
  "y",
);

/** The tokens of an expression by CEL's lexical grammar, with one of type `end` behind the last. Throws `ParseIssue`. */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = offset;
    return pattern.exec(source)?.[0];
  };
  for (;;) {
    offset += take(SPACE)?.length ?? 0;
    if (offset >= source.length) {
      tokens.push({ type: "end", text: "<EOF>", offset });
      return tokens;
    }
    const token = nextToken(take, offset);
    if (token === undefined) {
      throw new ParseIssue(offset, `Syntax error: token recognition error at: '${source.slice(offset, offset + 1)}'`);
    }
    tokens.push(token);
    offset += token.text.length;
  }
}

function nextToken(take: (pattern: RegExp) => string | undefined, offset: number): Token | undefined {
  const string = take(STRING);
  if (string !== undefined) {
    return { type: /^[bB]/.test(string) ? "bytes" : "string", text: string, offset };
  }
  const number = take(NUMBER);
  if (number !== undefined) {
    const unsigned = /^(?:\d+|0x[0-9a-fA-F]+)$/.test(number) && take(new RegExp(`${number}[uU]`, "y"));
    return unsigned ? { type: "uint", text: unsigned, offset } : { type: "number", text: number, offset };
  }
  const ident = take(IDENT) ?? take(ESCAPED_IDENT);
  if (ident !== undefined) {
    // The four words are tokens of their own, so they can be no field names either.
    return { type: ["true", "false", "null", "in"].includes(ident) ? "symbol" : "ident", text: ident, offset };
  }
  const symbol = take(SYMBOL);
  return symbol === undefined ? undefined : { type: "symbol", text: symbol, offset };
}

/** The value of a number token, with the sign that stands before it. */
export function numberValue(token: Token, negative: boolean): bigint | number {
  const sign = negative ? "-" : "";
  if (/^(?:\d+|0x.*)$/.test(token.text)) {
    const value = BigInt(token.text) * (negative ? -1n : 1n);
    if (value < -(2n ** 63n) || value >= 2n ** 63n) {
      throw new ParseIssue(token.offset - sign.length, "invalid int literal");
    }
    return value;
  }
  const value = Number(`${sign}${token.text}`);
  if (!Number.isFinite(value)) {
    throw new ParseIssue(token.offset - sign.length, "invalid double literal");
  }
  return value;
}

export function uintValue(token: Token): Uint {
  const value = BigInt(token.text.slice(0, -1));
  if (value >= 2n ** 64n) {
    throw new ParseIssue(token.offset, "invalid uint literal");
  }
  return new Uint(value);
}

/** The text that a string token stands for. All line ends become `\n`, in raw strings too. */
export function stringValue(token: Token): string {
  const { raw, body } = unquote(token.text);
  return raw
    ? body
    : body.replace(
        /\\(?:([xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|([0-3][0-7]{2})|([^]))/g,
        (_, hex: string, octal: string, char: string) =>
          char === undefined ? character(token, hex === undefined ? parseInt(octal, 8) : parseInt(hex.slice(1), 16)) : escaped(char),
      );
}

/** The bytes that a bytes token stands for: escapes are bytes, other characters their UTF-8 form. */
export function bytesValue(token: Token): Uint8Array {
  const { raw, body } = unquote(token.text.slice(1));
  if (raw) {
    return new TextEncoder().encode(body);
  }
  const parts = body.match(/\\(?:[xX][0-9a-fA-F]{2}|[0-3][0-7]{2}|[^])|[^\\]+/g) ?? [];
  return new Uint8Array(
    parts.flatMap((part) => {
      if (/^\\[xX]/.test(part)) {
        return [parseInt(part.slice(2), 16)];
      }
      if (/^\\[0-3]/.test(part)) {
        return [parseInt(part.slice(1), 8)];
      }
      if (/^\\[uU]/.test(part)) {
        throw new ParseIssue(token.offset, "unable to unescape string");
      }
      return [...new TextEncoder().encode(part.startsWith("\\") ? escaped(part.slice(1)) : part)];
    }),
  );
}

function unquote(text: string): { readonly raw: boolean; readonly body: string } {
  const raw = /^[rR]/.test(text);
  const quoted = text.slice(raw ? 1 : 0).replace(/\r\n?/g, "\n");
  const quotes = /^("""|''')/.test(quoted) && quoted.length >= 6 ? 3 : 1;
  return { raw, body: quoted.slice(quotes, -quotes) };
}

function character(token: Token, code: number): string {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    throw new ParseIssue(token.offset, "invalid unicode code point");
  }
  return String.fromCodePoint(code);
}

const ESCAPED: Readonly<Record<string, string>> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

function escaped(char: string): string {
  return ESCAPED[char] ?? char;
}
