/** What the pack knows about resources of clouds and of other providers. */
import { EKS_CLUSTER, EKS_CLUSTER_COMPONENT, IAM_ROLE, LAUNCH_TEMPLATE, VPC_COMPONENT } from "../../../src/well-known/resource-types";
import { COPIES } from "../data-copies";
import { ALARMS, EVENT_TARGET, SCHEDULE, STATE_MACHINE } from "../events";
import { DOCUMENTS } from "../iam-documents";
import { CHANGED } from "../network-changes";
import { NODE_GROUPS } from "../node-groups";
import { BUCKETS, CARRIERS } from "../resource-policies";
import type { Classification } from "./types";

const IAM = ["iam-no-wildcards", "iam-no-administrator-policies", "iam-no-way-into-cluster"];
const NODES = ["nodes-from-node-groups"];

/** Types that policies judge. */
const JUDGED = together([
  [EKS_CLUSTER, ["eks-api-authentication-only", "eks-api-server-not-open-to-world", "eks-secrets-encrypted", ...NODES]],
  [EKS_CLUSTER_COMPONENT, ["eks-api-server-not-open-to-world", "eks-secrets-encrypted", ...NODES]],
  ...NODE_GROUPS.map((type) => [type, ["gpu-pool-tainted", "gpu-ami-ignores-visible-devices"]] as const),
  [LAUNCH_TEMPLATE, ["nodes-imdsv2-one-hop", "volumes-encrypted"]],
  ...[
    "aws:ec2/instance:Instance",
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
  ].map((type) => [type, [...NODES, "nodes-imdsv2-one-hop"]] as const),
  ["aws:ebs/volume:Volume", ["volumes-encrypted"]],
  ...DOCUMENTS.map((type) => [type, IAM] as const),
  [IAM_ROLE, [...IAM, "iam-trust-known"]],
  ...["role", "user", "group"].map((who): readonly [string, readonly string[]] => {
    const type = `${who}PolicyAttachment`;
    return [`aws:iam/${type}:${upperFirst(type)}`, ["iam-no-administrator-policies"]];
  }),
  ["aws:iam/policyAttachment:PolicyAttachment", ["iam-no-administrator-policies"]],
  // They run containers or calls with a role. Without instances of their own (capacity providers are unknown) they are on no node.
  ...[
    ...["service", "taskDefinition", "cluster", "clusterCapacityProviders"].map((type) => `aws:ecs/${type}:${upperFirst(type)}`),
    STATE_MACHINE,
  ].map((type) => [type, ["iam-rights-of-same-program"]] as const),
  ...[EVENT_TARGET, SCHEDULE, ...ALARMS].map((type) => [type, ["events-reach-known-targets"]] as const),
  ...[...CARRIERS, ...BUCKETS].map((type) => [type, ["resource-policies-known"]] as const),
  ...[...CHANGED.keys()].map((type) => [type, ["networks-and-disks-of-same-program"]] as const),
  ...[...COPIES.keys()].map((type) => [type, ["data-copies-of-same-program"]] as const),
]);

/** The policies of each type, from however many entries. */
function together(entries: readonly (readonly [type: string, policies: readonly string[]])[]): ReadonlyMap<string, readonly string[]> {
  const byType = new Map<string, readonly string[]>();
  entries.forEach(([type, policies]) => byType.set(type, [...(byType.get(type) ?? []), ...policies]));
  return byType;
}

interface Reserved {
  readonly types: readonly string[];
  readonly why: string;
  readonly instead: string;
}

function byType(reasons: readonly Reserved[]): ReadonlyMap<string, Reserved> {
  return new Map(reasons.flatMap((reason) => reason.types.map((type) => [type, reason] as const)));
}

const PEOPLE = "Add the people to `principalArns` of their team or to `adminPrincipalArns` in the configuration of the platform's stack";
const POOLS = "Add a pool to `gpuPools` in the configuration of the platform's stack, or write a node group (aws.eks.NodeGroup)";

