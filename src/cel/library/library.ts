import type { MacroTable } from "../syntax/macros";
import type { Overload } from "../types/overloads";

/** A part of the language that an environment has or has not, in one version: what cel-go calls a library. */
export interface Library {
  readonly functions?: Readonly<Record<string, readonly Overload[]>>;
  readonly macros?: MacroTable;
  /** Functions that the library has and this evaluator does not. An expression that uses one is reported as such, never guessed at. */
  readonly notModelled?: readonly string[];
}
