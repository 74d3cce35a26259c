/** Checks the settings that the engine sends against what the policies declare. */
import type { Policies, Policy } from "@pulumi/policy";
import { nearestNames } from "../../src/hardware/nearest";
import { isRecord } from "../evaluation/snapshot";

/** Settings by the name of their policy. */
export type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** An entry for every policy. It sets levels only: the engine passes its other settings to no policy. */
const ALL = "all";
/** Is next to the settings of a policy in the file. The engine removes it. */
const LEVEL = "enforcementLevel";

type Schema = Readonly<Record<string, unknown>>;

/**
 * Names that no policy has: of policies, of settings, and of fields inside settings. The engine checks the values of the settings that a policy
 * declares and ignores every other name (pulumi/pulumi pkg/resource/analyzer/config.go). Without this check a mistyped setting leaves its policy at
 * the default, and a mistyped policy has no effect.
 * @returns one line for each, with the nearest legal name, in alphabetical order: the engine sends settings in no order.
 */
export function unknownNames(policies: Policies, settings: Settings): readonly string[] {
  const names = policies.map(({ name }) => name);
  const problems = Object.entries(settings).flatMap(([name, values]) => {
    if (name === ALL) {
      return Object.keys(values).map((key) => `${ALL}: ${key}: not a setting; "${ALL}" takes an ${LEVEL} only`);
    }
    const policy = policies.find((candidate) => candidate.name === name);
    return policy === undefined ? [`${name}: not a policy of this pack; did you mean ${nearest(name, names)}?`] : ofPolicy(policy, values);
  });
  return problems.sort();
}

function ofPolicy({ name, configSchema }: Policy, values: Schema): readonly string[] {
  if (configSchema === undefined) {
    return Object.keys(values).map((key) => `${name}: ${key}: not a setting; this policy takes an ${LEVEL} only`);
  }
  return unknownKeys({ properties: configSchema.properties }, values, name, [LEVEL]);
}

/** Keys of a value that its schema does not declare, at any depth. @param others legal keys in addition to those of the schema. */
function unknownKeys(schema: unknown, value: unknown, path: string, others: readonly string[] = []): readonly string[] {
  if (!isRecord(schema)) {
    return [];
  }
  if (Array.isArray(value)) {
    return (value as readonly unknown[]).flatMap((item, index) => unknownKeys(schema["items"], item, `${path}[${String(index)}]`));
  }
  const { properties } = schema;
  if (!isRecord(value) || !isRecord(properties)) {
    return [];
  }
  const legal = [...Object.keys(properties), ...others];
  return Object.entries(value).flatMap(([key, inner]) =>
    Object.hasOwn(properties, key)
      ? unknownKeys(properties[key], inner, `${path}: ${key}`)
      : [`${path}: ${key}: not a setting; did you mean ${nearest(key, legal)}?`],
  );
}

function nearest(name: string, names: readonly string[]): string {
  return nearestNames(name, names).join(" or ");
}
