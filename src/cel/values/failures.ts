/** The result of an evaluation that failed. */
export class EvaluationError {
  constructor(readonly message: string) {}
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
