import type { RoleArgs } from "@pulumi/aws/iam/role";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { IAM_ROLE } from "../../../src/well-known/resource-types";
import { onResources, onType } from "../../evaluation/on-resource";
import type { Resource } from "../../evaluation/on-resource";
import { entries } from "../../evaluation/properties";
import { ATTACHMENTS } from "../../resources/iam-attachments";
import type { AttachmentArgs } from "../../resources/iam-attachments";

/**
 * AWS's managed policies of which the documents have been read: they give no rights over roles, instances, clusters, functions' code or stacks. AWS has more than a
 * thousand, and adds to them. Those for reading are known by their names.
 * Source: AWS Managed Policy Reference Guide (read 2026-11-28).
 */
const ALLOWED: readonly string[] = [
  // Nodes and controllers of EKS.
  ...["AmazonEKSClusterPolicy", "AmazonEKSWorkerNodePolicy", "AmazonEKSWorkerNodeMinimalPolicy", "AmazonEKS_CNI_Policy"],
  ...["AmazonEKSVPCResourceController", "AmazonEBSCSIDriverPolicy", "AmazonEBSCSIDriverPolicyV2", "AmazonEFSCSIDriverPolicy"],
  ...["AmazonEC2ContainerRegistryReadOnly", "AmazonEC2ContainerRegistryPullOnly", "AmazonEC2ContainerRegistryPowerUser"],
  ...["CloudWatchAgentServerPolicy", "AWSXRayDaemonWriteAccess", "AmazonPrometheusRemoteWriteAccess", "AmazonPrometheusQueryAccess"],
  // What functions, tasks and databases need to run.
  ...["AWSLambdaBasicExecutionRole", "AWSLambdaVPCAccessExecutionRole", "AWSLambdaSQSQueueExecutionRole", "AWSLambdaKinesisExecutionRole"],
  ...["AWSLambdaDynamoDBExecutionRole", "AmazonECSTaskExecutionRolePolicy", "AmazonAPIGatewayPushToCloudWatchLogs"],
  ...["AmazonRDSEnhancedMonitoringRole"],
  // Data. AmazonS3FullAccess and the like are not here: they give every bucket, with its policy, and iam-no-wildcards denies the same in a document.
  ...["AmazonElasticFileSystemClientReadWriteAccess", "AmazonElasticFileSystemClientFullAccess"],
];

/** `AmazonS3ReadOnlyAccess`, `CloudWatchReadOnlyAccess`, and so on. */
const READ_ONLY = /ReadOnly(?:Access)?(?:_v\d+)?$/i;

/** Checks that nothing gets AWS's own policies for administrators. */
export const iamNoAdministratorPolicies: ResourceValidationPolicy = {
  name: "iam-no-administrator-policies",
  displayName: "Managed policies that are known",
  description:
    "Checks that AWS's managed policies are attached only if they are known to give no rights over roles, instances, clusters, code and stacks.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["aws", "iam"],
  remediationSteps: "Attach a policy of your own with only the rights that are needed, or name the managed policy in the setting allowed.",
  configSchema: {
    properties: {
      allowed: {
        type: "array",
        description: "Names of AWS's managed policies that can be attached besides those that this policy knows.",
        items: { type: "string" },
        uniqueItems: true,
        default: [],
      },
    },
  },
  validateResource: onResources(
    onType<AttachmentArgs>(ATTACHMENTS, ({ policyArn }, resource) => attachmentFindings([policyArn], resource)),
    onType<RoleArgs>(IAM_ROLE, ({ managedPolicyArns }, resource) => attachmentFindings(entries(managedPolicyArns), resource)),
  ),
};

/** What is not AWS's own, iam-rights-of-same-program judges. */
function attachmentFindings(arns: readonly unknown[], { getConfig }: Resource): readonly string[] {
  const { allowed = [] } = getConfig<{ allowed?: readonly string[] }>();
  return arns
    .filter((arn): arn is string => typeof arn === "string")
    .filter((arn) => /^arn:[^:]+:iam::aws:policy\//.test(arn) && !isKnown(arn.slice(arn.lastIndexOf("/") + 1), allowed))
    .map(
      (arn) =>
        `it attaches ${arn}, which this policy does not know to be harmless. Attach a policy of your own with only the rights that are needed`,
    );
}

function isKnown(name: string, allowed: readonly string[]): boolean {
  return ALLOWED.includes(name) || allowed.includes(name) || READ_ONLY.test(name);
}
