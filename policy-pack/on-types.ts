import type { ResourceValidation, ResourceValidationArgs } from "@pulumi/policy";
import { snapshot } from "./snapshot";
import type { Snapshot } from "./snapshot";

/** What a rule finds wrong with a resource: one sentence for each, without a full stop. */
export type Check = (properties: Snapshot, args: ResourceValidationArgs) => readonly string[];

/**
 * A validation for resources of some types, which looks at a snapshot of their properties.
 * Where there is one type, the validation carries it the way the SDK's own `validateResourceOfType` does, and the SDK does not even unpack
 * the properties of other resources.
 */
export function onTypes(types: readonly string[], check: Check): ResourceValidation {
  const validate: ResourceValidation = (args, reportViolation) => {
    if (!types.includes(args.type)) return;
    for (const sentence of check(snapshot(args.props), args)) {
      reportViolation(`${sentence}.`);
    }
  };
  return types.length === 1 ? Object.assign(validate, { __pulumiType: types[0] }) : validate;
}
