/** What an API server removes of a claim before it asks the admission policies. */
import { isObject } from "../../dra/manifest/fields";
import type { DroppedField } from "../../releases/kubernetes";
import type { JsonObject } from "../objects";

/**
 * A ResourceClaim or ResourceClaimTemplate without the fields whose feature gates are off.
 * Source: `DropDisabledFields` in Kubernetes' `pkg/api/resourceclaimspec/util.go`, which the registry's strategies call when they prepare a new object.
 */
export function withoutDropped(object: JsonObject, dropped: readonly DroppedField[]): JsonObject {
  const fields: ReadonlySet<string> = new Set(dropped);
  const spec = (value: unknown): unknown =>
    isObject(value) && isObject(value["spec"]) ? { ...value, spec: spec(value["spec"]) } : change(value, "devices", devices);
  const devices = (value: unknown) => change(change(value, "requests", each(request)), "constraints", each(without));
  const request = (value: unknown) => change(change(without(value), "exactly", without), "firstAvailable", each(without));
  const without = (value: unknown) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).filter(([key]) => !fields.has(key))) : value;
  return change(object, "spec", spec) as JsonObject;
}

/** The same with another value of a field, if it has that field. */
function change(value: unknown, field: string, how: (value: unknown) => unknown): unknown {
  return isObject(value) && field in value ? { ...value, [field]: how(value[field]) } : value;
}

const each = (how: (value: unknown) => unknown) => (value: unknown) => (Array.isArray(value) ? value.map(how) : value);
