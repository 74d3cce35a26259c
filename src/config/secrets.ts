import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "./reading/problem";
import { KEYS } from "./schema";
import { isSecretKey, secretKey } from "./secret-keys";

/** A key of the stack's configuration, as it is stored. */
export interface StoredKey {
  /** The project's own keys without their namespace. */
  readonly name: string;
  readonly isSecret: boolean;
}

/**
 * One problem for each key that is stored as a secret and is none, or has one in its list or map; and for each secret that is stored in plain text.
 * What other keys say becomes names, tags and arguments, which stand readable in the state and in AWS, so that a value meant to be hidden would not be.
 * The value itself is not told.
 */
export function secretProblems(keys: readonly StoredKey[]): readonly Problem[] {
  return keys.flatMap(({ name, isSecret: isStoredAsSecret }) => {
    if (isStoredAsSecret === isSecretKey(name)) {
      return [];
    }
    return [{ key: name, reason: isStoredAsSecret ? hiddenReason(name) : readableReason(name) }];
  });
}

function readableReason(name: string): string {
  return `it is stored in plain text. Replace the secret where it comes from, because others may have read it, and store the new one with\n      pulumi config set --secret ${name}`;
}

function hiddenReason(name: string): string {
  if (name === "monitoring") {
    return `a value in it is stored as a secret (\`secure:\` in the stack's file), and Pulumi does not say which. Store it under a name of its own, and write { secret: NAME } in its place\n      pulumi config set --secret ${secretKey("NAME")}`;
  }
  const [what, command] = isStructured(name)
    ? ["a value in it is stored as a secret (`secure:` in the stack's file)", `pulumi config set --path '${name}...' VALUE`]
    : ["its value is stored as a secret", `pulumi config set ${name} VALUE`];
  return `${what}. This key takes no secret, because its value would be readable in the state and in AWS. Store it in plain text\n      ${command}`;
}

function isStructured(name: string): boolean {
  return Object.hasOwn(KEYS, name) && ["array", "object"].includes(KEYS[name as keyof typeof KEYS].type);
}

/** Whether a key of the stack that runs, or something in its list or map, is stored encrypted. Pulumi keeps the function out of its type declarations. */
export function isSecret(key: string): boolean {
  return (pulumi.runtime as unknown as { isConfigSecret(key: string): boolean }).isConfigSecret(key);
}
