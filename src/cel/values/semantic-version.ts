import { EvaluationError } from "./failures";
import { CelObject } from "./values";

/** A semantic version 2.0.0. Build metadata is checked and then ignored, since nothing compares it. */
export class SemanticVersion extends CelObject {
  constructor(
    readonly major: bigint,
    readonly minor: bigint,
    readonly patch: bigint,
    /** Numeric identifiers as bigint. */
    readonly prerelease: readonly (bigint | string)[],
  ) {
    super();
  }

  override get typeName(): string {
    return "kubernetes.Semver";
  }

  compare(other: SemanticVersion): number {
    return (
      order(this.major, other.major) ||
      order(this.minor, other.minor) ||
      order(this.patch, other.patch) ||
      comparePrerelease(this.prerelease, other.prerelease)
    );
  }
}

/** A version without prerelease is later than one with; numbers come before names; a longer list is later. */
function comparePrerelease(a: readonly (bigint | string)[], b: readonly (bigint | string)[]): number {
  if (a.length === 0 || b.length === 0) {
    return order(b.length, a.length);
  }
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const left = a[index] ?? "";
    const right = b[index] ?? "";
    const difference = typeof left === typeof right ? order(left, right) : typeof left === "bigint" ? -1 : 1;
    if (difference !== 0) {
      return difference;
    }
  }
  return order(a.length, b.length);
}

function order<T extends bigint | number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const IDENTIFIERS = /^[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*$/;
const NUMBER = /^\d+$/;
const MAX_UINT64 = 2n ** 64n - 1n;

/** Versions recur on every device; what was parsed is kept, up to a bound. */
const parsed = new Map<string, SemanticVersion>();
const MAX_PARSED = 10_000;

/** `semver(text)`, and how the API reads version attributes: as github.com/blang/semver v4 does, without leading zeros or a leading `v`. */
export function parseSemanticVersion(text: string): SemanticVersion | EvaluationError {
  const known = parsed.get(text);
  if (known !== undefined) {
    return known;
  }
  const version = parse(text);
  if (version instanceof SemanticVersion) {
    if (parsed.size >= MAX_PARSED) {
      parsed.clear();
    }
    parsed.set(text, version);
  }
  return version;
}

/** `semver(text, true)`: a leading `v` goes, missing minor and patch numbers are 0, leading zeros go. */
export function parseNormalizedVersion(text: string): SemanticVersion | EvaluationError {
  const [major = "", minor, ...rest] = text.replace(/^v/, "").split(".");
  const parts = [major, minor, rest.length > 0 ? rest.join(".") : undefined].filter((part) => part !== undefined).map(withoutLeadingZeros);
  if (parts.length < 3 && /[+-]/.test(parts.at(-1) ?? "")) {
    return new EvaluationError("short version cannot contain PreRelease/Build meta data");
  }
  return parseSemanticVersion([...parts, "0", "0"].slice(0, 3).join("."));
}

function withoutLeadingZeros(part: string): string {
  if (part.length <= 1) {
    return part;
  }
  const stripped = part.replace(/^0+/, "");
  return /^\d/.test(stripped) ? stripped : `0${stripped}`;
}

function parse(text: string): SemanticVersion | EvaluationError {
  if (text === "") {
    return new EvaluationError("Version string empty");
  }
  const [major, minor, ...rest] = text.split(".");
  if (major === undefined || minor === undefined || rest.length === 0) {
    return new EvaluationError("No Major.Minor.Patch elements found");
  }
  const [beforeBuild = "", ...build] = rest.join(".").split("+");
  const dash = beforeBuild.indexOf("-");
  const patch = dash < 0 ? beforeBuild : beforeBuild.slice(0, dash);
  const prerelease = dash < 0 ? undefined : beforeBuild.slice(dash + 1);

  const numbers = [];
  for (const [name, digits] of [["major", major] as const, ["minor", minor] as const, ["patch", patch] as const]) {
    const number = parseNumber(digits, name);
    if (number instanceof EvaluationError) {
      return number;
    }
    numbers.push(number);
  }
  const identifiers = parsePrerelease(prerelease);
  if (identifiers instanceof EvaluationError) {
    return identifiers;
  }
  if (build.length > 0 && !IDENTIFIERS.test(build.join("+"))) {
    return new EvaluationError(`Invalid character(s) found in build meta data "${build.join("+")}"`);
  }
  const [majorNumber = 0n, minorNumber = 0n, patchNumber = 0n] = numbers;
  return new SemanticVersion(majorNumber, minorNumber, patchNumber, identifiers);
}

/** Like the original, an empty number is a syntax error of Go's number parser rather than a wrong character. */
function parseNumber(digits: string, name: string): bigint | EvaluationError {
  if (!/^\d*$/.test(digits)) {
    return new EvaluationError(`Invalid character(s) found in ${name} number "${digits}"`);
  }
  if (digits.length > 1 && digits.startsWith("0")) {
    return new EvaluationError(`${name.charAt(0).toUpperCase()}${name.slice(1)} number must not contain leading zeroes "${digits}"`);
  }
  if (digits === "") {
    return new EvaluationError(`strconv.ParseUint: parsing "": invalid syntax`);
  }
  const value = BigInt(digits);
  return value > MAX_UINT64 ? new EvaluationError(`strconv.ParseUint: parsing "${digits}": value out of range`) : value;
}

function parsePrerelease(prerelease: string | undefined): readonly (bigint | string)[] | EvaluationError {
  if (prerelease === undefined) {
    return [];
  }
  const identifiers: (bigint | string)[] = [];
  for (const identifier of prerelease.split(".")) {
    if (!IDENTIFIERS.test(identifier)) {
      return new EvaluationError(identifier === "" ? "Prerelease is empty" : `Invalid character(s) found in prerelease "${identifier}"`);
    }
    if (NUMBER.test(identifier) && identifier.length > 1 && identifier.startsWith("0")) {
      return new EvaluationError(`Numeric PreRelease version must not contain leading zeroes "${identifier}"`);
    }
    identifiers.push(NUMBER.test(identifier) ? BigInt(identifier) : identifier);
  }
  return identifiers;
}