/** Ways to nodes, clusters and rights on AWS. The platform's own components may register the first group. */
const WAYS_IN = byType([
  {
    types: ["aws:eks/accessEntry:AccessEntry", "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"],
    why: "it lets somebody into the cluster with rights that no policy for roles sees",
    instead: PEOPLE,
  },
  {
    types: ["aws:eks/identityProviderConfig:IdentityProviderConfig"],
    why: "it lets the users of another identity provider into the cluster",
    instead: PEOPLE,
  },
  {
    types: ["aws:eks/podIdentityAssociation:PodIdentityAssociation"],
    why: "it gives the pods of a service account the rights of an AWS role",
    instead: "Ask the owners of the platform to add the association to the platform's stack",
  },
  {
    types: ["aws:eks/addon:Addon", "aws:eks/capability:Capability"],
    why: "it installs pods and rights in the cluster that no policy sees",
    instead: "Ask the owners of the platform to add it to the platform's stack",
  },
  {
    types: ["aws:eks/fargateProfile:FargateProfile"],
    why: "it takes pods to nodes on which the guardrails of the platform's nodes do not hold",
    instead: "Use the system pools of the platform",
  },
]);

/** Types that nothing judges, with a reason of their own. */
const REFUSED = byType([
  {
    types: [
      ...[
        "aws:ec2/fleet:Fleet",
        "aws:ec2/spotFleetRequest:SpotFleetRequest",
        "aws:autoscaling/group:Group",
        "aws:autoscaling/attachment:Attachment",
      ],
      ...[
        "aws:batch/computeEnvironment:ComputeEnvironment",
        "aws:emrcontainers/virtualCluster:VirtualCluster",
        "aws:ec2/amiLaunchPermission:AmiLaunchPermission",
      ],
    ],
    why: "it starts instances, or pods on the nodes of a cluster, that no policy for node groups sees",
    instead: POOLS,
  },
  {
    types: [
      "aws:cloudformation/stack:Stack",
      "aws:cloudformation/stackSet:StackSet",
      "aws:cloudcontrol/resource:Resource",
      "aws:serverlessrepository/cloudFormationStack:CloudFormationStack",
    ],
    why: "it creates resources that the program does not register",
    instead: "Register each resource with the aws provider",
  },
  {
    types: [
      ...["aws:cfg/conformancePack:ConformancePack", "aws:cfg/organizationConformancePack:OrganizationConformancePack"],
      ...["aws:cfg/remediationConfiguration:RemediationConfiguration", "aws:budgets/budgetAction:BudgetAction"],
    ],
    why: "AWS attaches policies, runs documents of Systems Manager or creates resources because of it, later and with a role of its own",
    instead: "Register what it would change, and leave the rule or budget to report",
  },
  {
    types: ["aws:amp/scraper:Scraper"],
    why: "it gives itself access to the cluster",
    instead: "Collect metrics with a Prometheus agent in the cluster",
  },
  {
    types: ["aws:ec2/serialConsoleAccess:SerialConsoleAccess", "aws:ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint"],
    why: "it opens consoles of instances, and nodes are instances",
    instead: "Use kubectl exec",
  },
  {
    types: ["aws:ec2transitgateway/instanceState:InstanceState"],
    why: "it stops and starts an instance, and nodes are instances",
    instead: "Scale the node group, or register and remove the instance itself",
  },
  {
    types: [...["association", "document", "maintenanceWindowTask", "activation"].map((type) => `aws:ssm/${type}:${upperFirst(type)}`)],
    why: "it can run commands on nodes and call any API with the rights of a role",
    instead: "Run the work in a pod or in a Lambda function",
  },
]);

