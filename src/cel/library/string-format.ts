import { EvaluationError, NotModelled, Unknown } from "../values/failures";
import { typeName } from "../values/type-name";
import { CelMap, characters, compareStrings, isList, TypeValue, Uint } from "../values/values";
import type { Value } from "../values/values";
import { formatDouble } from "./conversions";

/** `%` and a letter, with how many decimals where it says so. */
export interface Clause {
  readonly letter: string;
  readonly precision: number | undefined;
}

/** Renders the argument at an index by a clause. Also what the compiler checks literal format strings with: it looks at types instead of values. */
export type Render = (clause: Clause, index: number) => string | EvaluationError;

const MAX_PRECISION = 1000;

/** Walks a format string of cel-go's `string.format`, version 1, and joins its text with what its clauses render. */
export function renderFormat(format: string, argumentCount: number, render: Render): string | EvaluationError {
  let result = "";
  let index = 0;
  let rest = format;
  while (rest !== "") {
    const percent = rest.indexOf("%");
    if (percent < 0) {
      return result + rest;
    }
    result += rest.slice(0, percent);
    rest = rest.slice(percent + 1);
    if (rest.startsWith("%")) {
      result += "%";
      rest = rest.slice(1);
      continue;
    }
    const [clause] = /^(?:\.\d+)?[^]?/.exec(rest) ?? [""];
    const rendered = renderClause(clause, index, argumentCount, render);
    if (rendered instanceof EvaluationError) {
      return rendered;
    }
    result += rendered;
    index++;
    rest = rest.slice(clause.length);
  }
  return result;
}

function renderClause(text: string, index: number, argumentCount: number, render: Render): string | EvaluationError {
  if (text === "") {
    return new EvaluationError("unexpected end of string");
  }
  if (index >= argumentCount) {
    return new EvaluationError(`index ${String(index)} out of range`);
  }
  const letter = text.slice(-1);
  const precision = text.length > 1 ? Number(text.slice(1, -1)) : undefined;
  if (!"sdfebxXo".includes(letter)) {
    return new EvaluationError(`could not parse formatting clause: unrecognized formatting clause "${letter}"`);
  }
  if (precision !== undefined && !(precision <= MAX_PRECISION)) {
    return new EvaluationError("could not parse formatting clause: error while parsing precision");
  }
  const rendered = render({ letter, precision }, index);
  return rendered instanceof EvaluationError ? new EvaluationError(`error during formatting: ${rendered.message}`) : rendered;
}

const COMPLAINTS: Readonly<Record<string, string>> = {
  s: "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps",
  d: "decimal clause can only be used on integers",
  f: "fixed-point clause can only be used on doubles",
  e: "scientific clause can only be used on doubles",
  b: "only integers and bools can be formatted as binary",
  x: "only integers, byte buffers, and strings can be formatted as hex",
  X: "only integers, byte buffers, and strings can be formatted as hex",
  o: "octal clause can only be used on integers",
};

/** That a clause cannot render a value of this type. */
export function wrongArgument(letter: string, given: string): EvaluationError {
  return new EvaluationError(`${COMPLAINTS[letter] ?? ""}, was given ${given}`);
}

/** `format.format(args)`. Numbers come out as for the locale en_US, which is Kubernetes' setting. */
export function formatString(format: string, args: readonly Value[]): Value {
  return renderFormat(format, args.length, (clause, index) => {
    const value = args[index] ?? null;
    return renderValue(clause, value) ?? wrongArgument(clause.letter, typeName(value));
  });
}

/** Beyond this Kubernetes prints other digits than the number has. */
const MAX_DECIMALS = 100;
const TOO_MANY_DECIMALS = new NotModelled(`a number with more than ${String(MAX_DECIMALS)} decimals`);
/** Kubernetes takes it for the least number of characters. */
const SCIENTIFIC_PRECISION = new NotModelled("a precision of %e");

function renderValue({ letter, precision }: Clause, value: Value): string | EvaluationError | undefined {
  const integer = value instanceof Uint ? value.value : typeof value === "bigint" ? value : undefined;
  switch (letter) {
    case "s":
      return plain(value);
    case "d":
      return integer?.toString();
    case "o":
      return integer?.toString(8);
    case "b":
      return typeof value === "boolean" ? String(Number(value)) : integer?.toString(2);
    case "x":
      return hexadecimal(value, integer);
    case "X":
      return hexadecimal(value, integer)?.toUpperCase();
    default: {
      const double = asDouble(value);
      return double === undefined ? undefined : letter === "f" ? fixedPoint(double, precision ?? 6) : scientific(double, precision);
    }
  }
}

