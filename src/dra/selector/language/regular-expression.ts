/** A regular expression that every implementation of RE2 reads alike: printable ASCII, no flags, no counted or lazy repetition, none of groups, no named classes. */
import { LIMITS } from "./vocabulary";

const LITERAL = /[\w !#%&,/:;<=>@~-]/;
const ESCAPED = /[.^$*+?()|[\]/dsw-]/;
const CLASS_LITERAL = /[\w !#%&,/:;<=>@~.$]/;

/** What is wrong with a pattern, undefined where nothing is. */
export function patternFault(pattern: string): string | undefined {
  const reader = new PatternReader(pattern);
  const fault = reader.alternatives() ?? (reader.atEnd ? undefined : `"${reader.next}" closes nothing`);
  return (
    fault ??
    (reader.repetitions > LIMITS.patternRepetitions ? `it repeats more than ${String(LIMITS.patternRepetitions)} parts` : undefined)
  );
}

class PatternReader {
  repetitions = 0;
  #position = 0;

  constructor(private readonly pattern: string) {}

  get atEnd(): boolean {
    return this.#position >= this.pattern.length;
  }

  get next(): string {
    return this.pattern.charAt(this.#position);
  }

  alternatives(): string | undefined {
    do {
      const fault = this.#sequence();
      if (fault !== undefined) {
        return fault;
      }
    } while (this.#accept("|"));
    return undefined;
  }

  #sequence(): string | undefined {
    const start = this.#position;
    while (!this.atEnd && this.next !== "|" && this.next !== ")") {
      const fault = this.#piece();
      if (fault !== undefined) {
        return fault;
      }
    }
    return this.#position === start ? "an alternative is empty" : undefined;
  }

  #piece(): string | undefined {
    if (this.#accept("^") || this.#accept("$")) {
      return this.#repeats() ? "an anchor cannot be repeated" : undefined;
    }
    const isGroup = this.next === "(";
    const fault = this.#atom();
    if (fault !== undefined) {
      return fault;
    }
    if (isGroup && /[*+]/.test(this.next)) {
      return "a group cannot be repeated";
    }
    return this.#repeats() && /[*+?]/.test(this.next) ? "a repetition cannot be repeated" : undefined;
  }

  #repeats(): boolean {
    const repeats = this.#accept("*") || this.#accept("+") || this.#accept("?");
    this.repetitions += repeats ? 1 : 0;
    return repeats;
  }

  #atom(): string | undefined {
    if (this.#accept("(")) {
      return this.next === "?" ? "groups have no flags and no names" : (this.alternatives() ?? this.#close());
    }
    if (this.#accept("[")) {
      return this.#class();
    }
    if (this.#accept("\\")) {
      return this.#take(ESCAPED) ? undefined : `"\\${this.next}" is not an escape that selectors use`;
    }
    return this.#accept(".") || this.#take(LITERAL) ? undefined : `"${this.next}" cannot stand here`;
  }

  #close(): string | undefined {
    return this.#accept(")") ? undefined : "a group is not closed";
  }

  #class(): string | undefined {
    this.#accept("^");
    if (this.next === "]") {
      return "a class is empty";
    }
    while (!this.#accept("]")) {
      const fault = this.#member();
      if (fault !== undefined) {
        return fault;
      }
    }
    return undefined;
  }

  /** A character, an escape or a range. A hyphen that is no range stands last, or is escaped. */
  #member(): string | undefined {
    const from = this.next;
    if (this.#accept("\\")) {
      return this.#take(ESCAPED) ? undefined : `"\\${this.next}" is not an escape that selectors use`;
    }
    if (this.#accept("-")) {
      return this.next === "]" ? undefined : `a hyphen stands last in a class, or is written "\\\\-"`;
    }
    if (!this.#take(CLASS_LITERAL)) {
      return this.atEnd ? "a class is not closed" : `"${from}" cannot be in a class`;
    }
    if (this.next !== "-" || this.pattern.charAt(this.#position + 1) === "]") {
      return undefined;
    }
    this.#position++;
    const to = this.next;
    const isRange = [/[0-9]{2}/, /[a-z]{2}/, /[A-Z]{2}/].some((kind) => kind.test(from + to)) && from <= to;
    return isRange && this.#take(CLASS_LITERAL) ? undefined : `"${from}-${to}" is not a range of digits or letters`;
  }

  #accept(character: string): boolean {
    return this.#take(character);
  }

  #take(wanted: string | RegExp): boolean {
    const { next } = this;
    const fits = typeof wanted === "string" ? next === wanted : wanted.test(next);
    if (fits) {
      this.#position++;
    }
    return fits;
  }
}
