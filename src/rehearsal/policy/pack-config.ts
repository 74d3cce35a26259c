/** The configuration of a policy pack as `pulumi --policy-pack-config` reads it (pulumi/pulumi pkg/resource/analyzer/config.go). */
import { z } from "zod";
import { isObject } from "../../dra/manifest/fields";
import { nearestNames } from "../../hardware/nearest";

export type EnforcementLevel = "advisory" | "mandatory" | "remediate" | "disabled";

const LEVELS: readonly EnforcementLevel[] = ["advisory", "mandatory", "remediate", "disabled"];

/** What is configured for one policy. */
export interface PolicyConfig {
  readonly enforcementLevel?: EnforcementLevel;
  readonly properties?: Readonly<Record<string, unknown>>;
}

export type PackConfig = Readonly<Record<string, PolicyConfig>>;

/** A policy as the pack describes itself. */
export interface PolicyInfo {
  readonly name: string;
  readonly description: string;
  readonly enforcementLevel: EnforcementLevel;
  /** Property name to JSON schema, and the names that are required; undefined for a policy that takes no configuration. */
  readonly configSchema:
    { readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>; readonly required: readonly string[] } | undefined;
}

/**
 * Reads the text of a policy pack configuration file: policy name (or `all`) to an enforcement level, or to an object with
 * `enforcementLevel` and the policy's own properties.
 * @throws Error naming the entry that is wrong.
 */
export function parsePackConfig(text: string): PackConfig {
  if (text.trim() === "") {
    return {};
  }
  const content: unknown = JSON.parse(text);
  if (!isObject(content)) {
    throw new Error("expected an object of policy names");
  }
  return Object.fromEntries(Object.entries(content).map(([name, value]) => [name, parsePolicyConfig(name, value)]));
}

function parsePolicyConfig(name: string, value: unknown): PolicyConfig {
  if (typeof value === "string") {
    return { enforcementLevel: parseLevel(name, value) };
  }
  if (!isObject(value)) {
    throw new Error(`"${name}": ${JSON.stringify(value)} is not a valid value; must be a string or object`);
  }
  const { enforcementLevel, ...properties } = value;
  return { ...(enforcementLevel === undefined ? {} : { enforcementLevel: parseLevel(name, enforcementLevel) }), properties };
}

function parseLevel(name: string, value: unknown): EnforcementLevel {
  const level = LEVELS.find((known) => known === value);
  if (level === undefined) {
    throw new Error(`"${name}": ${JSON.stringify(value)} is not a valid enforcement level; known: ${LEVELS.join(", ")}`);
  }
  return level;
}

/**
 * Fills in defaults of the policies' schemas, then what the pack itself configures, then what the user does. Names of settings are left to the pack,
 * as by the engine; a policy that the pack does not have is refused here, which the engine leaves to the pack, too.
 * @returns the configuration of every policy, or what is wrong with it, as `policy: property: reason`.
 */
export function reconcile(
  policies: readonly PolicyInfo[],
  initial: PackConfig,
  user: PackConfig,
): { readonly type: "config"; readonly config: PackConfig } | { readonly type: "invalid"; readonly problems: readonly string[] } {
  const defaults = Object.fromEntries(
    policies.map((policy) => [policy.name, { enforcementLevel: policy.enforcementLevel, properties: schemaDefaults(policy) }]),
  );
  const config = apply(apply(defaults, initial), user);
  const unknown = Object.keys(user).filter((name) => name !== "all" && defaults[name] === undefined);
  const problems = [
    ...unknown.map((name) => `${name}: not a policy of this pack; did you mean ${nearestNames(name, Object.keys(defaults)).join(" or ")}?`),
    ...policies.flatMap((policy) => schemaProblems(policy, config[policy.name]?.properties ?? {})),
  ];
  return problems.length > 0 ? { type: "invalid", problems } : { type: "config", config };
}

function schemaDefaults(policy: PolicyInfo): Readonly<Record<string, unknown>> {
  const entries = Object.entries(policy.configSchema?.properties ?? {});
  return Object.fromEntries(entries.flatMap(([name, schema]) => ("default" in schema ? [[name, schema.default]] : [])));
}

function apply(base: PackConfig, change: PackConfig): PackConfig {
  const level = change.all?.enforcementLevel;
  const levelled =
    level === undefined
      ? base
      : Object.fromEntries(Object.entries(base).map(([name, policy]) => [name, { ...policy, enforcementLevel: level }]));
  // The engine hands `all` on as if it were a policy, too.
  const merged = Object.entries(change).map(([name, policy]): [string, PolicyConfig] => [
    name,
    {
      enforcementLevel: policy.enforcementLevel ?? levelled[name]?.enforcementLevel,
      properties: { ...levelled[name]?.properties, ...policy.properties },
    },
  ]);
  return { ...levelled, ...Object.fromEntries(merged) };
}

function schemaProblems(policy: PolicyInfo, properties: Readonly<Record<string, unknown>>): readonly string[] {
  if (policy.configSchema === undefined) {
    return [];
  }
  const schema = z.fromJSONSchema({
    type: "object",
    properties: policy.configSchema.properties,
    required: [...policy.configSchema.required],
  });
  const result = schema.safeParse(properties);
  return result.success
    ? []
    : result.error.issues.map((issue) => `${policy.name}: ${[...issue.path.map(String), issue.message].join(": ")}`);
}
