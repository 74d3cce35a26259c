/** Holds arguments against declarations: what is missing, what is unknown, what is of another kind. */
import { DEFAULTS } from "../../../../src/rehearsal/deployed/differences";
import { UNKNOWN, isWireMap } from "../../../../src/rehearsal/monitor/wire";
import type { WireMap, WireValue } from "../../../../src/rehearsal/monitor/wire";
import type { Fields, Kind } from "../../../../src/rehearsal/stand-ins/declarations";

/** A mistake in the arguments of a resource. */
export interface Failure {
  /** `scalingConfig.desiredSize`. */
  readonly property: string;
  readonly reason: string;
}

/** @param inputs without marks; what is not known yet passes. */
export function checkArguments(inputs: WireMap, fields: Fields, path = ""): readonly Failure[] {
  const missing = [...fields]
    .filter(([name, { required }]) => required && (inputs[name] ?? null) === null)
    .map(([name]) => ({ property: path + name, reason: `the argument "${path + name}" is required and not given` }));
  const given = Object.entries(inputs).filter(([name]) => name !== DEFAULTS);
  const wrong = given.flatMap(([name, value]) => {
    const field = fields.get(name);
    return field === undefined
      ? [{ property: path + name, reason: `there is no argument "${path + name}"` }]
      : checkValue(value, field.kind, path + name);
  });
  return [...missing, ...wrong];
}

function checkValue(value: WireValue, kind: Kind, path: string): readonly Failure[] {
  if (value === null || value === UNKNOWN) {
    return [];
  }
  switch (kind.type) {
    case "any":
      return [];
    case "list":
      return Array.isArray(value)
        ? value.flatMap((item: WireValue, index) => checkValue(item, kind.item, `${path}[${index}]`))
        : [mismatch(path, "a list", value)];
    case "map":
      return isWireMap(value)
        ? Object.entries(value).flatMap(([key, item]) => checkValue(item, kind.item, `${path}.${key}`))
        : [mismatch(path, "a map", value)];
    case "object":
      return isWireMap(value) ? checkArguments(value, kind.fields(), `${path}.`) : [mismatch(path, "an object", value)];
    default:
      return typeof value === kind.type ? [] : [mismatch(path, `a ${kind.type}`, value)];
  }
}

function mismatch(property: string, expected: string, value: WireValue): Failure {
  return { property, reason: `"${property}" must be ${expected}, not ${JSON.stringify(value)}` };
}
