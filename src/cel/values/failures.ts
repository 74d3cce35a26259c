/** The result of an evaluation that failed. */
export class EvaluationError {
  constructor(readonly message: string) {}
}

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
  static readonly instance = new Unknown();
  /** Tells the type apart from all others. */
  readonly isUnknown = true;
  private constructor() {
    // One is enough: nobody asks what was unknown.
  }
}
