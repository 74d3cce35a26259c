/** The policy documents in resources of IAM. */
import type { GroupPolicyArgs } from "@pulumi/aws/iam/groupPolicy";
import type { PolicyArgs } from "@pulumi/aws/iam/policy";
import type { RoleArgs } from "@pulumi/aws/iam/role";
import type { RolePolicyArgs } from "@pulumi/aws/iam/rolePolicy";
import type { UserPolicyArgs } from "@pulumi/aws/iam/userPolicy";
import { IAM_POLICY, IAM_ROLE_POLICY } from "../../src/well-known/resource-types";
import { entries, field } from "../evaluation/properties";
import type { PropertiesOf } from "../evaluation/properties";
import { UNKNOWN } from "../evaluation/snapshot";

/** Resources that are one policy document. */
export const DOCUMENTS: readonly string[] = [
  IAM_POLICY,
  IAM_ROLE_POLICY,
  "aws:iam/userPolicy:UserPolicy",
  "aws:iam/groupPolicy:GroupPolicy",
];
/** The arguments of {@link DOCUMENTS}. */
export type DocumentArgs = PolicyArgs | RolePolicyArgs | UserPolicyArgs | GroupPolicyArgs;

/** A policy document and its path in the resource. */
export interface Document {
  readonly path: string;
  readonly value: unknown;
}

/** The document of a resource of {@link DOCUMENTS}. */
export function documentOf({ policy }: PropertiesOf<DocumentArgs>): Document {
  return { path: "policy", value: policy };
}

/** The documents inside a role. */
export function inlineDocuments({ inlinePolicies }: PropertiesOf<RoleArgs>): readonly Document[] {
  if (inlinePolicies === UNKNOWN) {
    return [{ path: "inlinePolicies", value: UNKNOWN }];
  }
  return entries(inlinePolicies).flatMap((inline, index) => {
    const value = field(inline, "policy");
    return value === undefined ? [] : [{ path: `inlinePolicies[${index}].policy`, value }];
  });
}
