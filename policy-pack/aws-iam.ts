/** Policies for IAM. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { IAM_POLICY, IAM_ROLE, IAM_ROLE_POLICY, IAM_ROLE_POLICY_ATTACHMENT } from "../src/well-known/resource-types";
import { readDocument, trustsAnybody, wildcardProblems } from "./aws-iam-document";
import { onTypes } from "./on-types";
import { UNKNOWN, entries, field } from "./snapshot";
import type { Snapshot } from "./snapshot";

const DOCUMENTS: readonly string[] = [IAM_POLICY, IAM_ROLE_POLICY, "aws:iam/userPolicy:UserPolicy", "aws:iam/groupPolicy:GroupPolicy"];
const ATTACHMENTS: readonly string[] = [
  IAM_ROLE_POLICY_ATTACHMENT,
  "aws:iam/userPolicyAttachment:UserPolicyAttachment",
  "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
  "aws:iam/policyAttachment:PolicyAttachment",
];

interface Place {
  readonly path: string;
  readonly value: unknown;
}

/** The policy documents in a resource. */
function documents(type: string, properties: Snapshot): readonly Place[] {
  if (type !== IAM_ROLE) return [{ path: "policy", value: field(properties, "policy") }];
  const inline = field(properties, "inlinePolicies");
  if (inline === UNKNOWN) return [{ path: "inlinePolicies", value: UNKNOWN }];
  return entries(inline).flatMap((one, index) => {
    const value = field(one, "policy");
    return value === undefined ? [] : [{ path: `inlinePolicies[${String(index)}].policy`, value }];
  });
}

/**
 * Checks that no policy document allows everything, or something dangerous everywhere.
 * A document made from another resource's output is unknown until `pulumi up`. That is usual, and refusing it would keep such a program from ever
 * being deployed, because `up` previews first; so `up` judges it, before it makes the resource, and `iam-documents-known` says so in the preview.
 */
export const iamNoWildcards: ResourceValidationPolicy = {
  name: "iam-no-wildcards",
  displayName: "No wildcard rights",
  description:
    "Checks that IAM policies allow neither every action nor dangerous actions on every resource, and that no role trusts anybody.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["aws", "iam"],
  remediationSteps: "Name the actions that are needed and the resources that they are needed on.",
  validateResource: onTypes([...DOCUMENTS, IAM_ROLE], (properties, args) => [
    ...documents(args.type, properties).flatMap(documentProblems),
    ...(args.type === IAM_ROLE ? trustProblems(field(properties, "assumeRolePolicy")) : []),
  ]),
};

function documentProblems({ path, value }: Place): readonly string[] {
  const reading = readDocument(value);
  switch (reading.type) {
    case "unknown":
      return [];
    case "invalid":
      return [`"${path}" is not a policy document, so this policy cannot check what it allows`];
    case "document":
      return reading.statements.flatMap((statement, index) =>
        wildcardProblems(statement).map((problem) => `"${path}", statement ${String(index)}: ${problem}`),
      );
  }
}

function trustProblems(value: unknown): readonly string[] {
  const reading = readDocument(value);
  return reading.type === "document" && reading.statements.some(trustsAnybody) ? [`"assumeRolePolicy" lets anybody take on the role`] : [];
}

/** Says in a preview that documents will only be seen in `pulumi up`. */
export const iamDocumentsKnown: ResourceValidationPolicy = {
  name: "iam-documents-known",
  displayName: "IAM documents can be seen",
  description: "Checks that IAM policy documents are known before `pulumi up`, so that `iam-no-wildcards` sees them in the preview.",
  enforcementLevel: "advisory",
  severity: "low",
  tags: ["aws", "iam"],
  remediationSteps: "Build the document from values of the configuration; or read this as: it is looked at in `pulumi up`.",
  validateResource: onTypes([...DOCUMENTS, IAM_ROLE], (properties, args) =>
    [
      ...documents(args.type, properties),
      ...(args.type === IAM_ROLE ? [{ path: "assumeRolePolicy", value: field(properties, "assumeRolePolicy") }] : []),
    ]
      .filter(({ value }) => readDocument(value).type === "unknown")
      .map(({ path }) => `"${path}" is unknown until \`pulumi up\`, which checks it before it makes the resource`),
  ),
};

/** AWS's managed policies that make an administrator, or somebody who can become one. */
const FORBIDDEN: readonly string[] = ["AdministratorAccess", "PowerUserAccess", "IAMFullAccess", "AdministratorAccess-Amplify"];

/** Checks that nothing is given AWS's own policies for administrators. */
export const iamNoAdministratorPolicies: ResourceValidationPolicy = {
  name: "iam-no-administrator-policies",
  displayName: "No administrator policies",
  description: "Checks that AWS's managed policies for administrators are attached to nothing.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["aws", "iam"],
  remediationSteps: "Attach a policy with the rights that are needed.",
  configSchema: {
    properties: {
      forbidden: {
        type: "array",
        description: "Names of AWS's managed policies that nothing may be given.",
        items: { type: "string" },
        uniqueItems: true,
        default: [...FORBIDDEN],
      },
    },
  },
  validateResource: onTypes([...ATTACHMENTS, IAM_ROLE], (properties, args) => {
    const { forbidden = FORBIDDEN } = args.getConfig<{ forbidden?: readonly string[] }>();
    const arns = args.type === IAM_ROLE ? entries(field(properties, "managedPolicyArns")) : [field(properties, "policyArn")];
    // An unknown ARN is usually that of a policy of the program's own, which is looked at itself.
    return arns
      .filter((arn): arn is string => typeof arn === "string")
      .filter((arn) => /^arn:[^:]+:iam::aws:policy\//.test(arn) && forbidden.includes(arn.slice(arn.lastIndexOf("/") + 1)))
      .map((arn) => `it attaches ${arn}`);
  }),
};