/** Services of AWS that have neither nodes nor rights in a cluster. */
const HARMLESS_MODULES: readonly unknown[] = [
  ...[
    "s3",
    "s3control",
    "s3tables",
    "sqs",
    "sns",
    "dynamodb",
    "dax",
    "kinesis",
    "ecr",
    "ecrpublic",
    "route53",
    "route53domains",
    "servicediscovery",
  ],
  ...[
    "acm",
    "acmpca",
    "cloudfront",
    "wafv2",
    "apigateway",
    "apigatewayv2",
    "alb",
    "lb",
    "elb",
    "globalaccelerator",
    "efs",
    "fsx",
    "backup",
    "dlm",
  ],
  ...[
    "rds",
    "docdb",
    "neptune",
    "elasticache",
    "memorydb",
    "opensearch",
    "elasticsearch",
    "redshift",
    "timestreamwrite",
    "athena",
    "keyspaces",
  ],
  ...[
    "secretsmanager",
    "kms",
    "cloudtrail",
    "budgets",
    "costexplorer",
    "cur",
    "guardduty",
    "securityhub",
    "inspector2",
    "macie2",
    "accessanalyzer",
  ],
  ...[
    "cfg",
    "appautoscaling",
    "appconfig",
    "location",
    "vpclattice",
    "xray",
    "amp",
    "grafana",
    "synthetics",
    "ses",
    "sesv2",
    "cognito",
    "msk",
    "mq",
    "lambda",
    "resourcegroups",
    "servicequotas",
    "signer",
  ],
  ...[
    "codeartifact",
    "codecommit",
    "shield",
    "rum",
    "schemas",
    "chatbot",
    "notifications",
    "resourceexplorer",
    "ec2transitgateway",
    "directconnect",
  ],
];

const NETWORK = "it connects addresses. Instances, roles and the API server are resources of their own";

/** Types of other services of AWS without effect on nodes and rights. Those that a policy judges are not here. */
const HARMLESS_TYPES: ReadonlyMap<string, string> = new Map([
  ...[
    ...["vpc", "natGateway", "natGatewayEipAssociation"],
    ...["routeTable"],
    ...["securityGroup"],
    ...["vpcDhcpOptions"],
    ...["managedPrefixList"],
    ...["defaultVpc", "defaultSubnet"],
    ...["customerGateway", "placementGroup", "capacityReservation", "capacityBlockReservation"],
    ...["instanceMetadataDefaults", "imageBlockPublicAccess"],
  ].map((type) => [`aws:ec2/${type}:${upperFirst(type)}`, NETWORK] as const),
  ["aws:vpc/securityGroupVpcAssociation:SecurityGroupVpcAssociation", NETWORK],
  ...["encryptionByDefault", "defaultKmsKey"].map(
    (type) => [`aws:ebs/${type}:${upperFirst(type)}`, "it is a copy or a default of volumes"] as const,
  ),
  ...["logGroup", "logStream", "logMetricFilter", "dashboard"].map(
    (type) => [`aws:cloudwatch/${type}:${upperFirst(type)}`, "it records or measures"] as const,
  ),
  ...["logDataProtectionPolicy", "queryDefinition", "eventRule", "eventBus", "eventArchive"].map(
    (type) => [`aws:cloudwatch/${type}:${upperFirst(type)}`, "it records or measures"] as const,
  ),
  ["aws:ssm/parameter:Parameter", "it is a value"],
  ...["aws:scheduler/scheduleGroup:ScheduleGroup", "aws:sfn/activity:Activity"].map(
    (type) => [type, "it names what does the work elsewhere"] as const,
  ),
  ["aws:bedrock/guardrail:Guardrail", "it restricts what models answer"],
  ...["aws:glue/catalogDatabase:CatalogDatabase", "aws:glue/catalogTable:CatalogTable"].map((type) => [type, "it describes data"] as const),
  ["aws:ec2/keyPair:KeyPair", "it opens nothing until an instance names it"],
  ...[
    "user",
    "group",
    "openIdConnectProvider",
    "instanceProfile",
    "serviceLinkedRole",
    "accountPasswordPolicy",
    "accountAlias",
    "serverCertificate",
  ].map((type) => [`aws:iam/${type}:${upperFirst(type)}`, "its rights are those of roles and policies, which are judged"] as const),
]);

/** Types of aws-native that hold data and that no policy judges. Its other types copy it, act on alarms or connect networks, and no policy reads their arguments. */
const HARMLESS_NATIVE: readonly string[] = [
  ...["sqs:Queue", "sns:Topic", "kinesis:Stream"],
  ...["route53:RecordSet", "route53:HealthCheck", "logs:LogGroup", "logs:LogStream", "logs:MetricFilter"],
  ...[
    "cloudwatch:Dashboard",
    "rds:DbInstance",
    "rds:DbCluster",
    "rds:DbSubnetGroup",
    "rds:DbParameterGroup",
    "rds:DbClusterParameterGroup",
  ],
  ...["efs:AccessPoint", "secretsmanager:Secret", "secretsmanager:RotationSchedule", "kms:Alias"],
].map((type) => `aws-native:${type}`);

