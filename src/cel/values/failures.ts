/** The result of an evaluation that failed. */
export class EvaluationError {
  constructor(readonly message: string) {}
}

/** Thrown where cel-go panics: the whole evaluation fails, whatever `||` and `&&` there are around it. */
export class EvaluationPanic extends Error {}

/**
 * The result of what Kubernetes computes and this evaluator does not. An error decides nothing: whoever asks what an expression could match denies it,
 * and `||` and `&&` use it only where the other side decides alone.
 */
export class NotModelled extends EvaluationError {
  constructor(what: string) {
    super(`${what} is not modelled by this evaluator`);
  }
}

/** The result of an evaluation that depends on something the evaluator was not told. */
export class Unknown {
  /** Of which nothing is known. */
  static readonly instance = new Unknown(() => true);
  /** Tells the type apart from all others. */
  readonly isUnknown = true;

  private constructor(private readonly mayBe: (text: string) => boolean) {}

  /** A text that some texts may be, and others are not. Whatever is computed from it is unknown altogether. */
  static text(mayBe: (text: string) => boolean): Unknown {
    return new Unknown(mayBe);
  }

  /** Whether the value is known to differ from another one. */
  differsFrom(other: unknown): boolean {
    return typeof other === "string" && !this.mayBe(other);
  }
}
