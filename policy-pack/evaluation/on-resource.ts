import type { ResourceValidation, ResourceValidationArgs } from "@pulumi/policy";
import { report } from "./findings";
import type { Finding } from "./findings";
import { snapshot } from "./snapshot";
import type { Snapshot } from "./snapshot";
import { registersNoInputs } from "./urn";

/** A resource as rules see it: its properties, and its provider's, are snapshots. */
export interface Resource extends Pick<ResourceValidationArgs, "type" | "urn" | "getConfig"> {
  readonly props: Snapshot;
  readonly provider: { readonly props: Snapshot } | undefined;
}

/** What a rule finds on a resource. */
export type Check = (properties: Snapshot, resource: Resource) => readonly Finding[];

/**
 * A validation for resources of some types.
 * Where there is one type, the validation carries it the way the SDK's own `validateResourceOfType` does, and the SDK does not even unpack
 * the properties of other resources.
 */
export function onTypes(types: readonly string[], check: Check): ResourceValidation {
  const validate = onResources((type) => types.includes(type), check);
  return types.length === 1 ? Object.assign(validate, { __pulumiType: types[0] }) : validate;
}

/** A validation for Kubernetes objects of every kind. */
export function onKubernetes(check: (resource: Resource) => readonly Finding[]): ResourceValidation {
  return onResources(
    (type) => type.startsWith("kubernetes:"),
    (_, resource) => check(resource),
  );
}

const JUDGED_AGAIN = "`pulumi up` checks it before it makes the resource";

function onResources(isMeant: (type: string) => boolean, check: Check): ResourceValidation {
  return (args, reportViolation) => {
    const { type, urn, provider } = args;
    if (!isMeant(type) || registersNoInputs(type, args.props)) return;
    const unknown: string[] = [];
    const props = snapshot(args.props, (path) => unknown.push(path));
    const ofProvider = provider && { props: snapshot(provider.props, (path) => unknown.push(`${path} of its provider`)) };
    const resource: Resource = { type, urn, props, provider: ofProvider, getConfig: () => args.getConfig() };
    report(check(props, resource), { urn, unknown, judgedAgain: JUDGED_AGAIN }, reportViolation);
  };
}
