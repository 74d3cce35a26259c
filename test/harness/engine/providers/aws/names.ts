/** Names that the provider makes up (pulumi-terraform-bridge pkg/tfbridge/names.go, and pulumi-aws for node groups). */
import { runtime } from "@pulumi/pulumi";
import { hex } from "../../../../../src/rehearsal/stand-ins/account";
import { UNKNOWN, asMap, isWireMap } from "../../../../../src/rehearsal/monitor/wire";
import type { WireMap, WireValue } from "../../../../../src/rehearsal/monitor/wire";
import { DEFAULTS } from "../../../../../src/rehearsal/deployed/differences";
import type { Fields } from "../../../../../src/rehearsal/stand-ins/declarations";
import { longestName } from "./limits";
import type { CheckedResource } from "../managed";

/** Random digits at the end of a name. */
const DIGITS = 7;

/** The argument that the provider fills in where nobody gives it; undefined for a type without one. */
export function nameArgument(type: string, fields: Fields): string | undefined {
  const argument = type === "aws:eks/nodeGroup:NodeGroup" ? "nodeGroupName" : "name";
  return fields.get(argument)?.kind.type === "string" ? argument : undefined;
}

/**
 * The name to fill in: the one that the resource has already, or a new one. Undefined where nothing is to be filled in.
 * @throws Error for a name of the program that leaves no room for the digits: the provider cuts nothing off.
 */
export function madeUpName(argument: string, { type, name, olds, news, seed, proposedName }: CheckedResource): string | undefined {
  if (isGiven(news[argument]) || isGiven(news[`${argument}Prefix`])) {
    return undefined;
  }
  const old = olds[argument];
  if (typeof old === "string" && old !== UNKNOWN && wasMadeUp(olds, argument)) {
    return old;
  }
  const [made, longest] = [proposedName ?? `${name}-${hex(seed, DIGITS)}`, longestName(type, argument)];
  if (made.length > longest) {
    throw new Error(
      `could not make instance of '${type}': name '${name}-' plus ${DIGITS} random chars is longer than maximum length ${longest}`,
    );
  }
  return made;
}

/** Whether the provider, and not the program, chose the value of an argument. */
export function wasMadeUp(inputs: WireMap, argument: string): boolean {
  const defaults = inputs[DEFAULTS];
  return Array.isArray(defaults) && defaults.includes(argument);
}

function isGiven(value: WireValue | undefined): boolean {
  return value !== undefined && value !== null;
}

/** The inputs with lists of what was filled in, at the top and (empty ones) in every object below, as the real provider has them. */
export function withDefaults(inputs: WireMap, filled: readonly string[], fields: Fields): WireMap {
  const entries = Object.entries(inputs).map(([key, value]): [string, WireValue] => {
    const kind = fields.get(key)?.kind;
    if (kind?.type === "object" && isObject(value)) {
      return [key, withDefaults(asMap(value), [], kind.fields())];
    }
    if (kind?.type === "list" && kind.item.type === "object" && Array.isArray(value)) {
      const itemFields = kind.item.fields();
      return [key, value.map((item: WireValue) => (isObject(item) ? withDefaults(asMap(item), [], itemFields) : item))];
    }
    return [key, value];
  });
  return { ...Object.fromEntries(entries), [DEFAULTS]: filled };
}

/** Secrets are left as they are. */
function isObject(value: WireValue): boolean {
  return isWireMap(value) && value[runtime.specialSigKey] === undefined;
}
