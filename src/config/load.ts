import * as pulumi from "@pulumi/pulumi";
import { decodeValue } from "./decode";
import { parseConfig } from "./parse";
import { formatProblems } from "./problem";
import { describeOvercommitment } from "./quotas";
import { KEYS, REGION_KEY } from "./schema";
import type { RawConfig } from "./schema";
import type { StackConfig } from "./types";

/**
 * The configuration of the stack that Pulumi runs; a warning for each tier of which teams are promised more than there is. Keys of other projects and providers are left alone, except `aws:region`.
 * @throws pulumi.RunError with every problem, which ends the program before it has registered a resource and shows no stack trace
 */
export function loadConfig(): StackConfig {
  const result = parseConfig(readRawConfig(pulumi.runtime.allConfig(), pulumi.getProject()));
  if (result.type === "refused") {
    throw new pulumi.RunError(formatProblems(result.problems));
  }
  for (const overcommitment of result.config.overcommitments) {
    void pulumi.log.warn(describeOvercommitment(overcommitment));
  }
  return result.config;
}

/** Pulumi's configuration, in which every value is text, as values by key. */
function readRawConfig(all: Readonly<Record<string, string>>, project: string): RawConfig {
  const prefix = `${project}:`;
  const own = Object.entries(all).filter(([key]) => key.startsWith(prefix));
  const values = own.map(([key, text]) => {
    const name = key.slice(prefix.length);
    return [name, Object.hasOwn(KEYS, name) ? decodeValue(text, KEYS[name as keyof typeof KEYS].type) : text];
  });
  return { ...Object.fromEntries(values), [REGION_KEY]: all[REGION_KEY] };
}