function hexadecimal(value: Value, integer: bigint | undefined): string | undefined {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return bytes instanceof Uint8Array ? [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("") : integer?.toString(16);
}

/** A double, or one of the three strings that stand for doubles in JSON. */
function asDouble(value: Value): number | undefined {
  if (typeof value === "number") {
    return value;
  }
  return value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : undefined;
}

/** All digits are those of the number itself, rounded half to even, in groups of three before the point. */
function fixedPoint(value: number, decimals: number): string | EvaluationError {
  if (!Number.isFinite(value)) {
    return nonFinite(value);
  }
  if (decimals > MAX_DECIMALS) {
    return TOO_MANY_DECIMALS;
  }
  const digits = scaledByPowerOfTen(Math.abs(value), decimals)
    .toString()
    .padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals).replace(/(?<=\d)(?=(?:\d{3})+$)/g, ",");
  return `${value < 0 ? "-" : ""}${whole}${decimals === 0 ? "" : `.${digits.slice(-decimals)}`}`;
}

/** `value * 10^decimals`, exactly, rounded half to even. */
function scaledByPowerOfTen(value: number, decimals: number): bigint {
  let fraction = value;
  let denominator = 1n;
  while (!Number.isInteger(fraction)) {
    fraction *= 2;
    denominator *= 2n;
  }
  const numerator = BigInt(fraction) * 10n ** BigInt(decimals);
  const quotient = numerator / denominator;
  const twiceRest = 2n * (numerator % denominator);
  const roundsUp = twiceRest > denominator || (twiceRest === denominator && quotient % 2n === 1n);
  return roundsUp ? quotient + 1n : quotient;
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

function scientific(value: number, precision: number | undefined): string | EvaluationError {
  if (precision !== undefined) {
    return SCIENTIFIC_PRECISION;
  }
  if (!Number.isFinite(value)) {
    return nonFinite(value);
  }
  const [mantissa = "", exponent = ""] = value.toExponential(6).split("e");
  const digits = exponent
    .slice(1)
    .padStart(2, "0")
    .replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)] ?? "");
  return `${mantissa}×10${exponent.startsWith("-") ? "⁻" : ""}${digits}`;
}

function nonFinite(value: number): string {
  return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "-∞";
}

/** `%s`: undefined for what has no text form. */
function plain(value: Value): string | undefined {
  if (value === null || typeof value === "boolean" || typeof value === "bigint") {
    return String(value);
  }
  if (typeof value === "string") {
    return value;
  }
  if (typeof value === "number") {
    return formatDouble(value);
  }
  if (value instanceof Uint) {
    return String(value.value);
  }
  if (value instanceof Uint8Array) {
    return new TextDecoder().decode(value);
  }
  if (value instanceof TypeValue) {
    return value.name;
  }
  if (value instanceof CelMap) {
    return mapText(value);
  }
  return isList(value) ? bracketed("[", value.map(inner), "]") : undefined;
}

function mapText(map: CelMap): string | undefined {
  const keys = map.keys();
  if (keys instanceof Unknown) {
    return undefined;
  }
  const entries = keys.map((key) => {
    const [name, value] = [inner(key), inner(map.find(key) ?? null)];
    return name === undefined || value === undefined ? undefined : `${name}:${value}`;
  });
  return bracketed("{", entries.every((entry) => entry !== undefined) ? entries.sort(compareStrings) : entries, "}");
}

function bracketed(open: string, parts: readonly (string | undefined)[], close: string): string | undefined {
  return parts.every((part) => part !== undefined) ? `${open}${parts.join(", ")}${close}` : undefined;
}

/** Inside lists and maps, strings are quoted and doubles have six decimals. */
function inner(value: Value): string | undefined {
  const text = typeof value === "number" && Number.isFinite(value) ? value.toFixed(6) : plain(value);
  if (text === undefined) {
    return undefined;
  }
  return typeof value === "string" ? quoted(text) : value instanceof Uint8Array ? `b${quoted(text)}` : text;
}

function quoted(text: string): string {
  return `"${characters(text)
    .map((character) => (character === '"' || character === "\\" ? `\\${character}` : character === "\n" ? "\\n" : character))
    .join("")}"`;
}
