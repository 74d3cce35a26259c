import { z } from "zod";
import { describeIssue } from "./issues";
import type { Report } from "./problem";
import { nearestKeys } from "./nearest";
import { formatPath } from "./path";
import { KEYS, REGION_KEY } from "../schema";
import type { Key, RawConfig, ShapedConfig } from "../schema";
import { isSecretKey } from "../secret-keys";

/** What people look for and this stack does not do. A key that is spelled like one of these does something else, and costs money. */
const NOT_HERE: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  {
    pattern: /^(?:existing)?(?:vpc|subnet|(?:private|public)Subnet)(?:Id|Ids|s)?$/i,
    reason: "there is no such key: the stack makes a VPC of its own, and cannot use one that exists",
  },
];

/** Reads every key into its shape. A key with a problem does not keep the others from being read. */
export function shapeConfig(raw: RawConfig, report: Report): ShapedConfig {
  const own = Object.keys(KEYS) as readonly Key[];
  const known = [...own, REGION_KEY];
  for (const key of Object.keys(raw).filter((candidate) => !known.includes(candidate) && !isSecretKey(candidate))) {
    const planned = NOT_HERE.find(({ pattern }) => pattern.test(key));
    const nearest = planned === undefined ? nearestKeys(key, own) : [];
    // Without the value: what stands under a wrong name may be a secret.
    report({ key: formatPath([key]), reason: planned?.reason ?? "there is no such key", nearest });
  }
  const values = own.map((key) => [key, shapeValue(key, KEYS[key], raw, report)]);
  const region = shapeValue(REGION_KEY, { schema: z.string() }, raw, report) as string | undefined;
  return { ...(Object.fromEntries(values) as Omit<ShapedConfig, "region">), region };
}

function shapeValue(
  key: string,
  spec: { readonly default?: unknown; readonly schema: z.ZodType },
  raw: RawConfig,
  report: Report,
): unknown {
  const value = (Object.hasOwn(raw, key) ? raw[key] : undefined) ?? spec.default;
  if (value === undefined) {
    report({ key, reason: "it is not set, and it has no default" });
    return undefined;
  }
  const result = spec.schema.safeParse(value);
  if (result.success) {
    return result.data;
  }
  result.error.issues.flatMap((issue) => describeIssue(key, spec.schema, value, issue)).forEach(report);
  return undefined;
}
