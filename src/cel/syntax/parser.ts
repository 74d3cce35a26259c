import type { CallExpr, Expr } from "./ast";
import { ParseIssue } from "./issues";
import { expandMacro } from "./macros";
import type { MacroTable } from "./macros";
import { bytesValue, numberValue, stringValue, tokenize, uintValue } from "./tokens";
import type { Token } from "./tokens";

/** Limits of the API server's parser: nesting of brackets and conditionals, and of operators and selections. */
const MAX_DEPTH = 250;

const RESERVED = new Set(
  "as break const continue else false for function if import in let loop package namespace null return true var void while".split(" "),
);
const RELATIONS: ReadonlyMap<string, string> = new Map(["<", "<=", ">=", ">", "==", "!="].map((symbol) => [symbol, `_${symbol}_`]));
const SUMS: ReadonlyMap<string, string> = new Map(["+", "-"].map((symbol) => [symbol, `_${symbol}_`]));
const PRODUCTS: ReadonlyMap<string, string> = new Map(["*", "/", "%"].map((symbol) => [symbol, `_${symbol}_`]));

/** Parses an expression by the grammar of cel-go 0.26 with optional syntax, and expands these macros. Throws `ParseIssue` at the first error. */
export function parse(source: string, macros: MacroTable): Expr {
  return new Parser(tokenize(source), macros).parse();
}

class Parser {
  #position = 0;
  #depth = 0;
  /** How deep operators, selections and calls are nested below a node. */
  readonly #heights = new WeakMap<Expr, number>();

  constructor(
    private readonly tokens: readonly Token[],
    private readonly macros: MacroTable,
  ) {}

  parse(): Expr {
    const expr = this.#expression();
    if (this.#token.type !== "end") {
      throw this.#unexpected();
    }
    return expr;
  }

