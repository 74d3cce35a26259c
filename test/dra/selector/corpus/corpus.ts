/** The corpus of selectors with what Kubernetes says of them, and where this project knowingly says something else. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compileSelector } from "../../../../src/dra/selector/selector";
import type { SelectorInput } from "../../../../src/dra/types";
import { RULES } from "../../../support/rules";

/** What Kubernetes 1.34.4 says of an expression; see README.md for how these were obtained. */
export interface Judgement {
  readonly expression: string;
  readonly refused?: string;
  readonly cost?: number;
  /** By device: `match`, `noMatch`, or `error: ` and a message. */
  readonly verdicts?: Readonly<Record<string, string>>;
}

export const { devices: DEVICES } = read<{ readonly devices: Readonly<Record<string, SelectorInput>> }>("expressions.json");
/** By group. */
export const JUDGEMENTS = read<Readonly<Record<string, readonly Judgement[]>>>("verdicts.json");

/** The one liberty that is taken: what no device attribute can hold is refused instead of evaluated, and says so. By what the expression is about. */
export const NOT_MODELLED = {
  "IP addresses": /\bip\b|isIP|cidr|isCIDR/,
  URLs: /\burl|isURL/,
  times: /duration|timestamp/,
  "named formats": /format\./,
  "tables of Unicode": /\\\\p|\(\?i\)/i,
  "cel-go's lists": /\.(?:slice|flatten|sort|sortBy|reverse|distinct)\(|lists\.range/,
  messages: /google\.protobuf|kubernetes\.DRADevice/,
} as const;

/** What an expression is about that is refused because it is not modelled; undefined: it is not refused for that. */
export function notModelled(expression: string): keyof typeof NOT_MODELLED | "something else" | undefined {
  const selector = compileSelector(expression, RULES);
  if (selector.type === "selector" || !selector.message.includes("not modelled by this evaluator")) {
    return undefined;
  }
  const [topic] = Object.entries(NOT_MODELLED).find(([, pattern]) => pattern.test(expression)) ?? [];
  return (topic as keyof typeof NOT_MODELLED | undefined) ?? "something else";
}

/** Differences besides. All are on the safe side: Kubernetes accepts the expression, here it is refused. */
export const REFUSED_HERE_ONLY: Readonly<Record<string, string>> = {
  "null < null": "null passes for a duration or timestamp, which have an order",
  "[null].isSorted()": "null passes for a duration or timestamp, which have an order",
  "double('0x1p3') == 8.0": "a hexadecimal floating point number",
  '"%.9999f".format([1.0]) == ""': "more decimals than anybody can mean",
};

/** Expressions that compile, and whose value the evaluator says that it does not know. */
export const NOT_EVALUATED: Readonly<Record<string, string>> = {
  '"%.1e".format([1234.5]) == "1.2e+03"': "Kubernetes takes the precision of %e for a width",
};

/** Whether a refusal is worded otherwise than Kubernetes does: Go's type names in place of CEL's, and a panic that we do not repeat. */
export function isWordedOurWay(expression: string): boolean {
  const selector = compileSelector(expression, RULES);
  return (
    (selector.type === "invalid" && /invalid qualifier type|the API server cannot validate an optional element/.test(selector.message)) ||
    expression === "string(null)" ||
    expression === "authorizer.path('/').check('get').allowed()"
  );
}

function read<T>(file: string): T {
  return JSON.parse(readFileSync(join(__dirname, file), "utf8")) as T;
}
