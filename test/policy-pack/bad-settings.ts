/** Wrong configurations of the pack, made of the schemas of its policies. */
import type { Policies } from "@pulumi/policy";

/** What is wrong, in an entry that the pack has to refuse. */
export interface BadSetting {
  readonly policy: string;
  /** What is written, and what was meant. */
  readonly written: string;
  readonly meant: string;
  /** The entry of the policy. */
  readonly entry: Readonly<Record<string, unknown>>;
}

type Schema = Readonly<Record<string, unknown>>;

/** A slip of the keyboard: two letters in the other order. */
export function mistyped(name: string): string {
  const at = [...name].findIndex((letter, index) => index > 0 && letter !== name[index + 1] && index + 1 < name.length);
  return name.slice(0, at) + name.charAt(at + 1) + name.charAt(at) + name.slice(at + 2);
}

/** A legal value of a setting. */
function legalValue({ enum: choices, type, items, minimum = 0, pattern }: Schema): unknown {
  if (Array.isArray(choices)) return choices[0] as unknown;
  switch (type) {
    case "array":
      return [legalValue(items as Schema)];
    case "integer":
    case "number":
      return Math.max(Number(minimum), 1);
    default:
      return pattern === undefined ? "text" : "20260714";
  }
}

/** Every setting of every policy under a mistyped name, the level among them, which every policy has. */
export function mistypedSettings(policies: Policies): readonly BadSetting[] {
  return policies.flatMap(({ name: policy, configSchema }) => {
    const settings = Object.entries(configSchema?.properties ?? {}).map(([key, schema]) => [key, legalValue(schema as Schema)] as const);
    return [...settings, ["enforcementLevel", "mandatory"] as const].map(([key, value]) => ({
      ...{ policy, written: mistyped(key), meant: key },
      entry: { [mistyped(key)]: value },
    }));
  });
}

/** Values that a schema excludes: of another type, beyond each of its limits. */
function illegalValues(schema: Schema): readonly unknown[] {
  const { type, items, enum: choices, minimum, maximum, exclusiveMinimum, minItems, uniqueItems, pattern } = schema;
  return [
    ...(type === "string" ? [7, ["text"]] : ["text", { what: "ever" }]),
    ...(type === "integer" ? [1.5] : []),
    ...(minimum === undefined ? [] : [Number(minimum) - 1]),
    ...(exclusiveMinimum === undefined ? [] : [exclusiveMinimum]),
    ...(maximum === undefined ? [] : [Number(maximum) + 1]),
    ...(minItems === undefined ? [] : [[]]),
    ...(uniqueItems === true ? [[legalValue(items as Schema), legalValue(items as Schema)]] : []),
    ...(choices === undefined ? [] : [mistyped((choices as string[])[0] ?? "")]),
    ...(pattern === undefined ? [] : ["no such thing"]),
    ...(type === "array" ? illegalValues(items as Schema).map((item) => [item]) : []),
  ];
}

/** Every setting of every policy with values that its schema excludes. */
export function wrongValues(policies: Policies): readonly BadSetting[] {
  return policies.flatMap(({ name: policy, configSchema }) =>
    Object.entries(configSchema?.properties ?? {}).flatMap(([key, schema]) =>
      illegalValues(schema as Schema).map((value) => ({ policy, written: JSON.stringify(value), meant: key, entry: { [key]: value } })),
    ),
  );
}
