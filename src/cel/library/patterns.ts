import { RE2JS } from "re2js";
import { EvaluationError, NotModelled } from "../values/failures";
import type { Value } from "../values/values";

/** A compiled pattern, with what it said of the texts it saw: devices differ by thousands, their product names by a handful. */
interface Pattern {
  readonly regex: RE2JS;
  readonly instructions: number;
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

/**
 * Patterns whose meaning hangs on tables of Unicode, of which Go and this evaluator have different versions: classes of characters, and letters
 * beyond ASCII in both cases.
 */
const USES_UNICODE_TABLES = /\\[pP]|\(\?[a-zA-Z]*i[^]*(?:[^\0-\x7f]|\\[xX0-7])/;
const BY_UNICODE_TABLES = new NotModelled("a pattern that needs tables of Unicode");

/** Bounds on instructions of a pattern, and on instructions by characters of a text: what keeps an evaluation within milliseconds. */
const MAX_INSTRUCTIONS = 10_000;
const MAX_STEPS = 5_000_000;
const TOO_LARGE = new NotModelled(`a pattern of more than ${String(MAX_INSTRUCTIONS)} instructions`);
const TOO_MANY_STEPS = new NotModelled(`a pattern and a text that need more than ${String(MAX_STEPS)} steps together`);

/** `[...]` with escapes and named classes in it. */
const CLASS = /\[\^?\]?(?:\\[^]|\[:\^?\w+:\]|[^\]\\])*\]/y;
const COUNT = /\{(\d+)(?:,(\d*))?\}/y;

/** About as many instructions as a pattern has: one for each character, class and escape, as often as it is repeated by a count. */
function instructions(pattern: string): number {
  // What is quoted can look like a group. The most that counts can nest is a thousand.
  return pattern.includes("\\Q") ? pattern.length * 1_000 : countInstructions(pattern);
}

function countInstructions(pattern: string): number {
  const groups = [{ total: 0, last: 0 }];
  const add = (size: number) => {
    const group = groups.at(-1);
    if (group !== undefined) {
      group.total += size;
      group.last = size;
    }
  };
  for (let index = 0; index < pattern.length;) {
    CLASS.lastIndex = COUNT.lastIndex = index;
    const count = COUNT.exec(pattern);
    const length = pattern.charAt(index) === "\\" ? 2 : (CLASS.exec(pattern)?.[0].length ?? count?.[0].length ?? 1);
    if (count !== null) {
      const { last = 0 } = groups.at(-1) ?? {};
      add(last * Math.max(0, Number(count[1]) - 1, Number(count[2] ?? 0) - 1));
    } else if (length === 1 && pattern.charAt(index) === "(") {
      groups.push({ total: 0, last: 0 });
    } else if (length === 1 && pattern.charAt(index) === ")" && groups.length > 1) {
      add(groups.pop()?.total ?? 0);
    } else {
      add(1);
    }
    index += length;
  }
  return groups.reduce((sum, { total }) => sum + total, 0);
}

function tryCompile(pattern: string): Pattern | EvaluationError {
  if (USES_UNICODE_TABLES.test(pattern)) {
    return BY_UNICODE_TABLES;
  }
  if (instructions(pattern) > MAX_INSTRUCTIONS) {
    return TOO_LARGE;
  }
  try {
    return { regex: RE2JS.compile(pattern), instructions: instructions(pattern), tested: new Map() };
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
    if (known.instructions * text.length > MAX_STEPS) {
      return TOO_MANY_STEPS;
    }
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
  if (known.instructions * text.length > MAX_STEPS) {
    return TOO_MANY_STEPS;
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
