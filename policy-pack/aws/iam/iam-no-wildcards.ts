import type { RoleArgs } from "@pulumi/aws/iam/role";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { IAM_ROLE } from "../../../src/well-known/resource-types";
import { onResources, onType } from "../../evaluation/on-resource";
import { readDocument, wildcardProblems } from "../../resources/iam-statements";
import { DOCUMENTS, documentOf, inlineDocuments } from "../../resources/iam-documents";
import type { Document, DocumentArgs } from "../../resources/iam-documents";
import { isKnownEverywhere } from "./known-actions";

/**
 * Checks that no policy document allows everything, or something dangerous everywhere.
 * A document made from another resource's output is unknown until `pulumi up`. That is usual, and such a program could never be deployed if the preview
 * rejected it, because `up` previews first. So `up` checks it, before it makes the resource, and `iam-documents-known` says so in the preview.
 */
export const iamNoWildcards: ResourceValidationPolicy = {
  name: "iam-no-wildcards",
  displayName: "No wildcard rights",
  description:
    "Checks that IAM policies allow neither every action, nor on every resource more than to list, to describe, and what has no resource of its own.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["aws", "iam"],
  remediationSteps: "Name the actions that are needed, and the resources that need them.",
  validateResource: onResources(
    onType<DocumentArgs>(DOCUMENTS, (resource) => documentFindings(documentOf(resource))),
    onType<RoleArgs>(IAM_ROLE, (role) => inlineDocuments(role).flatMap(documentFindings)),
  ),
};

function documentFindings({ path, value }: Document): readonly string[] {
  const reading = readDocument(value);
  switch (reading.type) {
    case "unknown":
      return [];
    case "invalid":
      return [`"${path}" is not a policy document, so this policy cannot check what it allows`];
    case "document":
      return reading.statements.flatMap((statement, index) =>
        wildcardProblems(statement, isKnownEverywhere).map((problem) => `"${path}", statement ${index}: ${problem}`),
      );
  }
}
