import * as pulumi from "@pulumi/pulumi";
import { decodeValue } from "./reading/decode";
import { parseConfig } from "./parse";
import { formatProblems } from "./reading/problem";
import { describeOvercommitment } from "./quotas";
import { KEYS, REGION_KEY } from "./schema";
import { isSecretKey } from "./secret-keys";
import { isSecret, secretProblems } from "./secrets";
import type { StoredKey } from "./secrets";
import type { StackConfig } from "./types";

/**
 * The configuration of the stack that Pulumi runs; a warning for each tier of which teams are promised more than there is. Keys of other projects and providers are left alone, except `aws:region` and secrets.
 * @throws pulumi.RunError with every problem, which ends the program before it has registered a resource and shows no stack trace
 */
export function loadConfig(): StackConfig {
  const settings = readSettings(pulumi.runtime.allConfig(), pulumi.getProject());
  const secrets = secretProblems(settings);
  if (secrets.length > 0) {
    // Alone, because other problems quote values.
    throw new pulumi.RunError(formatProblems(secrets));
  }
  const result = parseConfig(Object.fromEntries(settings.map(({ name, value }) => [name, value])));
  if (result.type === "invalid") {
    throw new pulumi.RunError(formatProblems(result.problems));
  }
  for (const overcommitment of result.config.overcommitments) {
    void pulumi.log.warn(describeOvercommitment(overcommitment));
  }
  return result.config;
}

interface Setting extends StoredKey {
  readonly value: unknown;
}

/** Pulumi's configuration, in which every value is text, as values by key. */
function readSettings(all: Readonly<Record<string, string>>, project: string): readonly Setting[] {
  const prefix = `${project}:`;
  return Object.entries(all)
    .filter(([key]) => key.startsWith(prefix) || key === REGION_KEY || isSecretKey(key))
    .map(([key, text]) => {
      const name = key.startsWith(prefix) ? key.slice(prefix.length) : key;
      const value = Object.hasOwn(KEYS, name) ? decodeValue(text, KEYS[name as keyof typeof KEYS].type) : text;
      return { name, value, isSecret: isSecret(key) };
    });
}
