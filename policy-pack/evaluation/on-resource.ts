/** Validations of single resources. */
import type { ResourceValidation, ResourceValidationArgs } from "@pulumi/policy";
import { report } from "./findings";
import type { Finding } from "./findings";
import type { PropertiesOf } from "./properties";
import { readProperties } from "./shared-properties";
import type { Snapshot } from "./snapshot";
import { registersNoInputs } from "./urn";

/** A resource as rules see it: its properties, and its provider's, are snapshots. */
export interface Resource extends Pick<ResourceValidationArgs, "type" | "urn" | "getConfig"> {
  readonly props: Snapshot;
  readonly provider: { readonly props: Snapshot } | undefined;
}

/** A rule for resources of some types. */
export interface TypedRule {
  readonly types: readonly string[];
  readonly check: (resource: Resource) => readonly Finding[];
}

/**
 * A rule for resources of one or several types, with typed properties: `onType<VolumeArgs>("aws:ebs/volume:Volume", (volume) => ...)`.
 * @typeParam Args the arguments of the resource in its SDK. For several types, a union: the rule reads what they have in common.
 */
export function onType<Args>(
  types: string | readonly string[],
  check: (properties: PropertiesOf<Args>, resource: Resource) => readonly Finding[],
): TypedRule {
  return {
    types: typeof types === "string" ? [types] : types,
    // The type token is the only link between a registered resource and the arguments of its SDK.
    check: (resource) => check(resource.props as PropertiesOf<Args>, resource),
  };
}

/**
 * The validation of a policy that has a rule for each type that it looks at.
 * If there is one type, the validation carries it the way the SDK's own `validateResourceOfType` does, and the SDK does not unpack the properties
 * of other resources.
 */
export function onResources(...rules: readonly TypedRule[]): ResourceValidation {
  const byType = new Map(rules.flatMap(({ types, check }) => types.map((type) => [type, check] as const)));
  const validate = validation((type) => byType.get(type));
  const [onlyType, ...otherTypes] = byType.keys();
  return otherTypes.length === 0 ? Object.assign(validate, { __pulumiType: onlyType }) : validate;
}

/** A validation for every resource. */
export function onEveryResource(check: TypedRule["check"]): ResourceValidation {
  return validation(() => check);
}

/** A validation for Kubernetes objects of every kind. */
export function onKubernetes(check: TypedRule["check"]): ResourceValidation {
  return validation((type) => (type.startsWith("kubernetes:") ? check : undefined));
}

const CHECKED_AGAIN = "`pulumi up` checks it before it makes the resource";

function validation(ruleFor: (type: string) => TypedRule["check"] | undefined): ResourceValidation {
  return (args, reportViolation) => {
    const { type, urn, provider } = args;
    const check = ruleFor(type);
    if (check === undefined) {
      return;
    }
    const unknown: string[] = [];
    const props = readProperties(args.props, (path) => unknown.push(path));
    if (registersNoInputs(type, props)) {
      return;
    }
    const ofProvider = provider && {
      // Few rules read them.
      get props() {
        return readProperties(provider.props, (path) => unknown.push(`${path} of its provider`));
      },
    };
    const resource: Resource = { type, urn, props, provider: ofProvider, getConfig: () => args.getConfig() };
    report(check(resource), { urn, unknown, checkedAgain: CHECKED_AGAIN }, reportViolation);
  };
}
