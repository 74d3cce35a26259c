import { RE2JS } from "re2js";
import { EvaluationError } from "../values/failures";
import type { Value } from "../values/values";

/** A compiled pattern, with what it said of the texts it saw: devices differ by thousands, their product names by a handful. */
interface Pattern {
  readonly regex: RE2JS;
  readonly tested: Map<string, boolean>;
}

const compiled = new Map<string, Pattern | EvaluationError>();
const MAX_PATTERNS = 1_000;
const MAX_TESTED = 1_000;

/** A pattern in RE2 syntax, Go's dialect, compiled once. */
export function compilePattern(pattern: string): Pattern | EvaluationError {
  const known = compiled.get(pattern);
  if (known !== undefined) {
    return known;
  }
  if (compiled.size >= MAX_PATTERNS) {
    compiled.clear();
  }
  const result = tryCompile(pattern);
  compiled.set(pattern, result);
  return result;
}

function tryCompile(pattern: string): Pattern | EvaluationError {
  try {
    return { regex: RE2JS.compile(pattern), tested: new Map() };
  } catch (error) {
    return new EvaluationError(error instanceof Error ? error.message : String(error));
  }
}

/** `matches`: whether a pattern occurs in a text. */
export function matches(text: string, pattern: string): Value {
  const known = compilePattern(pattern);
  if (known instanceof EvaluationError) {
    return known;
  }
  const { regex, tested } = known;
  let result = tested.get(text);
  if (result === undefined) {
    if (tested.size >= MAX_TESTED) {
      tested.clear();
    }
    result = regex.test(text);
    tested.set(text, result);
  }
  return result;
}

/** Go's `FindAllString`: matches from left to right, an empty one not directly behind the match before it; all with a negative limit. */
export function findAll(text: string, pattern: string, limit: bigint): readonly string[] | EvaluationError {
  const known = compilePattern(pattern);
  if (known instanceof EvaluationError) {
    return new EvaluationError(`Illegal regex: ${known.message}`);
  }
  const matcher = known.regex.matcher(text);
  const found: string[] = [];
  let previousEnd = -1;
  while ((limit < 0n || found.length < limit) && matcher.find()) {
    if (matcher.end() > matcher.start() || matcher.start() !== previousEnd) {
      found.push(matcher.group() ?? "");
    }
    previousEnd = matcher.end();
  }
  return found;
}
