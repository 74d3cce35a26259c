/**
 * Actions of IAM that give nobody more than data and messages, by service. What is not here is not known, and that is where rights come from: identities and their
 * policies, roles that are passed or assumed, code and commands that run with another's role, the access of a cluster, shares, grants and policies of keys.
 * Sources: AWS Service Authorization Reference, and the published methods of escalation, none of which is covered (Rhino Security Labs, "AWS IAM Privilege Escalation
 * Methods"; DataDog, pathfinding.cloud).
 */
import { matches } from "../../resources/iam-statements";

const of = (service: string, ...actions: readonly string[]) => actions.map((action) => `${service}:${action}`);

const READ = ["Get*", "BatchGet*"] as const;

/** Not the policies of models, which share them. */
const RECOGNITION: readonly string[] = [
  ...of(
    "rekognition",
    "Get*",
    "Detect*",
    "Compare*",
    "Recognize*",
    "Search*",
    "Index*",
    "Start*",
    "Stop*",
    "CreateCollection",
    "DeleteFaces",
  ),
  ...of("comprehend", "Detect*", "BatchDetect*", "Contains*", "Classify*", "Start*", "Stop*"),
];

/**
 * Services of data whose every action a statement may give, for the resources that it names: whoever has all of one bucket or queue owns it. By parts, only what is
 * below: a right to write the policy, the grants or the copies of a thing is a right to let others in.
 */
const OWNED: readonly string[] = [
  ...["s3", "s3express", "s3-object-lambda", "s3tables", "sqs", "sns", "dynamodb", "dax", "kinesis", "firehose", "timestream"],
  ...["elasticfilesystem", "es", "aoss", "route53", "elasticloadbalancing", "logs"],
];

const isOwned = (pattern: string) => OWNED.some((service) => pattern === `${service}:*`);

