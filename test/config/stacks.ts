import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { decodeValue } from "../../src/config/reading/decode";
import type { RawConfig } from "../../src/config/parse";
import { parseConfig } from "../../src/config/parse";
import { KEYS } from "../../src/config/schema";
import type { StackConfig } from "../../src/config/types";

const ROOT = join(__dirname, "../..");

/** A YAML file of the project. */
export function readYaml(name: string): unknown {
  return parse(readFileSync(join(ROOT, name), "utf8"));
}

/** What Pulumi.dev.yaml says, by key without the project's name. */
export function devStack(): RawConfig {
  const { config } = readYaml("Pulumi.dev.yaml") as { readonly config: RawConfig };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => {
      const name = key.replace(/^shared-gpu:/, "");
      // Numbers and truth values are text in the file, as the CLI writes them.
      return [
        name,
        typeof value === "string" && Object.hasOwn(KEYS, name) ? decodeValue(value, KEYS[name as keyof typeof KEYS].type) : value,
      ];
    }),
  );
}

/** The dev stack with its one open question answered. */
export const STACK: RawConfig = { ...devStack(), apiServerAccess: "private" };

/** A GPU pool that is right in every part. */
export const POOL = { name: "a100", instanceType: "p4d.24xlarge", size: { desired: 1 } };

/** The configuration of a stack that is expected to be legal. */
export function configOf(raw: RawConfig): StackConfig {
  const result = parseConfig(raw);
  if (result.type === "invalid") {
    throw new Error(JSON.stringify(result.problems, undefined, 2));
  }
  return result.config;
}
