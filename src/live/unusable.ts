/** A cluster, or the programs of one, that cannot be used as they are. The message is a line that a person can act on, and is never shown with a stack. */
export class UnusableError extends Error {
  override readonly name = "UnusableError";
}
