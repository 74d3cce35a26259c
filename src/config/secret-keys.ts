/** Secrets are keys of a namespace of their own (`secrets:slack`), so that Pulumi says of each whether it is encrypted. Of a value inside a map it does not. */
const NAMESPACE = "secrets";

/** The full key of a secret. */
export function secretKey(name: string): string {
  return `${NAMESPACE}:${name}`;
}

export function isSecretKey(key: string): boolean {
  return key.startsWith(secretKey(""));
}