/** Patterns of IAM. Names and lists of things are known of every service, what is in them is not. */
export const KNOWN_ACTIONS: readonly string[] = [
  ...["*:Describe*", "*:List*"],
  // Data and queues, without their policies, grants and copies. Whose they are, the resources of the statement say.
  ...of(
    "s3",
    "Get*",
    "*Object",
    "PutObject*",
    "DeleteObject*",
    "Abort*",
    "Replicate*",
    "InitiateReplication",
    "ObjectOwnerOverrideToBucketOwner",
  ),
  ...of("s3", "CreateBucket", "DeleteBucket", "PutBucketTagging", "PutLifecycleConfiguration", "PutEncryptionConfiguration"),
  ...of("s3", "PutBucketVersioning", "PutBucketCORS"),
  ...of("s3express", "CreateSession"),
  ...of("s3-object-lambda", "Get*", "PutObject", "DeleteObject*", "WriteGetObjectResponse"),
  ...of("s3tables", "Get*", "PutTableData", "UpdateTableMetadataLocation", "CreateTable", "CreateNamespace", "DeleteTable"),
  ...of("sqs", "Get*", "Send*", "Receive*", "Delete*", "ChangeMessageVisibility*", "PurgeQueue", "CreateQueue", "TagQueue", "UntagQueue"),
  ...of("sqs", "StartMessageMoveTask", "CancelMessageMoveTask"),
  ...of("sns", "Get*", "Publish*", "CreateTopic", "DeleteTopic", "Unsubscribe", "ConfirmSubscription", "TagResource", "UntagResource"),
  ...of("sns", "CreatePlatformEndpoint", "DeleteEndpoint", "SetEndpointAttributes"),
  ...["dynamodb", "dax"].flatMap((service) =>
    of(service, ...READ, "Batch*", "Query", "Scan", "PutItem", "Update*", "Delete*", "ConditionCheckItem"),
  ),
  ...of("dynamodb", "PartiQL*", "CreateTable", "CreateBackup", "RestoreTable*", "TagResource", "UntagResource"),
  ...of(
    "kinesis",
    "Get*",
    "Put*Record*",
    "SubscribeToShard",
    "RegisterStreamConsumer",
    "DeregisterStreamConsumer",
    "CreateStream",
    "DeleteStream",
  ),
  ...of("kinesis", "UpdateShardCount", "MergeShards", "SplitShard", "AddTagsToStream", "RemoveTagsFromStream"),
  ...of("firehose", "Put*"),
  ...of("timestream", "Select*", "WriteRecords", "CancelQuery"),
  ...of("elasticfilesystem", "Client*", "CreateAccessPoint", "DeleteAccessPoint", "TagResource", "UntagResource"),
  ...of("es", "ESHttp*"),
  ...of("aoss", ...READ, "APIAccessAll", "DashboardsAccessAll"),
  ...of("route53", ...READ, "ChangeResourceRecordSets", "ChangeTagsForResource", "TestDNSAnswer"),
  ...of(
    "elasticloadbalancing",
    "RegisterTargets",
    "DeregisterTargets",
    "RegisterInstances*",
    "DeregisterInstances*",
    "AddTags",
    "RemoveTags",
  ),
  ...of(
    "logs",
    "Get*",
    "CreateLog*",
    "PutLogEvents*",
    "PutRetentionPolicy",
    "PutMetricFilter",
    "FilterLogEvents",
    "StartQuery",
    "StopQuery",
  ),
  ...of("logs", "StartLiveTail", "StopLiveTail", "TestMetricFilter", "PutQueryDefinition", "TagResource", "TagLogGroup", "DeleteLog*"),
  // Not alarms: their actions stop instances, with a role of AWS's.
  ...of("cloudwatch", ...READ, "PutMetricData", "PutDashboard", "DeleteDashboards", "TagResource", "UntagResource"),
  ...["kafka-cluster", "rds-db", "execute-api", "xray", "ce", "pricing", "textract", "translate", "transcribe", "polly"].map(
    (service) => `${service}:*`,
  ),
  ...RECOGNITION,
  ...of("cassandra", "Select", "Modify"),
  ...of("elasticache", "Connect"),
  ...of("aps", ...READ, "RemoteWrite", "QueryMetrics"),
  ...of("ses", "Send*", "Get*"),
  ...of("events", "PutEvents", "TestEventPattern"),
  ...of("acm", ...READ, "RequestCertificate", "DeleteCertificate", "AddTagsToCertificate"),
  ...of("cloudfront", ...READ, "CreateInvalidation"),
  ...of("athena", ...READ, "StartQueryExecution", "StopQueryExecution"),
  ...of("glue", ...READ, "SearchTables"),
  ...of("appconfig", ...READ, "StartConfigurationSession"),
  // Images and packages.
  ...of("ecr", ...READ, "BatchCheckLayerAvailability", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "PutImage"),
  ...of("ecr", "BatchDeleteImage", "BatchImportUpstreamImage", "CreateRepository", "TagResource", "StartImageScan"),
  ...of("ecr-public", ...READ),
  ...of("codeartifact", ...READ, "ReadFromRepository", "PublishPackageVersion", "PutPackageMetadata"),
  ...of("codecommit", ...READ, "GitPull", "GitPush"),
  // Keys, secrets and parameters, without their policies and grants.
  ...of(
    "kms",
    ...READ,
    "Encrypt",
    "Decrypt",
    "ReEncrypt*",
    "GenerateDataKey*",
    "GenerateRandom",
    "GenerateMac",
    "VerifyMac",
    "Sign",
    "Verify",
  ),
  ...of("secretsmanager", ...READ, "CreateSecret", "PutSecretValue", "UpdateSecret", "DeleteSecret", "RestoreSecret", "TagResource"),
  ...of("ssm", "GetParameter*", "PutParameter", "DeleteParameter*", "LabelParameterVersion", "UnlabelParameterVersion"),
  ...of("ssm", "AddTagsToResource", "RemoveTagsFromResource", "UpdateInstanceInformation"),
  // Models and functions of others are called, and not changed.
  ...of("bedrock", ...READ, "InvokeModel*", "Converse*", "ApplyGuardrail", "CountTokens"),
  ...of("sagemaker", ...READ, "InvokeEndpoint*"),
  ...of("lambda", ...READ, "Invoke*"),
  ...of("states", ...READ, "StartExecution", "StartSyncExecution", "StopExecution", "SendTask*"),
  // A function in a VPC makes its own network interfaces, as AWSLambdaVPCAccessExecutionRole allows. One in use cannot be deleted, and attaching one is not here.
  ...of("ec2", "CreateNetworkInterface", "DeleteNetworkInterface", "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"),
  // What there is, and how many.
  ...of("sts", "GetCallerIdentity", "TagSession", "SetSourceIdentity", "DecodeAuthorizationMessage", "GetServiceBearerToken"),
  ...of("iam", ...READ, "Simulate*", "GenerateServiceLastAccessedDetails", "CreateServiceLinkedRole"),
  ...of("eks", "AccessKubernetesApi"),
  ...of("eks-auth", "AssumeRoleForPodIdentity"),
  ...of("autoscaling", ...READ, "SetDesiredCapacity", "TerminateInstanceInAutoScalingGroup"),
  ...["tag", "resource-groups", "resource-explorer-2", "servicequotas", "config", "cloudtrail", "cloudformation", "organizations"].flatMap(
    (service) => of(service, ...READ),
  ),
  ...["guardduty", "securityhub", "inspector2", "access-analyzer", "compute-optimizer", "savingsplans", "health", "backup"].flatMap(
    (service) => of(service, ...READ),
  ),
  ...of("cloudtrail", "LookupEvents"),
  ...of("budgets", "ViewBudget"),
];

