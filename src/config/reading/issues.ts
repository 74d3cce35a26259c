import type { z } from "zod";
import { nearestKeys, nearestValues } from "./nearest";
import { formatPath, valueAt } from "./path";
import type { Problem } from "./problem";

type Issue = z.core.$ZodIssue;
type Schema = z.core.$ZodType;

/** What zod says of a value of the wrong shape, in this project's words. `root` is the value of the whole key. */
export function describeIssue(key: string, schema: Schema, root: unknown, issue: Issue): readonly Problem[] {
  const at = formatPath([key, ...issue.path]);
  const value = valueAt(root, issue.path);
  // Where a key takes secrets, a map or a list in a wrong place may have one, and text in the place of a map or a list may be one.
  const isHidden = takesSecrets(schema) && (typeof value === "object" || (typeof value === "string" && !expectsScalar(issue)));
  const shown = isHidden ? {} : { value };
  switch (issue.code) {
    case "unrecognized_keys": {
      const legal = keysAt(schema, root, issue.path);
      // What stands under a wrong name may be a secret, so it is not shown.
      return issue.keys.map((name) => ({
        key: formatPath([key, ...issue.path, name]),
        reason: `there is no such key here; the keys are ${legal.join(", ")}`,
        nearest: nearestKeys(
          name,
          legal.filter((candidate) => candidate !== name),
        ),
      }));
    }
    case "invalid_union": {
      const alternative = fittingAlternative(issue);
      return alternative === undefined
        ? [{ key: at, ...shown, ...withNote(expectation(value, unionExpectations(issue)), issue.message) }]
        : alternative.flatMap((inner) => describeIssue(key, schema, root, { ...inner, path: [...issue.path, ...inner.path] }));
    }
    case "invalid_type":
    case "invalid_value":
      return [{ key: at, ...shown, ...expectation(value, expectations(issue)) }];
    case "too_small":
      return [{ key: at, value, ...limit(value, "at least", issue.minimum) }];
    case "too_big":
      return [{ key: at, value, ...limit(value, "at most", issue.maximum) }];
    case "custom":
      // Only secrets have a check of their own: what somebody wrote there may be the secret itself.
      return [{ key: at, reason: issue.message }];
    default:
      return [{ key: at, value, reason: issue.message }];
  }
}

/** What would be legal in a place: kinds of value in words, and values. */
interface Expectations {
  readonly kinds: readonly string[];
  readonly values: readonly string[];
  /** Whether the values say which of several maps this is (`type: onDemand`). Another one means something else, and can cost something else. */
  readonly areKinds?: boolean;
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a string",
  number: "an integer",
  int: "an integer",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
};

function expectations(issue: Issue): Expectations {
  switch (issue.code) {
    case "invalid_type":
      return { kinds: [KINDS[issue.expected] ?? issue.expected], values: [] };
    case "invalid_value":
      return { kinds: [], values: issue.values.map(String) };
    default:
      return { kinds: [], values: [] };
  }
}

function unionExpectations(issue: z.core.$ZodIssueInvalidUnion): Expectations {
  if (issue.errors.length === 0) {
    return { kinds: [], values: "options" in issue && Array.isArray(issue.options) ? issue.options.map(String) : [], areKinds: true };
  }
  const all = issue.errors.flat().map(expectations);
  return { kinds: all.flatMap(({ kinds }) => kinds), values: all.flatMap(({ values }) => values) };
}

function expectation(value: unknown, { kinds, values, areKinds = false }: Expectations): Pick<Problem, "reason" | "nearest"> {
  const legal = [...kinds, ...values.map((candidate) => `"${candidate}"`)].join(" or ");
  if (value === undefined) {
    return { reason: `it is not set, and it has no default; expected ${legal}` };
  }
  const unquoted = kinds.includes(KINDS.string ?? "") && (typeof value === "number" || typeof value === "boolean");
  return {
    reason: `expected ${legal}${unquoted ? " (write it in quotes)" : ""}`,
    nearest: typeof value === "string" ? (areKinds ? nearestKeys : nearestValues)(value, values) : [],
  };
}

