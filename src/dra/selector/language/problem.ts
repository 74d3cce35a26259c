/** Why a claim may not use a selector. */
export interface Problem {
  /**
   * `words`: what is written (a token, a function, a constant) is not in the language; the admission policies see that too.
   * `structure`: the words are, but not like this (names that nobody bound, operands that do not fit, nesting); the admission policies leave
   * that to the API server's compiler and to the limit on the length.
   */
  readonly about: "words" | "structure";
  /** Index in the expression, in UTF-16 units. */
  readonly offset: number;
  readonly reason: string;
  /** The nearest form that is allowed. */
  readonly instead: string;
}

/** Thrown inside the checker, and never out of it. */
export class Refusal extends Error {
  constructor(readonly problem: Problem) {
    super(problem.reason);
  }
}

/** Line and column, both from 1; the column alone where there is only one line. */
export function positionOf(expression: string, offset: number): string {
  const before = expression.slice(0, offset);
  const column = `column ${String(before.length - before.lastIndexOf("\n"))}`;
  return expression.includes("\n") ? `line ${String(before.split("\n").length)}, ${column}` : column;
}