/** Packages that compute values, and touch nothing beyond the state of the stack. */
const HARMLESS_PACKAGES: readonly string[] = ["random", "tls", "time", "std"];

/** Types of other packages that make images and upload them. Pods name images, and policies judge pods. */
const HARMLESS_IMAGES: readonly string[] = [
  "docker:index/image:Image",
  "docker:index/registryImage:RegistryImage",
  "docker-build:index:Image",
  "docker-build:index:Index",
];

/** Packages whose resources are made by a provider. A resource of another package that has no provider is a component. */
const PROVIDER_PACKAGES: readonly string[] = [
  ...[
    "aws",
    "aws-native",
    "command",
    "docker",
    "docker-build",
    "pulumi-nodejs",
    "pulumi-python",
    "terraform-provider",
    "azure",
    "azure-native",
  ],
  ...["gcp", "google-native", "null", "local", "external", "ansible", "pulumiservice", "github", "gitlab"],
];

function upperFirst(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** What messages of unknown types say. */
const UNKNOWN_TYPE: Classification = {
  type: "unknown",
  why: "this pack does not know the type, so it cannot check whether it runs commands or opens a way to nodes, to the cluster or to rights",
  instead: "Use a resource of the aws or kubernetes provider that the pack knows",
};

/**
 * What the pack knows about a resource that is no Kubernetes object.
 * @param hasProvider whether a provider makes it. A component has none: the program or a plugin registers its parts, each as a resource of its own.
 * @param isOfPlatform whether one of the platform's components registers it.
 */
export function classifyType(type: string, hasProvider: boolean, isOfPlatform: () => boolean): Classification {
  const by = JUDGED.get(type);
  if (by !== undefined) {
    return { type: "understood", by };
  }
  const way = WAYS_IN.get(type);
  if (way !== undefined) {
    return isOfPlatform()
      ? { type: "understood", by: ["the platform's configuration"] }
      : { type: "unknown", why: way.why, instead: way.instead };
  }
  const refused = REFUSED.get(type);
  if (refused !== undefined) {
    return { type: "unknown", why: refused.why, instead: refused.instead };
  }
  const because = harmlessBecause(type, hasProvider);
  return because === undefined ? UNKNOWN_TYPE : { type: "harmless", because };
}

function harmlessBecause(type: string, hasProvider: boolean): string | undefined {
  const isOf = (packages: readonly string[]) => packages.some((name) => type.startsWith(`${name}:`));
  if (/^pulumi:(?:providers:[\w-]+|pulumi:(?:Stack|StackReference|Stash))$/.test(type)) {
    return "it is Pulumi's own";
  }
  if (isOf(HARMLESS_PACKAGES)) {
    return "its package computes values";
  }
  if (HARMLESS_IMAGES.includes(type)) {
    return "it is an image, and policies judge the pods that run it";
  }
  // Types of bridged providers have a slash. The rehearsal knows no default providers, so it is a second sign of a provider there.
  if (type === VPC_COMPONENT || (!hasProvider && !isOf(PROVIDER_PACKAGES) && !type.includes("/"))) {
    return "it is a component, and the pack sees each of its parts";
  }
  // Stryker disable next-line StringLiteral,ArrayDeclaration: what does not match has no module
  const [, module, resource = "", kind] = /^aws:([a-z0-9]+)\/(\w+):(\w+)$/.exec(type) ?? [];
  if (HARMLESS_MODULES.includes(module) && upperFirst(resource) === kind) {
    return `the service ${String(module)} has neither nodes nor rights in a cluster`;
  }
  if (HARMLESS_NATIVE.includes(type)) {
    return "it holds data of its service";
  }
  return HARMLESS_TYPES.get(type);
}