  /** `a ? b : c`, of which only the last part may be a conditional itself. */
  #expression(): Expr {
    if (++this.#depth > MAX_DEPTH) {
      throw new ParseIssue(undefined, `expression recursion limit exceeded: ${String(MAX_DEPTH)}`);
    }
    const condition = this.#or();
    const question = this.#token;
    let expr = condition;
    if (this.#accept("?")) {
      const consequent = this.#or();
      this.#expect(":");
      expr = this.#call("_?_:_", question.offset, undefined, [condition, consequent, this.#expression()]);
    }
    this.#depth--;
    return expr;
  }

  #or(): Expr {
    return this.#logical("||", () => this.#logical("&&", () => this.#relation()));
  }

  #logical(symbol: string, operand: () => Expr): Expr {
    const terms = [operand()];
    const { offset } = this.#token;
    while (this.#accept(symbol)) {
      terms.push(operand());
    }
    const [only] = terms;
    return terms.length === 1 && only !== undefined
      ? only
      : { kind: "call", offset, function: `_${symbol}_`, target: undefined, args: terms };
  }

  #relation(): Expr {
    return this.#binary(
      ({ type, text }) => (type !== "symbol" ? undefined : text === "in" ? "@in" : RELATIONS.get(text)),
      () => this.#sum(),
    );
  }

  #sum(): Expr {
    return this.#binary(
      ({ type, text }) => (type === "symbol" ? SUMS.get(text) : undefined),
      () =>
        this.#binary(
          ({ type, text }) => (type === "symbol" ? PRODUCTS.get(text) : undefined),
          () => this.#unary(),
        ),
    );
  }

  #binary(operator: (token: Token) => string | undefined, operand: () => Expr): Expr {
    let left = operand();
    for (let name = operator(this.#token); name !== undefined; name = operator(this.#token)) {
      const { offset } = this.#next();
      left = this.#call(name, offset, undefined, [left, operand()]);
    }
    return left;
  }

  /** A run of `!` or of `-` before a member; an even run is none. A single `-` belongs to the number behind it. */
  #unary(): Expr {
    const first = this.#token;
    const symbol = first.text;
    if (first.type !== "symbol" || (symbol !== "!" && symbol !== "-") || (symbol === "-" && this.#peek(1).type === "number")) {
      return this.#member();
    }
    let count = 0;
    while (this.#accept(symbol)) {
      count++;
    }
    const operand = this.#member();
    return count % 2 === 0 ? operand : this.#call(`${symbol}_`, first.offset, undefined, [operand]);
  }

  #member(): Expr {
    let expr = this.#primary();
    for (;;) {
      const { offset } = this.#token;
      if (this.#accept(".")) {
        expr = this.#selection(expr, offset);
      } else if (this.#accept("[")) {
        const operator = this.#accept("?") ? "_[?_]" : "_[_]";
        const index = this.#expression();
        this.#expect("]");
        expr = this.#call(operator, offset, undefined, [expr, index]);
      } else {
        return expr;
      }
    }
  }

  #selection(operand: Expr, offset: number): Expr {
    const optional = this.#accept("?");
    const name = this.#next();
    if (name.type !== "ident") {
      throw this.#unexpected(name);
    }
    if (name.text.startsWith("`")) {
      throw new ParseIssue(name.offset, "unsupported syntax: '`'");
    }
    if (optional) {
      return this.#call("_?._", offset, undefined, [operand, { kind: "literal", offset: name.offset, value: name.text }]);
    }
    const open = this.#token;
    if (this.#accept("(")) {
      return this.#call(name.text, open.offset, operand, this.#arguments());
    }
    return this.#measured({ kind: "select", offset, operand, field: name.text, testOnly: false }, [operand]);
  }

  #primary(): Expr {
    const token = this.#next();
    const { offset, text } = token;
    switch (token.type) {
      case "string":
        return { kind: "literal", offset, value: stringValue(token) };
      case "bytes":
        return { kind: "literal", offset, value: bytesValue(token) };
      case "uint":
        return { kind: "literal", offset, value: uintValue(token) };
      case "number":
        return { kind: "literal", offset, value: numberValue(token, false) };
      case "ident":
        return this.#named(token, "");
      case "end":
        throw this.#unexpected(token);
    }
    switch (text) {
      case "true":
      case "false":
        return { kind: "literal", offset, value: text === "true" };
      case "null":
        return { kind: "literal", offset, value: null };
      case "(": {
        const expr = this.#expression();
        this.#expect(")");
        return expr;
      }
      case "[":
        return this.#list(offset);
      case "{":
        return this.#map(offset);
      case ".":
        if (this.#token.type === "ident") {
          return this.#named(this.#next(), ".");
        }
        break;
      case "-":
        if (this.#token.type === "number") {
          return { kind: "literal", offset, value: numberValue(this.#next(), true) };
        }
        break;
    }
    throw this.#unexpected(token);
  }

  /** An identifier, a call of a global function, or a message. */
  #named(token: Token, prefix: string): Expr {
    const { offset, text } = token;
    if (text.startsWith("`")) {
      throw this.#unexpected(token);
    }
    const message = this.#messageName(text);
    if (message !== undefined) {
      return message;
    }
    if (RESERVED.has(text)) {
      throw new ParseIssue(offset, `reserved identifier: ${text}`);
    }
    const open = this.#token;
    if (this.#accept("(")) {
      return this.#call(`${prefix}${text}`, open.offset, undefined, this.#arguments());
    }
    return { kind: "ident", offset, name: `${prefix}${text}` };
  }

  /** `a.b.C{...}`: the fields are read over, since no message can be built anyway. */
  #messageName(first: string): Expr | undefined {
    let ahead = 0;
    let name = first;
    while (this.#peek(ahead).text === "." && this.#peek(ahead + 1).type === "ident") {
      name += `.${this.#peek(ahead + 1).text}`;
      ahead += 2;
    }
    if (this.#peek(ahead).text !== "{" || this.#peek(ahead).type !== "symbol") {
      return undefined;
    }
    this.#position += ahead;
    const { offset } = this.#next();
    this.#separated("}", () => {
      this.#accept("?");
      const field = this.#next();
      if (field.type !== "ident") {
        throw this.#unexpected(field);
      }
      this.#expect(":");
      return this.#expression();
    });
    return { kind: "message", offset, name };
  }

  #list(offset: number): Expr {
    const elements = this.#separated("]", () => {
      const optional = this.#accept("?");
      return { optional, value: this.#expression() };
    });
    return this.#measured(
      { kind: "list", offset, elements },
      elements.map(({ value }) => value),
    );
  }

  #map(offset: number): Expr {
    const entries = this.#separated("}", () => {
      const optional = this.#accept("?");
      const key = this.#expression();
      this.#expect(":");
      return { optional, key, value: this.#expression() };
    });
    return this.#measured(
      { kind: "map", offset, entries },
      entries.flatMap(({ key, value }) => [key, value]),
    );
  }

  /** Elements up to the closing bracket; one comma may stand behind the last, or alone. */
  #separated<T>(close: string, element: () => T): readonly T[] {
    const elements: T[] = [];
    if (this.#accept(",")) {
      this.#expect(close);
      return elements;
    }
    while (!this.#accept(close)) {
      elements.push(element());
      if (!this.#accept(",")) {
        this.#expect(close);
        break;
      }
    }
    return elements;
  }

  /** Arguments of a call up to its closing parenthesis; no trailing comma. */
  #arguments(): readonly Expr[] {
    const args: Expr[] = [];
    if (!this.#accept(")")) {
      do {
        args.push(this.#expression());
      } while (this.#accept(","));
      this.#expect(")");
    }
    return args;
  }

  #call(name: string, offset: number, target: Expr | undefined, args: readonly Expr[]): Expr {
    const call: CallExpr = { kind: "call", offset, function: name, target, args };
    return this.#measured(expandMacro(call, this.macros), target === undefined ? args : [target, ...args]);
  }

  #measured<T extends Expr>(expr: T, parts: readonly Expr[]): T {
    const height = 1 + Math.max(0, ...parts.map((part) => this.#heights.get(part) ?? 0));
    if (height > MAX_DEPTH) {
      throw new ParseIssue(undefined, "max recursion depth exceeded");
    }
    this.#heights.set(expr, height);
    return expr;
  }

  get #token(): Token {
    return this.#peek(0);
  }

  #peek(ahead: number): Token {
    const token = this.tokens[Math.min(this.#position + ahead, this.tokens.length - 1)];
    if (token === undefined) {
      throw new Error("a token list ends with a token");
    }
    return token;
  }

  #next(): Token {
    const token = this.#token;
    this.#position++;
    return token;
  }

  #accept(symbol: string): boolean {
    const matches = this.#token.type === "symbol" && this.#token.text === symbol;
    if (matches) {
      this.#position++;
    }
    return matches;
  }

  #expect(symbol: string): void {
    if (!this.#accept(symbol)) {
      throw new ParseIssue(this.#token.offset, `Syntax error: mismatched input '${this.#token.text}' expecting '${symbol}'`);
    }
  }

  #unexpected(token: Token = this.#token): ParseIssue {
    return new ParseIssue(token.offset, `Syntax error: unexpected input '${token.text}'`);
  }
}
