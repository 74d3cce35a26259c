/** Resources that give an IAM policy to somebody. */
import type { GroupPolicyAttachmentArgs } from "@pulumi/aws/iam/groupPolicyAttachment";
import type { PolicyAttachmentArgs } from "@pulumi/aws/iam/policyAttachment";
import type { RolePolicyAttachmentArgs } from "@pulumi/aws/iam/rolePolicyAttachment";
import type { UserPolicyAttachmentArgs } from "@pulumi/aws/iam/userPolicyAttachment";
import { IAM_ROLE_POLICY_ATTACHMENT } from "../../src/well-known/resource-types";

export const ATTACHMENTS: readonly string[] = [
  IAM_ROLE_POLICY_ATTACHMENT,
  "aws:iam/userPolicyAttachment:UserPolicyAttachment",
  "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
  "aws:iam/policyAttachment:PolicyAttachment",
];

/** The arguments of {@link ATTACHMENTS}. */
export type AttachmentArgs = RolePolicyAttachmentArgs | UserPolicyAttachmentArgs | GroupPolicyAttachmentArgs | PolicyAttachmentArgs;
