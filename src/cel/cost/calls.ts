import type { Expr } from "../syntax/ast";
import { fixed, NOTHING, plus, scaled, times, union } from "./ranges";
import type { Range } from "./ranges";
import { sameType } from "../types/types";
import type { CelType } from "../types/types";

/** A call of one overload, and what its estimate may ask about the arguments. */
export interface CallContext {
  readonly function: string;
  readonly overload: string;
  /** The receiver of a method. */
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
  readonly argCosts: readonly Range[];
  readonly typeOf: (expr: Expr) => CelType | undefined;
  readonly sizeOf: (expr: Expr) => Range;
  /** Size of the elements of a list that is reached from a variable. */
  readonly sizeOfElements: (list: Expr) => Range;
}

export interface CallEstimate {
  readonly cost: Range;
  /** Size of the result, where it follows from the arguments. */
  readonly size?: Range | undefined;
}

/** Per character of a string that is walked through once. */
const TRAVERSAL = 0.1;
/** Per character of a pattern that is applied. */
const PATTERN = 0.25;

type Estimate = (call: CallContext) => CallEstimate | undefined;

/** Cost of a call with its arguments, but without its receiver. */
export function callCost(call: CallContext): CallEstimate {
  const nonStrict = NON_STRICT.get(call.overload);
  if (nonStrict !== undefined) {
    return nonStrict(call);
  }
  const { cost, size } = BY_FUNCTION.get(call.function)?.(call) ?? BY_OVERLOAD.get(call.overload)?.(call) ?? { cost: fixed(1) };
  return { cost: call.argCosts.reduce(plus, cost), size };
}

/** Not all arguments are evaluated. */
const NON_STRICT: ReadonlyMap<string, (call: CallContext) => CallEstimate> = new Map<string, (call: CallContext) => CallEstimate>([
  ["logical_and", shortCircuit],
  ["logical_or", shortCircuit],
  ["conditional", conditional],
]);

function shortCircuit({ argCosts }: CallContext): CallEstimate {
  return { cost: { min: argCosts[0]?.min ?? 0, max: argCosts.reduce(plus, NOTHING).max } };
}

function conditional({ args, argCosts, sizeOf }: CallContext): CallEstimate {
  const [condition = NOTHING, consequent = NOTHING, alternative = NOTHING] = argCosts;
  const [, yes, no] = args;
  return {
    cost: plus(condition, union(consequent, alternative)),
    size: yes === undefined || no === undefined ? undefined : union(sizeOf(yes), sizeOf(no)),
  };
}

/** One walk through the receiver, or through the first argument of a function, whose result is as long. */
const overReceiver =
  (factor: number, { sized }: { readonly sized: boolean }): Estimate =>
  ({ target, sizeOf }) =>
    target && { cost: scaled(sizeOf(target), factor), size: sized ? sizeOf(target) : undefined };

const overArgument =
  (factor: number): Estimate =>
  ({ args: [arg], sizeOf }) =>
    arg && { cost: scaled(sizeOf(arg), factor) };

const constant: Estimate = () => ({ cost: fixed(1) });

/** Kubernetes' estimates (`library/cost.go`), by function name. */
const BY_FUNCTION: ReadonlyMap<string, Estimate> = new Map<string, Estimate>([
  ...["isSorted", "sum", "max", "min", "indexOf", "lastIndexOf"].map((name) => [name, overElements] as const),
  ...["lowerAscii", "upperAscii", "substring", "trim"].map((name) => [name, overReceiver(TRAVERSAL, { sized: true })] as const),
  ["replace", replaced],
  ["split", split],
  ["join", joined],
  ["find", searched],
  ["findAll", searched],
  ...["quantity", "isQuantity", "semver", "isSemver"].map((name) => [name, overArgument(TRAVERSAL)] as const),
  ...[
    "sign",
    "asInteger",
    "isInteger",
    "asApproximateFloat",
    "isGreaterThan",
    "isLessThan",
    "compareTo",
    "add",
    "sub",
    "major",
    "minor",
    "patch",
  ].map((name) => [name, constant] as const),
  ["_==_", equalObjects],
]);

/** cel-go's estimates, by overload. */
const BY_OVERLOAD: ReadonlyMap<string, Estimate> = new Map<string, Estimate>([
  ["list_sets_contains_list", pairs(1)],
  ["list_sets_intersects_list", pairs(1)],
  ["list_sets_equivalent_list", pairs(2)],
  ["string_format", overReceiver(TRAVERSAL, { sized: false })],
  [
    "string_to_bytes",
    ({ args: [text], sizeOf }) => text && { cost: scaled(sizeOf(text), TRAVERSAL), size: times(sizeOf(text), { min: 1, max: 4 }) },
  ],
  ["bytes_to_string", ({ args: [bytes], sizeOf }) => bytes && { cost: scaled(sizeOf(bytes), TRAVERSAL), size: shrunk(sizeOf(bytes)) }],
  ["strings_quote", ({ args: [text], sizeOf }) => text && { cost: scaled(sizeOf(text), TRAVERSAL), size: quoted(sizeOf(text)) }],
  ["starts_with_string", overArgument(TRAVERSAL)],
  ["ends_with_string", overArgument(TRAVERSAL)],
  ["in_list", ({ args: [, list], sizeOf }) => list && { cost: sizeOf(list) }],
  ["matches_string", matched],
  ["contains_string", contained],
  ["add_string", concatenated],
  ["add_bytes", concatenated],
  ["add_list", ({ args: [a, b], sizeOf }) => a && b && { cost: fixed(1), size: plus(sizeOf(a), sizeOf(b)) }],
  ["equals", compared],
  ["not_equals", compared],
  ...["less", "less_equals", "greater", "greater_equals"].flatMap((name) => [
    [`${name}_string`, compared] as const,
    [`${name}_bytes`, compared] as const,
  ]),
]);

