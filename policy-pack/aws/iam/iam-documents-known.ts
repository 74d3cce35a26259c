import type { RoleArgs } from "@pulumi/aws/iam/role";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { IAM_ROLE } from "../../../src/well-known/resource-types";
import { onResources, onType } from "../../evaluation/on-resource";
import { readDocument } from "../../resources/iam-statements";
import { DOCUMENTS, documentOf, inlineDocuments } from "../../resources/iam-documents";
import type { Document, DocumentArgs } from "../../resources/iam-documents";
import { BUCKETS, CARRIERS, policyOf } from "../../resources/resource-policies";

/** Says in a preview which documents only `pulumi up` can check. */
export const iamDocumentsKnown: ResourceValidationPolicy = {
  name: "iam-documents-known",
  displayName: "IAM documents are known",
  description:
    "Checks that IAM policy documents and the policies of resources are known before `pulumi up`, so that `iam-no-wildcards` and `resource-policies-known` check them in the preview.",
  enforcementLevel: "advisory",
  severity: "low",
  tags: ["aws", "iam"],
  remediationSteps: "Build the document from values of the configuration, or leave the check to `pulumi up`.",
  validateResource: onResources(
    onType<DocumentArgs>(DOCUMENTS, (resource) => unknownFindings([documentOf(resource)])),
    onType<RoleArgs>(IAM_ROLE, (role) =>
      unknownFindings([...inlineDocuments(role), { path: "assumeRolePolicy", value: role.assumeRolePolicy }]),
    ),
    {
      types: [...CARRIERS, ...BUCKETS],
      check: ({ type, props }) => unknownFindings([policyOf(type, props)].filter((policy) => policy !== undefined)),
    },
  ),
};

function unknownFindings(documents: readonly Document[]): readonly string[] {
  return documents
    .filter(({ value }) => readDocument(value).type === "unknown")
    .map(({ path }) => `"${path}" is unknown until \`pulumi up\`, which checks it before it makes the resource`);
}
