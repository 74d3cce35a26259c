/** The values of secrets that the configuration names. */
import { nearestValues } from "./reading/nearest";
import type { Report } from "./reading/problem";
import type { RawConfig } from "./schema";
import { isSecretKey, secretKey } from "./secret-keys";
import type { SecretValue } from "./types";

/** What a secret has to be: an address, or what a program sends as it stands. */
export type SecretKind = "address" | "text";

/** The value of a named secret. No problem shows a value. @param at path of the key that names it. */
export function resolveSecret(raw: RawConfig, at: string, name: string, kind: SecretKind, report: Report): SecretValue | undefined {
  const key = secretKey(name);
  const value = Object.hasOwn(raw, key) ? raw[key] : undefined;
  if (typeof value !== "string") {
    const names = Object.keys(raw)
      .filter(isSecretKey)
      .map((candidate) => candidate.slice(secretKey("").length));
    // Without the name, which can be the secret itself.
    report({
      key: `${at}.secret`,
      reason: `no secret has this name. Store it with \`pulumi config set --secret ${secretKey("NAME")}\``,
      nearest: nearestValues(name, names),
    });
    return undefined;
  }
  const reason = kind === "address" ? addressProblem(value) : textProblem(value);
  if (reason !== undefined) {
    report({ key, reason: `${reason}. Store it again with \`pulumi config set --secret ${key}\`` });
    return undefined;
  }
  return { name, value };
}

function textProblem(value: string): string | undefined {
  return /^[\x21-\x7e]+$/.test(value) ? undefined : "its value is empty, or has spaces or characters that are not ASCII";
}

/** Inside the cluster, Services have no certificates. */
function addressProblem(value: string): string | undefined {
  const url = textProblem(value) === undefined && URL.canParse(value) ? new URL(value) : undefined;
  const isInside = url?.protocol === "http:" && /\.svc(\.cluster\.local)?$/.test(url.hostname);
  return url?.protocol === "https:" || isInside
    ? undefined
    : "its value is no https address, nor the http address of a Service of the cluster (http://NAME.NAMESPACE.svc/...)";
}