function overElements({ target, typeOf, sizeOf, sizeOfElements }: CallContext): CallEstimate | undefined {
  if (target === undefined) {
    return undefined;
  }
  const [element] = typeOf(target)?.parameters ?? [];
  if (element === undefined) {
    return { cost: scaled(sizeOf(target), TRAVERSAL) };
  }
  const isText = element.kind === "string" || element.kind === "bytes";
  return { cost: times(sizeOf(target), isText ? plus(fixed(1), scaled(sizeOfElements(target), TRAVERSAL)) : fixed(1)) };
}

function replaced({ target, args: [old, replacement], sizeOf }: CallContext): CallEstimate | undefined {
  if (target === undefined || old === undefined || replacement === undefined) {
    return undefined;
  }
  const [text, from, to] = [sizeOf(target), sizeOf(old), sizeOf(replacement)];
  const [longest, shortest] = [replacements(text.max, from.min, to.max, from.min), replacements(text.min, from.max, from.max, to.min)];
  return {
    cost: scaled(text, 2 * TRAVERSAL),
    size: plus(times({ min: shortest.count, max: longest.count }, to), { min: shortest.kept, max: longest.kept }),
  };
}

/** How many replacements an extreme result has, and how much of the text stays: an empty `old` is found between all characters. */
function replacements(text: number, old: number, smaller: number, larger: number): { readonly count: number; readonly kept: number } {
  if (old === 0) {
    return { count: text + 1, kept: text };
  }
  return smaller <= larger ? { count: 0, kept: text } : { count: Math.ceil(text / old), kept: 0 };
}

function split({ target, args: [, limit], sizeOf }: CallContext): CallEstimate | undefined {
  if (target === undefined) {
    return undefined;
  }
  const text = sizeOf(target);
  const literal = limit?.kind === "literal" && typeof limit.value === "bigint" ? Number(limit.value) : undefined;
  // A negative limit is taken for a huge one, as conversion to an unsigned number makes it.
  const max = literal === undefined ? text.max : literal < 0 ? Infinity : literal;
  return { cost: scaled(text, 2 * TRAVERSAL), size: { min: 0, max } };
}

function joined({ target, args: [separator], typeOf, sizeOf, sizeOfElements }: CallContext): CallEstimate | undefined {
  if (target === undefined) {
    return undefined;
  }
  const list = sizeOf(target);
  const hasElements = (typeOf(target)?.parameters.length ?? 0) > 0;
  const text = hasElements ? times(list, sizeOfElements(target)) : NOTHING;
  const separators = { min: Math.max(0, list.min - 1), max: Math.max(0, list.max - 1) };
  const size = separator === undefined ? text : plus(text, times(sizeOf(separator), separators));
  return { cost: scaled(size, TRAVERSAL), size };
}

/** One more character than there are, so that an expensive pattern on an empty text has a cost. */
function patternCost(text: Range, pattern: Range): Range {
  return times(scaled(plus(text, fixed(1)), TRAVERSAL), scaled(pattern, PATTERN));
}

function searched({ target, args: [pattern], sizeOf }: CallContext): CallEstimate | undefined {
  return target && pattern && { cost: patternCost(sizeOf(target), sizeOf(pattern)), size: { min: 0, max: sizeOf(target).max } };
}

function matched({ target, args: [pattern], sizeOf }: CallContext): CallEstimate | undefined {
  return target && pattern && { cost: patternCost(sizeOf(target), sizeOf(pattern)) };
}

function contained({ target, args: [part], sizeOf }: CallContext): CallEstimate | undefined {
  return target && part && { cost: times(scaled(sizeOf(target), TRAVERSAL), scaled(sizeOf(part), TRAVERSAL)) };
}

function concatenated({ args: [a, b], sizeOf }: CallContext): CallEstimate | undefined {
  const size = a && b && plus(sizeOf(a), sizeOf(b));
  return size && { cost: scaled(size, TRAVERSAL), size };
}

/** Quantities and versions compare at once, with `==` alone: Kubernetes has no estimate for their `!=`, which makes it too expensive to be admitted. */
function equalObjects({ args: [a, b], typeOf }: CallContext): CallEstimate | undefined {
  const [left, right] = [a && typeOf(a), b && typeOf(b)];
  const isObject = left?.name === "kubernetes.Quantity" || left?.name === "kubernetes.Semver";
  return isObject && right !== undefined && sameType(left, right) ? { cost: fixed(1) } : undefined;
}

/** As far as the shorter one goes. */
function compared({ args: [a, b], sizeOf }: CallContext): CallEstimate | undefined {
  const shorter = a && b && Math.min(sizeOf(a).max, sizeOf(b).max);
  return shorter === undefined ? undefined : { cost: scaled({ min: shorter > 0 ? 1 : 0, max: shorter }, TRAVERSAL) };
}

function pairs(factor: number): Estimate {
  return ({ args: [a, b], sizeOf }) => a && b && { cost: plus(scaled(times(sizeOf(a), sizeOf(b)), factor), fixed(1)) };
}

function shrunk({ min, max }: Range): Range {
  return { min: Math.floor(min / 4), max };
}

/** Twice as long and quoted. Where the length is unknown Kubernetes' unsigned arithmetic overflows to 0. */
function quoted({ min, max }: Range): Range {
  return { min: min + 2, max: max === Infinity ? 0 : 2 * max + 2 };
}
