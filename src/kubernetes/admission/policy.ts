/** The parts that every admission policy is made of: a ValidatingAdmissionPolicy and its binding. */
import type { ValidatingAdmissionPolicyArgs, ValidatingAdmissionPolicyBindingArgs } from "@pulumi/kubernetes/admissionregistration/v1";
import { NAMESPACE_NAME_LABEL, TEAM_LABEL } from "../../well-known/labels";

/** One rule: a CEL expression that holds for what is admitted, and what the author of everything else is told. */
export interface Check {
  readonly expression: string;
  /** Says what to use instead; an API server shows it as it stands. */
  readonly message: string;
}

/** Requests that an admission policy looks at. */
export interface ResourceRule {
  readonly apiGroups: readonly [string];
  readonly apiVersions: readonly [string];
  readonly operations: readonly ("CREATE" | "UPDATE" | "CONNECT")[];
  /** Plurals, with a subresource after a slash. */
  readonly resources: readonly string[];
}

export interface AdmissionPolicyArgs {
  /** Name of the policy and of its binding. */
  readonly name: string;
  readonly rules: readonly ResourceRule[];
  /** CEL: whether a request is looked at at all. Undefined: all that the rules name. */
  readonly when?: { readonly name: string; readonly expression: string };
  readonly checks: readonly Check[];
  /** In the namespaces of teams, in these namespaces, or for objects that have none. */
  readonly scope: "teams" | "cluster" | { readonly namespaces: readonly string[] };
}

export interface AdmissionPolicy {
  readonly name: string;
  readonly policy: ValidatingAdmissionPolicyArgs & { readonly metadata: { readonly name: string } };
  readonly binding: ValidatingAdmissionPolicyBindingArgs;
}

/**
 * CEL that is true for cluster administrators: anyone who may change the admission policies themselves.
 * Why it asks the authorizers instead of naming users and groups: docs/decisions/0009-administrators-are-exempt.md.
 */
export const ADMINISTRATOR =
  "authorizer.group('admissionregistration.k8s.io').resource('validatingadmissionpolicies').check('update').allowed()";

/**
 * A policy that fails closed, and the binding that enforces it. `matchPolicy: Equivalent` brings requests in every version of an API to the one version that
 * the expressions are written for, converted.
 */
export function admissionPolicy({ name, rules, when, checks, scope }: AdmissionPolicyArgs): AdmissionPolicy {
  return {
    name,
    policy: {
      metadata: { name },
      spec: {
        failurePolicy: "Fail",
        matchConstraints: { matchPolicy: "Equivalent", resourceRules: rules.map(copyOfRule) },
        ...(when === undefined ? {} : { matchConditions: [{ ...when }] }),
        validations: checks.map(({ expression, message }) => ({ expression, message, reason: "Forbidden" })),
      },
    },
    binding: {
      metadata: { name },
      spec: { policyName: name, validationActions: ["Deny"], ...(scope === "cluster" ? {} : { matchResources: matchResources(scope) }) },
    },
  };
}

function copyOfRule({ apiGroups, apiVersions, operations, resources }: ResourceRule) {
  return { apiGroups: [...apiGroups], apiVersions: [...apiVersions], operations: [...operations], resources: [...resources] };
}

function matchResources(scope: "teams" | { readonly namespaces: readonly string[] }) {
  const expression =
    scope === "teams"
      ? { key: TEAM_LABEL, operator: "Exists" }
      : { key: NAMESPACE_NAME_LABEL, operator: "In", values: [...scope.namespaces] };
  return { namespaceSelector: { matchExpressions: [expression] } };
}

/** A CEL list of texts. */
export function celList(texts: readonly string[]): string {
  return `[${texts.map((text) => `'${text}'`).join(", ")}]`;
}
