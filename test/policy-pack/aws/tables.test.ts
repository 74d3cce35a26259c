/** What the policies for AWS know by name: the tables, and what stands at the edge of their patterns. */
import { KNOWN_ACTIONS, KNOWN_EVERYWHERE } from "../../../policy-pack/aws/iam/known-actions";
import { gpuAmiIgnoresVisibleDevices } from "../../../policy-pack/aws/gpu-pools/gpu-ami-ignores-visible-devices";
import { gpuPoolLabelsLeftToAgents } from "../../../policy-pack/aws/gpu-pools/gpu-pool-labels-left-to-agents";
import { iamNoAdministratorPolicies } from "../../../policy-pack/aws/iam/iam-no-administrator-policies";
import { iamNoWayIntoCluster } from "../../../policy-pack/aws/iam/iam-no-way-into-cluster";
import { volumesEncrypted } from "../../../policy-pack/aws/nodes/volumes-encrypted";
import { UNKNOWN, violations } from "../verdict";

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";

test("actions that are known", () => {
  expect(KNOWN_ACTIONS).toMatchSnapshot();
  expect(KNOWN_EVERYWHERE).toMatchSnapshot();
});

test("services of which one thing can be given as a whole", () => {
  const allowed = (action: string) =>
    violations(
      iamNoWayIntoCluster,
      { policy: { Statement: [{ Effect: "Allow", Action: action, Resource: "x" }] } },
      {},
      "aws:iam/policy:Policy",
    ).length === 0;
  const services = [...new Set(KNOWN_ACTIONS.map((action) => action.split(":")[0] ?? ""))];
  expect(services.filter((service) => allowed(`${service}:*`))).toMatchSnapshot();
  expect(allowed("s3:**")).toBe(false);
  expect(allowed("S3:*")).toBe(true);
});

describe("managed policies", () => {
  const ATTACHMENTS = ["rolePolicyAttachment", "userPolicyAttachment", "groupPolicyAttachment", "policyAttachment"];
  const attached = (name: string, attachment = "rolePolicyAttachment", prefix = "arn:aws:iam::aws:policy/") =>
    violations(
      iamNoAdministratorPolicies,
      { policyArn: `${prefix}${name}` },
      {},
      `aws:iam/${attachment}:${attachment.charAt(0).toUpperCase()}${attachment.slice(1)}`,
    );

  test.each([
    ...["AmazonEKSClusterPolicy", "AmazonEKSWorkerNodePolicy", "AmazonEKSWorkerNodeMinimalPolicy", "AmazonEKS_CNI_Policy"],
    ...["AmazonEKSVPCResourceController", "service-role/AmazonEBSCSIDriverPolicy", "service-role/AmazonEBSCSIDriverPolicyV2"],
    ...["service-role/AmazonEFSCSIDriverPolicy", "AmazonEC2ContainerRegistryReadOnly", "AmazonEC2ContainerRegistryPullOnly"],
    ...[
      "AmazonEC2ContainerRegistryPowerUser",
      "CloudWatchAgentServerPolicy",
      "AWSXRayDaemonWriteAccess",
      "AmazonPrometheusRemoteWriteAccess",
    ],
    ...["AmazonPrometheusQueryAccess", "service-role/AWSLambdaBasicExecutionRole", "service-role/AWSLambdaVPCAccessExecutionRole"],
    ...[
      "service-role/AWSLambdaSQSQueueExecutionRole",
      "service-role/AWSLambdaKinesisExecutionRole",
      "service-role/AWSLambdaDynamoDBExecutionRole",
    ],
    ...["service-role/AmazonECSTaskExecutionRolePolicy", "service-role/AmazonAPIGatewayPushToCloudWatchLogs"],
    ...[
      "AmazonElasticFileSystemClientReadWriteAccess",
      "AmazonElasticFileSystemClientFullAccess",
      "AmazonS3ReadOnlyAccess",
      "ReadOnlyAccess",
    ],
    ...["AmazonAugmentedReadOnlyAccess_v2", "AmazonAugmentedReadOnlyAccess_v10", "AmazonRDSreadonlyaccess"],
  ])("%s can be attached", (name) => {
    expect(ATTACHMENTS.map((attachment) => attached(name, attachment))).toEqual(ATTACHMENTS.map(() => []));
  });

  test.each([
    ...["AmazonS3FullAccess", "AmazonDynamoDBFullAccess", "AmazonSQSFullAccess", "CloudWatchLogsFullAccess"],
    ...["AdministratorAccess", "ReadOnlyAccessAndMore", "AmazonReadOnlyAccess_vX", "x"],
  ])("%s cannot be attached", (name) => {
    for (const attachment of ATTACHMENTS) {
      expect(attached(name, attachment)).toEqual([expect.stringContaining(name)]);
    }
  });

  test("a policy of one's own is none of them", () => {
    expect(attached("AdministratorAccess", "rolePolicyAttachment", "arn:aws:iam::123456789012:policy/x/arn:aws:iam::aws:policy/")).toEqual(
      [],
    );
  });
});

test.each([
  "lambda",
  "glue",
  "codebuild",
  "ecs",
  "sagemaker",
  "states",
  "cloudformation",
  "cloudcontrol",
  "kms",
  "secretsmanager",
  "quantum",
])("why actions of %s are denied", (service) => {
  const policy = { Statement: [{ Effect: "Allow", Action: [`${service}:CreateX`, 7], Resource: "x" }] };
  expect(violations(iamNoWayIntoCluster, { policy }, {}, "aws:iam/policy:Policy")).toMatchSnapshot();
});

test("releases of the GPU image", () => {
  const said = (props: object, config: object = { oldestRelease: "20260101" }) =>
    violations(
      gpuAmiIgnoresVisibleDevices,
      { instanceTypes: ["p4d.24xlarge"], amiType: "AL2023_x86_64_NVIDIA", ...props },
      config,
      NODE_GROUP,
    );
  const releases = [
    "1.34.1-20260101",
    "1.34.10-20260102",
    "10.34.1-20260101",
    "1.34.1-20251231",
    "x1.34.1-20260101",
    "1.34.1-202601010",
    "1.34-20260101",
    7,
    undefined,
    UNKNOWN,
  ];
  expect(
    Object.fromEntries(
      releases.map((releaseVersion) => [String(releaseVersion === UNKNOWN ? "unknown" : releaseVersion), said({ releaseVersion })]),
    ),
  ).toMatchSnapshot();
  expect(said({ amiType: "CUSTOM", releaseVersion: "1.34.1-20260101" })).toEqual([expect.stringContaining("not a release of AWS")]);
  expect(violations(gpuAmiIgnoresVisibleDevices, { instanceType: "p4d.24xlarge" }, {}, "eks:index:NodeGroupV2")).toEqual([
    expect.stringContaining("not a release of AWS"),
  ]);
  expect(said({ instanceTypes: ["m6i.large"], amiType: "AL2023_x86_64_STANDARD", releaseVersion: "x" })).toEqual([]);
});

test("labels that are unknown, and disks", () => {
  expect(violations(gpuPoolLabelsLeftToAgents, { labels: UNKNOWN }, {}, NODE_GROUP)).toMatchSnapshot();
  const disks = (ebsBlockDevices: unknown) =>
    violations(volumesEncrypted, { rootBlockDevice: { encrypted: true }, ebsBlockDevices }, {}, "aws:ec2/instance:Instance");
  expect(disks(UNKNOWN)).toMatchSnapshot();
  expect(disks([{ encrypted: true }, { encrypted: false }])).toMatchSnapshot();
  expect(disks([{ encrypted: true }])).toEqual([]);
});
