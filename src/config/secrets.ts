import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "./reading/problem";
import { KEYS } from "./schema";

/**
 * One problem for each key that is stored as a secret, or has one in its list or map. No key takes one: what a key says becomes names, tags and arguments, which
 * stand readable in the state and in AWS, so that a value meant to be hidden would not be. The value itself is not told.
 * @param names of the secret keys: the project's own without their namespace, `aws:region` with it.
 */
export function secretProblems(names: readonly string[]): readonly Problem[] {
  return names.map((name): Problem => {
    const [what, command] = isStructured(name)
      ? ["a value in it is stored as a secret (`secure:` in the stack's file)", `pulumi config set --path '${name}...' VALUE`]
      : ["its value is stored as a secret", `pulumi config set ${name} VALUE`];
    return {
      key: name,
      reason: `${what}. No key takes a secret, because its value would be readable in the state and in AWS. Store it in plain text\n      ${command}`,
    };
  });
}

function isStructured(name: string): boolean {
  return Object.hasOwn(KEYS, name) && ["array", "object"].includes(KEYS[name as keyof typeof KEYS].type);
}

/** Whether a key of the stack that runs, or something in its list or map, is stored encrypted. Pulumi keeps the function out of its type declarations. */
export function isSecret(key: string): boolean {
  return (pulumi.runtime as unknown as { isConfigSecret(key: string): boolean }).isConfigSecret(key);
}
