import { iamNoWayIntoCluster } from "../../../policy-pack/aws/iam/iam-no-way-into-cluster";
import { UNKNOWN, violations } from "../verdict";

const judge = (policy: unknown, type = "aws:iam/policy:Policy") =>
  violations(iamNoWayIntoCluster, type === "aws:iam/role:Role" ? { inlinePolicies: [{ policy }] } : { policy }, {}, type).join("\n");

const allow = (action: unknown, resource: unknown = "arn:aws:eks:us-east-1:123456789012:cluster/dev") => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: action, Resource: resource }],
});

describe("Should pass if", () => {
  test.each<[string, unknown]>([
    ["it reads about clusters", allow(["eks:DescribeCluster", "eks:ListClusters", "eks:AccessKubernetesApi"])],
    ["it reads by a pattern", allow("eks:Describe*")],
    ["it reads parameters", allow("ssm:GetParameter", "arn:aws:ssm:us-east-1:123456789012:parameter/team-a/x")],
    ["it writes parameters", allow(["ssm:PutParameter", "ssm:DeleteParameters"], "arn:aws:ssm:us-east-1:123456789012:parameter/team-a/x")],
    ["it scales a group", allow(["autoscaling:SetDesiredCapacity", "autoscaling:Describe*"], "*")],
    ["it is about a bucket", allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::team-a/*")],
    ["it uses queues, tables and topics", allow(["sqs:*", "dynamodb:*", "sns:Publish"], "arn:aws:sqs:us-east-1:123456789012:team-a")],
    [
      "it reads secrets and uses keys",
      allow(["secretsmanager:GetSecretValue", "kms:Decrypt", "kms:GenerateDataKey*"], "arn:aws:kms:us-east-1:1:key/a"),
    ],
    ["it pulls and pushes images", allow(["ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:PutImage", "ecr:UploadLayerPart"], "*")],
    ["it writes logs and metrics", allow(["logs:CreateLogStream", "logs:PutLogEvents", "cloudwatch:PutMetricData", "xray:Put*"], "*")],
    ["it lists and describes", allow(["ec2:Describe*", "rds:Describe*", "iam:ListRoles", "iam:GetRole", "tag:GetResources"], "*")],
    ["it calls models and functions", allow(["bedrock:InvokeModel", "lambda:InvokeFunction", "sagemaker:InvokeEndpoint"])],
    ["it has a bucket", allow("s3:*", ["arn:aws:s3:::team-a", "arn:aws:s3:::team-a/*"])],
    ["it writes logs as functions do", allow("logs:*", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/x:*")],
    [
      "it reads and writes objects by patterns",
      allow(["s3:Get*", "s3:List*", "s3:PutObject*", "s3:DeleteObject*", "s3:Abort*", "s3:*Object"], "arn:aws:s3:::team-a/*"),
    ],
    ["it replicates", allow(["s3:ReplicateObject", "s3:ReplicateDelete", "s3:GetObjectVersionForReplication"], "arn:aws:s3:::team-a/*")],
    [
      "it works on a queue",
      allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"], "x"),
    ],
    ["it writes items", allow(["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem", "dynamodb:Query"], "x")],
    ["it sends records", allow(["kinesis:PutRecords", "firehose:PutRecordBatch", "sns:Publish"], "x")],
    ["it answers challenges of certificates", allow(["route53:GetChange", "route53:ChangeResourceRecordSets"], "x")],
    ["it asks who it is", allow("sts:GetCallerIdentity", "*")],
    ["it denies", { Statement: [{ Effect: "Deny", Action: "eks:*", Resource: "*" }] }],
    ["it is unknown in a preview", UNKNOWN],
  ])("%s", (_, policy) => {
    expect(judge(policy)).toBe("");
  });
});

describe("Should fail if", () => {
  test.each<[string, unknown]>([
    ["it creates access entries of one cluster", allow("eks:CreateAccessEntry")],
    ["it associates policies", allow(["eks:DescribeCluster", "eks:AssociateAccessPolicy"])],
    ["it changes the cluster", allow("eks:UpdateClusterConfig")],
    ["it may do everything with one cluster", allow("eks:*")],
    ["a pattern covers more than reading", allow("eks:D*")],
    ["it is spelt otherwise", { statement: [{ effect: "allow", action: "EKS:createaccessentry", resource: "x" }] }],
    ["it gives roles to pods", JSON.stringify(allow("eks:CreatePodIdentityAssociation"))],
    ["it runs commands", allow("ssm:SendCommand", "arn:aws:ec2:us-east-1:123456789012:instance/i-1")],
    ["it opens sessions", allow("ssm:Start*", "arn:aws:ec2:us-east-1:123456789012:instance/i-1")],
    ["it writes a document of commands", allow("ssm:UpdateDocument", "arn:aws:ssm:us-east-1:123456789012:document/x")],
    ["it runs an association again", allow("ssm:StartAssociationsOnce", "*")],
    ["it opens a desktop", allow("ssm-guiconnect:StartConnection", "arn:aws:ec2:us-east-1:123456789012:instance/i-1")],
    ["it changes the user data of an instance", allow("ec2:ModifyInstanceAttribute", "arn:aws:ec2:us-east-1:123456789012:instance/i-1")],
    ["it changes launch templates", allow("ec2:CreateLaunchTemplate*", "arn:aws:ec2:us-east-1:123456789012:launch-template/lt-1")],
    ["it gives a group another launch template", allow("autoscaling:UpdateAutoScalingGroup", "*")],
    ["it creates a stack", allow("cloudformation:CreateStack", "arn:aws:cloudformation:us-east-1:123456789012:stack/x/*")],
    ["it opens shells", allow("ec2-instance-connect:SendSSHPublicKey", "arn:aws:ec2:us-east-1:123456789012:instance/i-1")],
    ["it takes another role by name", allow("sts:AssumeRole", "arn:aws:iam::123456789012:role/x")],
    ["it passes one role", allow("iam:PassRole", "arn:aws:iam::123456789012:role/x")],
    ["a pattern covers a known action and more", allow("kms:*", "arn:aws:kms:us-east-1:1:key/a")],
    ["a pattern covers the name of the service", allow("s*:GetObject")],
    ["it writes the policy of a bucket", allow("s3:PutBucketPolicy", "arn:aws:s3:::team-a")],
    ["a pattern covers the policy of a bucket", allow("s3:Put*", "arn:aws:s3:::team-a")],
    ["another pattern does", allow("s3:*Policy", "arn:aws:s3:::team-a")],
    ["it opens a bucket", allow(["s3:PutBucketPublicAccessBlock", "s3:PutBucketAcl"], "arn:aws:s3:::team-a")],
    ["it replicates a bucket to whom it likes", allow("s3:PutReplicationConfiguration", "arn:aws:s3:::team-a")],
    ["it grants access to a bucket", allow("s3:CreateAccessGrant", "x")],
    ["it lets others in a queue", allow(["sqs:AddPermission", "sqs:SetQueueAttributes"], "x")],
    ["it lets others in a topic", allow(["sns:AddPermission", "sns:SetTopicAttributes", "sns:Subscribe"], "x")],
    ["it shares a table", allow(["dynamodb:PutResourcePolicy", "dynamodb:ExportTableToPointInTime"], "x")],
    ["it shares a stream", allow("kinesis:PutResourcePolicy", "x")],
    ["it shares a file system", allow(["elasticfilesystem:PutFileSystemPolicy", "elasticfilesystem:CreateReplicationConfiguration"], "x")],
    ["it reads logs on", allow(["logs:PutSubscriptionFilter", "logs:PutDestinationPolicy", "logs:CreateExportTask"], "x")],
    ["it lets itself into a collection", allow("aoss:CreateAccessPolicy", "x")],
    ["it makes a network know its names", allow("route53:AssociateVPCWithHostedZone", "x")],
    ["it makes alarms, which stop instances", allow("cloudwatch:PutMetricAlarm", "*")],
    ["a pattern covers alarms", allow("cloudwatch:*", "*")],
    ["it shares a model", allow("rekognition:PutProjectPolicy", "x")],
    ["a service is not known", allow("quantum:SolveEverything")],
    ["it is no action", allow("List")],
    ["its effect is none", { Statement: [{ Effect: "Permit", Action: "iam:PassRole", Resource: "x" }] }],
    ["it reads whatever there is", allow("*:Get*")],
  ])("%s", (_, policy) => {
    expect(judge(policy)).toContain("Action");
    expect(judge(policy)).toMatchSnapshot();
    expect(judge(policy, "aws:iam/role:Role")).toContain("Action");
    expect(judge(policy, "aws:iam/role:Role")).toMatchSnapshot();
  });
});

/** Rhino Security Labs, "AWS IAM Privilege Escalation Methods", and DataDog, pathfinding.cloud (read 2026-11-28). */
describe("No published way to more rights passes, on one resource:", () => {
  test.each([
    ...["CreatePolicyVersion", "SetDefaultPolicyVersion", "CreateAccessKey", "UpdateAccessKey", "CreateLoginProfile", "UpdateLoginProfile"],
    ...["AttachUserPolicy", "AttachGroupPolicy", "AttachRolePolicy", "PutUserPolicy", "PutGroupPolicy", "PutRolePolicy", "AddUserToGroup"],
    ...[
      "UpdateAssumeRolePolicy",
      "PassRole",
      "AddRoleToInstanceProfile",
      "CreateServiceSpecificCredential",
      "ResetServiceSpecificCredential",
    ],
    ...[
      "DeleteRolePolicy",
      "DetachRolePolicy",
      "DeleteUserPermissionsBoundary",
      "DeleteRolePermissionsBoundary",
      "PutRolePermissionsBoundary",
    ],
    ...["DeactivateMFADevice", "CreateSAMLProvider", "UpdateSAMLProvider", "CreateOpenIDConnectProvider", "UploadSigningCertificate"],
  ])("iam:%s", (action) => {
    expect(judge(allow(`iam:${action}`, "arn:aws:iam::123456789012:role/x"))).toContain(action);
  });
  test.each([
    ...["sts:AssumeRole", "sts:AssumeRoot", "sts:GetFederationToken", "sts:AssumeRoleWithWebIdentity", "sso:CreateAccountAssignment"],
    ...[
      "sso:PutInlinePolicyToPermissionSet",
      "identitystore:CreateGroupMembership",
      "organizations:DetachPolicy",
      "ram:CreateResourceShare",
    ],
    ...["lambda:CreateFunction", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "lambda:CreateEventSourceMapping"],
    ...["lambda:AddPermission", "glue:CreateDevEndpoint", "glue:UpdateDevEndpoint", "glue:CreateJob", "glue:UpdateJob", "glue:StartJobRun"],
    ...["glue:CreateSession", "glue:RunStatement", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"],
    ...["ec2:RunInstances", "ec2:RequestSpotInstances", "ec2:ModifyInstanceAttribute", "ec2:CreateLaunchTemplateVersion"],
    ...["ec2:AuthorizeSecurityGroupIngress", "ec2:AttachVolume", "ec2:CreateTags", "ec2:GetPasswordData", "ec2:CreateSnapshot"],
    ...["sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl", "sagemaker:CreateTrainingJob"],
    ...["sagemaker:CreateProcessingJob", "sagemaker:CreatePresignedDomainUrl", "sagemaker:StartSession"],
    ...["codebuild:StartBuild", "codebuild:UpdateProject", "codepipeline:StartPipelineExecution", "codestar:CreateProject"],
    ...[
      "ecs:RunTask",
      "ecs:RegisterTaskDefinition",
      "ecs:ExecuteCommand",
      "ecs:UpdateService",
      "apprunner:CreateService",
      "batch:SubmitJob",
    ],
    ...["cloudformation:CreateStack", "cloudformation:SetStackPolicy", "cloudformation:CreateStackSet", "cloudcontrol:CreateResource"],
    ...["bedrock-agentcore:InvokeCodeInterpreter", "cognito-identity:SetIdentityPoolRoles", "elasticmapreduce:AddJobFlowSteps"],
    ...["elasticbeanstalk:CreateEnvironment", "kms:PutKeyPolicy", "kms:CreateGrant", "secretsmanager:PutResourcePolicy"],
    ...["ssm:SendCommand", "ssm:StartSession", "ssm:CreateAssociation", "ssmmessages:CreateDataChannel", "events:PutTargets"],
    ...["scheduler:CreateSchedule", "states:CreateStateMachine", "states:UpdateStateMachine", "imagebuilder:CreateComponent"],
    ...["eks:CreateAccessEntry", "eks:CreateAddon", "eks:CreatePodIdentityAssociation", "eks:MutateViaKubernetesApi"],
  ])("%s", (action) => {
    expect(judge(allow(action, "arn:aws:iam::123456789012:x/y"))).toContain(action);
    expect(judge(allow(action.replace(/:(...).*/, ":$1*"), "arn:aws:iam::123456789012:x/y"))).not.toBe("");
  });
});

test("a setting names further actions", () => {
  const policy = allow("iam:PassRole", "arn:aws:iam::123456789012:role/x");
  const config = { allowedActions: ["IAM:PassRole"] };
  expect(violations(iamNoWayIntoCluster, { policy }, config, "aws:iam/policy:Policy")).toEqual([]);
  expect(violations(iamNoWayIntoCluster, { policy: allow("iam:*") }, config, "aws:iam/policy:Policy")).toHaveLength(1);
  expect(violations(iamNoWayIntoCluster, { policy: allow("iam:*") }, config, "aws:iam/policy:Policy")).toMatchSnapshot();
});
