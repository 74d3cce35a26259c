/** Which wildcards an IAM policy document allows. */
import { parseJson } from "../../src/json/parse";
import { UNKNOWN, isRecord, show } from "../evaluation/snapshot";

export type DocumentReading =
  | { readonly type: "document"; readonly statements: readonly Statement[] }
  /** Usually an output of another resource, known only while `pulumi up` runs. */
  | { readonly type: "unknown" }
  | { readonly type: "invalid" };

/** A statement by the lower-case names of its elements: IAM ignores their case. */
export type Statement = Readonly<Record<string, unknown>>;

/** Reads a document given as JSON text or as an object. */
export function readDocument(value: unknown): DocumentReading {
  if (value === UNKNOWN) {
    return { type: "unknown" };
  }
  const document = typeof value === "string" ? parseJson(value) : value;
  if (!isRecord(document) || hasTwins(document)) {
    return { type: "invalid" };
  }
  const { statement } = lowerCase(document);
  if (statement === UNKNOWN) {
    return { type: "unknown" };
  }
  if (list(statement).some(hasTwins)) {
    return { type: "invalid" };
  }
  return { type: "document", statements: list(statement).map((entry) => (isRecord(entry) ? lowerCase(entry) : {})) };
}

/** Whether a document or a statement in it has an element twice in different case: which of them counts, only AWS knows. */
function hasTwins(value: unknown): boolean {
  if (!isRecord(value)) {
    return false;
  }
  const names = Object.keys(value).map((name) => name.toLowerCase());
  return new Set(names).size < names.length;
}

function lowerCase(record: Readonly<Record<string, unknown>>): Statement {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key.toLowerCase(), value]));
}

/** IAM takes a single entry for a list of one. */
export function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) {
    return [];
  }
  return Array.isArray(value) ? (value as readonly unknown[]) : [value];
}

/**
 * What is too wide in a statement: one sentence for each action. A condition makes no difference, because one that is always true looks like any other.
 * It skips what is unknown until `pulumi up`, which checks it.
 * @param isOfNobody whether what an action does is nobody's in particular, so that every resource is as good as one.
 */
export function wildcardProblems(statement: Statement, isOfNobody: (action: string) => boolean): readonly string[] {
  if (String(statement.effect).toLowerCase() === "deny") {
    return [];
  }
  if (statement.notaction !== undefined) {
    return ["NotAction allows every action except those it lists. Use Action"];
  }
  const actions = list(statement.action).filter((action) => typeof action === "string");
  const all = actions.find((action) => isEverything(action));
  if (all !== undefined) {
    return [`Action ${show(all)} allows everything. Name the actions`];
  }
  const everywhere = statement.notresource !== undefined ? "NotResource" : list(statement.resource).find(isEveryResource);
  if (everywhere === undefined) {
    return [];
  }
  const where = everywhere === "NotResource" ? "NotResource" : `Resource ${show(everywhere)}`;
  return actions
    .filter((action) => !isOfNobody(action))
    .map((action) => `Action ${show(action)} is allowed on every resource (${where}). Name the resources`);
}

/** `*`, `**`, `*:*`, `?*:*`: nothing but wildcards. */
function isEverything(action: string): boolean {
  return action.includes("*") && /^[*?:]+$/.test(action);
}

/** The kind of a resource in an ARN: `role/*` is every role there is. Only names of S3 have none. */
const KIND = /^[A-Za-z-]+[/:]/;

/** `*`, or an ARN that names none of its service's resources: `arn:aws:*`, `arn:aws:s3:::*`, `arn:aws:iam::123456789012:role/*`. */
function isEveryResource(resource: unknown): boolean {
  if (typeof resource !== "string") {
    return false;
  }
  if (/^[*?]+$/.test(resource)) {
    return resource.includes("*");
  }
  const [arn, , service, , , ...rest] = resource.split(":");
  if (arn !== "arn") {
    return false;
  }
  const name = rest.length > 0 ? rest.join(":") : String(resource.split(":").at(-1));
  const own = service === "s3" ? name : name.replace(KIND, "");
  return own.includes("*") && /^[*?/:]+$/.test(own);
}

/** Whether an IAM pattern (`*`: any text, `?`: any letter) matches a text. */
export function matches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === "*") {
      star = p++;
      resume = t;
    } else if (pattern[p] === "?" || pattern[p] === text[t]) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") {
    p++;
  }
  return p === pattern.length;
}
