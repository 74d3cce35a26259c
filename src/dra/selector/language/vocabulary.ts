/**
 * What selectors of claims may use: the part of CEL that this project can prove it evaluates as Kubernetes does, and that costs kube-scheduler nothing.
 * The checker (`check.ts`) and the pattern of the admission policies (`pattern.ts`) are both made from these tables.
 * The platform's own device classes are not bound by them.
 */

/** What a part of an expression is. An `attribute` is a string, an integer, a boolean or a version: the driver decides. */
export type Kind = "boolean" | "string" | "integer" | "quantity" | "version" | "attribute" | "attributes" | "capacities";

/** Bounds of one selector, and of all selectors of a claim. */
export const LIMITS = {
  /** Of an expression, in bytes. */
  bytes: 1_024,
  /** Of a claim, all requests and alternatives together. */
  selectors: 16,
  /** Of all selectors of a claim together. */
  totalBytes: 2_048,
  /** Brackets inside brackets. */
  nesting: 10,
  /** Regular expressions of a claim: the slowest that a selector can have, per byte. */
  patterns: 4,
  /** Names and literals in one expression. */
  terms: 128,
  /** Of a regular expression, in characters. */
  patternCharacters: 64,
  /** Of a regular expression: what it costs for one device grows with the number of `*`, `+` and `?`. */
  patternRepetitions: 4,
} as const;

export const ORDERINGS = ["<", "<=", ">", ">="] as const;
export const EQUALITIES = ["==", "!="] as const;

/** A method with one argument, or with none. */
export interface Method {
  readonly on: readonly Kind[];
  /** `pattern`: a literal in the grammar of `regular-expression.ts`. */
  readonly argument: "none" | "pattern" | readonly Kind[];
  readonly result: Kind;
}

const TEXT: readonly Kind[] = ["string", "attribute"];
const ORDERED: readonly Kind[] = ["quantity", "version", "attribute"];

/** Every method by name. `orValue` exists behind an optional attribute only (`.?name.orValue(default)`), and is not here. */
export const METHODS: Readonly<Record<string, Method>> = {
  startsWith: { on: TEXT, argument: TEXT, result: "boolean" },
  endsWith: { on: TEXT, argument: TEXT, result: "boolean" },
  contains: { on: TEXT, argument: TEXT, result: "boolean" },
  lowerAscii: { on: TEXT, argument: "none", result: "string" },
  upperAscii: { on: TEXT, argument: "none", result: "string" },
  matches: { on: TEXT, argument: "pattern", result: "boolean" },
  isGreaterThan: { on: ORDERED, argument: ORDERED, result: "boolean" },
  isLessThan: { on: ORDERED, argument: ORDERED, result: "boolean" },
  compareTo: { on: ORDERED, argument: ORDERED, result: "integer" },
};

/** Of a regular expression, as a string literal has it: a character, a bracket or a member of a class. */
const CHARACTER = String.raw`(?:[\w !#%&,/:;<=>@~.\[\]-]|\\\\[.^$*+?()|\[\]/dsw-])`;
const PIECES = String.raw`(?:${CHARACTER}|[()|^$])`;

/**
 * Regular expressions, in RE2 syntax, of what literals and names look like in the source. Strings are printable ASCII on one line;
 * numbers have few enough digits that no implementation rounds, wraps or caps them.
 */
export const FORMS = {
  identifier: String.raw`[A-Za-z_]\w*`,
  /** Domains and names between quotes. */
  key: String.raw`[\w./-]{1,96}`,
  integer: String.raw`-?\d{1,9}`,
  /** What may stand between double quotes, and between single ones. */
  doubleQuoted: String.raw`(?:[ !#-\[\]-~]|\\[\\\x22\x27])*`,
  singleQuoted: String.raw`(?:[ -&(-\[\]-~]|\\[\\\x22\x27])*`,
  quantity: String.raw`(?:\d{1,15}(?:\.\d{1,3})?|\d{1,9}(?:\.\d{1,3})?(?:k|M|G|Ki|Mi|Gi)|\d{1,6}(?:\.\d{1,3})?Ti?)`,
  version: String.raw`(?:(?:0|[1-9]\d{0,5})\.){2}(?:0|[1-9]\d{0,5})`,
  /**
   * The pieces of a regular expression, as a string literal has them, with few repetitions: of one character or class each, or of a group that may be missing.
   * The order of the pieces is checked by `regular-expression.ts`.
   */
  pattern: String.raw`${PIECES}*(?:(?:${CHARACTER}[*+?]|\)\?)${PIECES}*){0,${String(LIMITS.patternRepetitions)}}`,
} as const;

/** How a regular expression begins, wherever the language allows one: to count them, look for this text. */
export const PATTERN_CALL = ".matches(";

/** Functions whose one argument is a literal: the form of the literal, and what the function makes of it. */
export const CONSTRUCTORS = {
  quantity: { form: FORMS.quantity, result: "quantity", example: `quantity("10Gi")` },
  semver: { form: FORMS.version, result: "version", example: `semver("550.0.0")` },
} as const satisfies Readonly<Record<string, { readonly form: string; readonly result: Kind; readonly example: string }>>;

/** What to write instead, by what somebody has tried. */
export const INSTEAD = {
  attribute: `device.attributes["gpu.nvidia.com"].profile == "1g.5gb"`,
  list: `device.attributes["gpu.nvidia.com"].profile in ["1g.5gb", "2g.10gb"]`,
  text: `device.attributes["gpu.nvidia.com"].productName.contains("A100")`,
  pattern: `device.attributes["gpu.nvidia.com"].productName.lowerAscii().matches("^.*a100.*$")`,
  quantity: `device.capacity["gpu.nvidia.com"].memory.compareTo(quantity("10Gi")) >= 0`,
  version: `device.attributes["gpu.nvidia.com"].driverVersion.isGreaterThan(semver("550.0.0"))`,
  presence: `has(device.attributes["gpu.nvidia.com"].profile)`,
  optional: `device.attributes["gpu.nvidia.com"].?profile.orValue("none") == "1g.5gb"`,
  bind: `cel.bind(gpu, device.attributes["gpu.nvidia.com"], gpu.type == "mig" && gpu.profile == "1g.5gb")`,
  driver: `device.driver == "gpu.nvidia.com"`,
} as const;

/** The nearest allowed form for functions and methods that are not allowed; `attribute` for all others. */
export const INSTEAD_OF: Readonly<Record<string, string>> = {
  ...forms(["add", "sub", "sign", "asInteger", "isInteger", "asApproximateFloat", "isQuantity"], INSTEAD.quantity),
  ...forms(["isSemver", "major", "minor", "patch"], INSTEAD.version),
  ...forms(["find", "findAll"], INSTEAD.pattern),
  ...forms(["format", "replace", "split", "substring", "charAt", "indexOf", "lastIndexOf", "trim", "join", "strings.quote"], INSTEAD.text),
  ...forms(
    ["or", "value", "hasValue", "optMap", "optFlatMap", "optional.of", "optional.none", "optional.ofNonZeroValue"],
    INSTEAD.optional,
  ),
  ...forms(["all", "exists", "exists_one", "existsOne", "filter", "map", "size", "transformList", "transformMap"], INSTEAD.presence),
};

function forms(names: readonly string[], instead: string): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, instead]));
}