/** Those of them whose resources are nobody's in particular, or that AWS allows on every resource only. Data, queues, secrets and functions are somebody's. */
export const KNOWN_EVERYWHERE: readonly string[] = [
  ...["*:Describe*", "*:List*"],
  ...["xray", "ce", "pricing", "textract", "translate", "transcribe", "polly"].map((service) => `${service}:*`),
  ...RECOGNITION,
  ...of("cloudwatch", ...READ, "PutMetricData", "PutDashboard"),
  ...of("logs", "CreateLogGroup", "CreateLogStream", "PutLogEvents", "PutRetentionPolicy"),
  ...of("aps", "RemoteWrite", "QueryMetrics"),
  ...of("ecr", ...READ, "BatchCheckLayerAvailability"),
  ...of("ecr-public", ...READ),
  ...of("ses", "Send*"),
  ...of("events", "PutEvents"),
  ...of("kms", "GenerateRandom"),
  ...of("ssm", "UpdateInstanceInformation"),
  ...of("bedrock", "InvokeModel*", "Converse*", "CountTokens"),
  ...of("sts", "GetCallerIdentity", "DecodeAuthorizationMessage", "GetServiceBearerToken"),
  ...of("iam", ...READ, "Simulate*", "CreateServiceLinkedRole"),
  ...of("ec2", "CreateNetworkInterface", "DeleteNetworkInterface", "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"),
  ...of("eks-auth", "AssumeRoleForPodIdentity"),
  ...of("autoscaling", ...READ, "SetDesiredCapacity"),
  ...["tag", "resource-groups", "resource-explorer-2", "servicequotas", "config", "compute-optimizer", "savingsplans", "health"].flatMap(
    (service) => of(service, ...READ),
  ),
  ...of("cloudtrail", "LookupEvents"),
  ...of("budgets", "ViewBudget"),
  ...of("acm", ...READ, "RequestCertificate"),
  ...of("route53", ...READ),
];

const KNOWN = KNOWN_ACTIONS.map((action) => action.toLowerCase());
const EVERYWHERE = KNOWN_EVERYWHERE.map((action) => action.toLowerCase());

/** Whether everything that a pattern of actions covers is known. @param others further patterns. */
export function isKnownAction(pattern: string, others: readonly string[]): boolean {
  const lower = pattern.toLowerCase();
  return isOwned(lower) || KNOWN.some((known) => matches(known, lower)) || others.some((known) => matches(known.toLowerCase(), lower));
}

/** Whether everything that a pattern of actions covers is harmless on every resource. */
export function isKnownEverywhere(pattern: string): boolean {
  return EVERYWHERE.some((known) => matches(known, pattern.toLowerCase()));
}