/** What the schema says besides, of a union with a message of its own. */
function withNote(found: Pick<Problem, "reason" | "nearest">, message: string): Pick<Problem, "reason" | "nearest"> {
  return DEFAULT_MESSAGE.test(message) ? found : { ...found, reason: `${found.reason}. ${message}` };
}

/** Of zod, where the schema has none. */
const DEFAULT_MESSAGE = /^Invalid (?:input|discriminator value)/;

function limit(value: unknown, bound: "at least" | "at most", size: number | bigint): Pick<Problem, "reason" | "nearest"> {
  if (typeof value === "number") {
    return { reason: `it must be ${bound} ${size}`, nearest: [String(size)] };
  }
  const unit = typeof value === "string" ? "characters" : "entries";
  return { reason: bound === "at least" && Number(size) === 1 ? "it must not be empty" : `it must have ${bound} ${size} ${unit}` };
}

/** The alternatives of every union in the schema differ in kind (text or map, "all" or list): the one whose kind fits is the one that was meant. */
function fittingAlternative(issue: z.core.$ZodIssueInvalidUnion): readonly Issue[] | undefined {
  return issue.errors.find(
    (issues) => !issues.some(({ code, path }) => path.length === 0 && (code === "invalid_type" || code === "invalid_value")),
  );
}

/** The legal keys of the map at a path of the schema: of the alternative that the map says it is, over all alternatives where it does not say. */
function keysAt(schema: Schema, root: unknown, path: readonly PropertyKey[]): readonly string[] {
  const places = path.reduce<readonly Schema[]>(
    (schemas, segment) => schemas.flatMap(unwrap).flatMap((place) => step(place, segment)),
    [schema],
  );
  const alternatives = places.flatMap(unwrap);
  const type = valueAt(root, [...path, "type"]);
  const meant = alternatives.filter((place) => isOfType(place, type));
  return [...new Set((meant.length > 0 ? meant : alternatives).flatMap((place) => Object.keys(shapeOf(place))))];
}

/** Whether a schema has a place for the name of a secret, at any depth. */
function takesSecrets(schema: Schema): boolean {
  return unwrap(schema).some((place) => {
    const { def } = (place as z.core.$ZodTypes)._zod;
    return def.type === "custom" || Object.values(shapeOf(place)).some(takesSecrets) || (def.type === "array" && takesSecrets(def.element));
  });
}

/** Whether the place of an issue is one for text or for a number, none of which is a secret. */
function expectsScalar(issue: Issue): boolean {
  switch (issue.code) {
    case "invalid_type":
      return !["array", "object", "record"].includes(issue.expected);
    case "invalid_union":
      // Of several maps, the one that the text says.
      return issue.errors.length === 0 && issue.path.at(-1) === "type";
    default:
      return true;
  }
}

function isOfType(schema: Schema, type: unknown): boolean {
  const own = shapeOf(schema)["type"];
  const def = own === undefined ? undefined : (own as z.core.$ZodTypes)._zod.def;
  return def?.type === "literal" && def.values.some((value) => value === type);
}

/** The schemas behind defaults, options and unions. */
function unwrap(schema: Schema): readonly Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "optional":
    case "default":
    case "prefault":
      return unwrap(def.innerType);
    case "union":
      return def.options.flatMap(unwrap);
    default:
      return [schema];
  }
}

function step(schema: Schema, segment: PropertyKey): readonly Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === "array") {
    return [def.element];
  }
  const next = shapeOf(schema)[String(segment)];
  return next === undefined ? [] : [next];
}

function shapeOf(schema: Schema): Readonly<Record<string, Schema>> {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return def.type === "object" ? def.shape : {};
}
