import { listContains } from "../values/equality";
import { EvaluationError, EvaluationPanic, Unknown } from "../values/failures";
import { compilePattern } from "../library/patterns";
import { accepts } from "../types/overloads";
import type { Overload } from "../types/overloads";
import { typeName } from "../values/type-name";
import { constant, dynamic, NO_FRAME, NO_SUCH_OVERLOAD } from "./parts";
import type { Part, Run } from "./parts";
import { SemanticVersion } from "../values/semantic-version";
import { CelMap, derived, EntryMap, isFailure, isList, Optional, Uint } from "../values/values";
import type { Value } from "../values/values";

/** Thrown where cel-go finds, while it builds a program, that a conversion or pattern of constants cannot work. */
export class InstantiationError extends Error {}

const CONVERSIONS: ReadonlySet<string> = new Set(["bool", "bytes", "double", "dyn", "int", "string", "type", "uint"]);
/** Operators whose error does not name the types it was given. */
const OPERATORS: ReadonlySet<string> = new Set([
  "!_",
  "-_",
  "_+_",
  "_-_",
  "_*_",
  "_/_",
  "_%_",
  "_<_",
  "_<=_",
  "_>_",
  "_>=_",
  "@in",
  "matches",
  "contains",
  "startsWith",
  "endsWith",
]);

/**
 * `x in [constants]`, which cel-go looks up in a hash table: of an empty one nothing is a member, not even an error,
 * and a version or bytes cannot be hashed, which ends the evaluation.
 */
export function constantMembership([member, list]: readonly Part[]): Part | undefined {
  if (member === undefined || list?.constant !== true || list.value === undefined || !isList(list.value)) {
    return undefined;
  }
  const elements = list.value;
  if (elements.length === 0) {
    return constant(false);
  }
  const hashable = (value: Value): boolean => value instanceof Uint || ["string", "boolean", "bigint", "number"].includes(typeof value);
  if (!elements.every(hashable)) {
    return undefined;
  }
  const strings = new Set<Value>(elements);
  return dynamic((frame) => {
    const value = member.run(frame);
    if (typeof value === "string") {
      return strings.has(value);
    }
    if (isFailure(value)) {
      return value instanceof Unknown ? listContains(elements, value) : value;
    }
    if (value instanceof SemanticVersion || value instanceof Uint8Array) {
      throw new EvaluationPanic(`internal error: runtime error: hash of unhashable type ${typeName(value)}`);
    }
    return listContains(elements, value);
  });
}

/** Refuses a constant pattern that does not compile. */
export function rejectPattern(name: string, parts: readonly Part[]): void {
  const pattern = ["matches", "find", "findAll"].includes(name) ? parts[1] : undefined;
  if (pattern?.constant === true && typeof pattern.value === "string") {
    const compiled = compilePattern(pattern.value);
    if (compiled instanceof EvaluationError) {
      throw new InstantiationError(compiled.message);
    }
  }
}

/** A call of whichever overload fits the values. It is made at once where all arguments are known. */
export function invocation(name: string, overloads: readonly Overload[], parts: readonly Part[]): Part {
  const run = dispatch(name, overloads, parts);
  if (!parts.every(({ value }) => value !== undefined)) {
    return dynamic(run);
  }
  const value = run(NO_FRAME);
  const isConstant = CONVERSIONS.has(name) && parts.every((part) => part.constant);
  if (isConstant && value instanceof EvaluationError) {
    throw new InstantiationError(value.message);
  }
  return { run: () => value, value, constant: isConstant };
}

/** Functions that take maps as they are, whether or not all is known of what is in them. */
const TAKE_MAPS: ReadonlySet<string> = new Set([
  "@in",
  "size",
  "dyn",
  "type",
  "_+_",
  "cel.@mapInsert",
  "value",
  "hasValue",
  "first",
  "last",
]);

function dispatch(name: string, overloads: readonly Overload[], parts: readonly Part[]): Run {
  const candidates = overloads.map(({ parameters, apply }) => ({ tests: parameters.map(accepts), apply }));
  const takesMaps = TAKE_MAPS.has(name) || name.startsWith("optional.");
  const runs = parts.map(({ run }) => run);
  return (frame) => {
    const args: Value[] = [];
    for (const run of runs) {
      const value = run(frame);
      if (isFailure(value)) {
        return derived(value);
      }
      if (!takesMaps && typeof value === "object" && hidesUnknowns(value)) {
        return Unknown.instance;
      }
      args.push(value);
    }
    for (const { tests, apply } of candidates) {
      if (apply !== undefined && tests.every((test, index) => test(args[index] ?? null))) {
        return apply(...args);
      }
    }
    return OPERATORS.has(name) ? NO_SUCH_OVERLOAD : new EvaluationError(`no such overload: ${name}(${args.map(typeName).join(", ")})`);
  };
}

function hidesUnknowns(value: Value): boolean {
  if (value instanceof CelMap) {
    return value instanceof EntryMap ? value.entries().some(([, inner]) => hidesUnknowns(inner)) : value.partial;
  }
  return value instanceof Optional ? value.value !== undefined && hidesUnknowns(value.value) : isList(value) && value.some(hidesUnknowns);
}
