/** Finds passwords in the values of a chart. It returns where they are, never what they are. */
import { UNKNOWN, isRecord } from "../evaluation/snapshot";
import { valueAt } from "../../src/json/value-at";

/** Keys whose value is a secret itself. `existingSecret`, `passwordKey`, `secretName` and the like name one, and end otherwise. */
const SECRET_KEY =
  /(?:password|passwd|passphrase|(?:^|[^a-z])token|api[_-]?key|private[_-]?key|secret[_-]?access[_-]?key|client[_-]?secret|secret[_-]?key|routing_?key|service_key|(?:api|auth)_secret|credentials?)$/i;
/** The same as `camelCaseToken`. */
const CAMEL_CASE_TOKEN = /[a-z]Token$/;
/** A key's name, as values name the keys of a Secret: `admin-password` under `passwordKey`. */
const PRIVATE_KEY_BLOCK = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
/** Addresses that whoever knows them can write to. Source: what these services call incoming webhooks (read 2026-11-28). */
const WEBHOOK =
  /^https:\/\/(?:hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)|discord(?:app)?\.com\/api\/webhooks|[\w.-]+\.webhook\.office\.com|chat\.googleapis\.com\/v1\/spaces)\//i;
const URL_WITH_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]+:[^/\s@]+@/i;

/** Paths of offending values, each starting with a dot or a bracket. */
export function passwordPaths(values: unknown, path = ""): readonly string[] {
  if (Array.isArray(values)) {
    return (values as readonly unknown[]).flatMap((entry, index) => [
      ...environmentPath(entry, `${path}[${index}]`),
      ...passwordPaths(entry, `${path}[${index}]`),
    ]);
  }
  if (isRecord(values)) {
    return Object.entries(values).flatMap(([key, value]) => {
      const place = /^[\w-]+$/.test(key) ? `${path}.${key}` : `${path}["${key}"]`;
      return namesSecret(key) && isValue(value) ? [place] : passwordPaths(value, place);
    });
  }
  return typeof values === "string" && [PRIVATE_KEY_BLOCK, URL_WITH_PASSWORD, WEBHOOK].some((pattern) => pattern.test(values))
    ? [path]
    : [];
}

function namesSecret(key: string): boolean {
  return SECRET_KEY.test(key) || CAMEL_CASE_TOKEN.test(key);
}

/** A string, or a number. An unknown value is usually the output of a generated password. */
function isValue(value: unknown): boolean {
  return value === UNKNOWN || typeof value === "number" || (typeof value === "string" && value !== "");
}

/** An entry of a container's environment: `{name: "DB_PASSWORD", value: ...}`. */
function environmentPath(entry: unknown, path: string): readonly string[] {
  const name = valueAt(entry, "name");
  return typeof name === "string" && namesSecret(name) && isValue(valueAt(entry, "value")) ? [`${path}.value`] : [];
}
