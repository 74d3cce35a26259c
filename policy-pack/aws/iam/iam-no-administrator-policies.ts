import type { GroupPolicyAttachmentArgs } from "@pulumi/aws/iam/groupPolicyAttachment";
import type { PolicyAttachmentArgs } from "@pulumi/aws/iam/policyAttachment";
import type { RoleArgs } from "@pulumi/aws/iam/role";
import type { RolePolicyAttachmentArgs } from "@pulumi/aws/iam/rolePolicyAttachment";
import type { UserPolicyAttachmentArgs } from "@pulumi/aws/iam/userPolicyAttachment";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { IAM_ROLE, IAM_ROLE_POLICY_ATTACHMENT } from "../../../src/well-known/resource-types";
import { onResources, onType } from "../../evaluation/on-resource";
import type { Resource } from "../../evaluation/on-resource";
import { entries } from "../../evaluation/properties";

const ATTACHMENTS: readonly string[] = [
  IAM_ROLE_POLICY_ATTACHMENT,
  "aws:iam/userPolicyAttachment:UserPolicyAttachment",
  "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
  "aws:iam/policyAttachment:PolicyAttachment",
];
type AttachmentArgs = RolePolicyAttachmentArgs | UserPolicyAttachmentArgs | GroupPolicyAttachmentArgs | PolicyAttachmentArgs;

/** AWS's managed policies that make an administrator, or somebody who can become one. */
const FORBIDDEN: readonly string[] = ["AdministratorAccess", "PowerUserAccess", "IAMFullAccess", "AdministratorAccess-Amplify"];

/** Checks that nothing gets AWS's own policies for administrators. */
export const iamNoAdministratorPolicies: ResourceValidationPolicy = {
  name: "iam-no-administrator-policies",
  displayName: "No administrator policies",
  description: "Checks that AWS's managed policies for administrators are attached to nothing.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["aws", "iam"],
  remediationSteps: "Attach a policy with only the rights that are needed.",
  configSchema: {
    properties: {
      forbidden: {
        type: "array",
        description: "Names of AWS's managed policies that must not be attached.",
        items: { type: "string" },
        uniqueItems: true,
        default: [...FORBIDDEN],
      },
    },
  },
  validateResource: onResources(
    onType<AttachmentArgs>(ATTACHMENTS, ({ policyArn }, resource) => attachmentFindings([policyArn], resource)),
    onType<RoleArgs>(IAM_ROLE, ({ managedPolicyArns }, resource) => attachmentFindings(entries(managedPolicyArns), resource)),
  ),
};

/** An unknown ARN is usually that of a policy of the program's own, which is checked itself. */
function attachmentFindings(arns: readonly unknown[], { getConfig }: Resource): readonly string[] {
  const { forbidden = FORBIDDEN } = getConfig<{ forbidden?: readonly string[] }>();
  return arns
    .filter((arn): arn is string => typeof arn === "string")
    .filter((arn) => /^arn:[^:]+:iam::aws:policy\//.test(arn) && forbidden.includes(arn.slice(arn.lastIndexOf("/") + 1)))
    .map((arn) => `it attaches ${arn}. Attach a policy with only the rights that are needed`);
}
