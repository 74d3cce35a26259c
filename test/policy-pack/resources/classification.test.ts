/**
 * What the pack knows about every type of the two SDKs and every custom resource of the table. The record is by sentence, so that a type that changes its
 * place shows in a review.
 */
import { classifyRelease } from "../../../policy-pack/resources/classification/charts";
import { classifyType } from "../../../policy-pack/resources/classification/cloud-types";
import { classifyObject } from "../../../policy-pack/resources/classification/kubernetes-kinds";
import type { Classification } from "../../../policy-pack/resources/classification/types";
import { kubernetesObjects } from "../../../policy-pack/resources/objects";
import { CUSTOM_KINDS } from "../../../src/cluster/custom-resources/table";
import { sdkTypes } from "../../support/sdk-types";

function sentenceOf(classification: Classification): string {
  switch (classification.type) {
    case "understood":
      return `understood: ${classification.by.join(", ")}`;
    case "harmless":
      return `harmless: ${classification.because}`;
    case "unknown":
      return `unknown: ${classification.why}. ${classification.instead}`;
  }
}

type Known = readonly [type: string, sentence: string];

function bySentence(known: readonly Known[]): Readonly<Record<string, readonly string[]>> {
  const sentences = [...new Set(known.map(([, sentence]) => sentence))].sort();
  return Object.fromEntries(sentences.map((sentence) => [sentence, known.filter((each) => each[1] === sentence).map(([type]) => type)]));
}

const cloud = (types: readonly string[], hasProvider = true) =>
  bySentence(types.map((type): Known => [type, sentenceOf(classifyType(type, hasProvider, () => false))]));

const kubernetes = (types: readonly string[]) =>
  bySentence(
    types.flatMap((type) =>
      kubernetesObjects({ type, urn: `urn:pulumi:dev::shared-gpu::${type}::x`, props: {} }).map((object): Known => [
        type,
        sentenceOf(classifyObject(object)),
      ]),
    ),
  );

test("types of AWS that the pack knows; every other one is unknown", () => {
  const entries = Object.entries(cloud(sdkTypes("aws")));
  expect(
    Object.fromEntries(entries.filter(([sentence]) => !sentence.startsWith("unknown: this pack does not know the type"))),
  ).toMatchSnapshot();
});

test("what only the platform may register, it may", () => {
  const said = (isOfPlatform: boolean) =>
    new Map(sdkTypes("aws").map((type) => [type, sentenceOf(classifyType(type, true, () => isOfPlatform))]));
  const [others, platforms] = [said(false), said(true)];
  expect([...platforms].filter(([type, sentence]) => others.get(type) !== sentence)).toMatchSnapshot();
});

test("types of Kubernetes", () => {
  expect(kubernetes(sdkTypes("kubernetes"))).toMatchSnapshot();
});

test("custom resources, with their patches", () => {
  const types = CUSTOM_KINDS.flatMap(({ group, kinds }) => kinds.map((kind) => `kubernetes:${group}/v1:${kind}`));
  expect(kubernetes([...types, ...types.map((type) => `${type}Patch`)])).toMatchSnapshot();
});

const NODES = ["karpenter.sh", "karpenter.k8s.aws", "eks.amazonaws.com", "cluster.x-k8s.io", "infrastructure.cluster.x-k8s.io"];
const RESERVED = ["nvidia.com", "resource.nvidia.com", "nfd.k8s-sigs.io"];

test("every kind of groups that start nodes or configure GPUs, and what nobody knows", () => {
  const things = [...NODES, ...RESERVED, "example.com"].map((group) => `kubernetes:${group}/v1:Thing`);
  const ofQueues = ["MultiKueueConfig", "MultiKueueCluster"].map((kind) => `kubernetes:kueue.x-k8s.io/v1beta1:${kind}`);
  expect(kubernetes([...things, ...ofQueues, "kubernetes:policy/v1:Eviction"])).toMatchSnapshot();
});

test("charts", () => {
  const chart = { name: "gpu-operator", reference: "x", repository: undefined, version: undefined, versionPath: "version", values: {} };
  expect(sentenceOf(classifyRelease(chart as never, { type: "remote" }, true))).toBe(
    "understood: chart-versions-pinned, the policies for Helm charts",
  );
  expect(sentenceOf(classifyRelease(chart as never, { type: "remote" }, false))).toBe(
    "unknown: Helm installs what the chart contains, and the program registers none of it, so no policy can check it. Install the chart with kubernetes.helm.v4.Chart, which registers each of its objects",
  );
});

const nativeType = (type: string) => `aws-native:${type}`;

const OTHERS = [
  ...["pulumi:pulumi:Stack", "pulumi:pulumi:StackReference", "pulumi:pulumi:Stash", "pulumi:providers:aws", "pulumi:providers:a_b-c"],
  ...[
    "pulumi:pulumi:Other",
    "pulumi:providers:",
    "pulumi:providers:aws:x",
    "x:pulumi:pulumi:Stack",
    "pulumi:pulumi:Stacks",
    "xpulumi:pulumi:Stack",
  ],
  ...["random:index/randomId:RandomId", "tls:index/privateKey:PrivateKey", "time:index/sleep:Sleep", "std:index:abs", "stdx:index:abs"],
  ...["docker:index/image:Image", "docker:index/registryImage:RegistryImage", "docker-build:index:Image", "docker-build:index:Index"],
  ...["docker:index/container:Container", "command:local:Command", "pulumi-nodejs:dynamic:Resource", "pulumi-python:dynamic:Resource"],
  ...["aws-native:ec2:Instance", "aws-native:s3:", "aws-native:s3:Bucket:x", "xaws-native:s3:Bucket", "aws-native:s3:bucket/Bucket"],
  ...[
    "s3:Bucket",
    "s3:BucketPolicy",
    "sqs:Queue",
    "sqs:QueuePolicy",
    "sns:Topic",
    "sns:TopicPolicy",
    "dynamodb:Table",
    "kinesis:Stream",
  ].map(nativeType),
  ...["ecr:Repository", "route53:RecordSet", "route53:HealthCheck", "logs:LogGroup", "logs:LogStream", "logs:MetricFilter"].map(nativeType),
  ...["cloudwatch:Dashboard", "rds:DbInstance", "rds:DbCluster", "rds:DbSubnetGroup", "rds:DbParameterGroup"].map(nativeType),
  ...["rds:DbClusterParameterGroup", "efs:FileSystem", "efs:AccessPoint", "secretsmanager:Secret", "kms:Key", "kms:Alias"].map(nativeType),
  ...["secretsmanager:RotationSchedule", "s3:AccessGrant", "sns:Subscription", "ecr:ReplicationConfiguration"].map(nativeType),
  ...["cloudwatch:Alarm", "logs:SubscriptionFilter", "logs:AccountPolicy", "route53:HostedZone"].map(nativeType),
  ...["aws:s3/bucket:Other", "aws:s3/bucket:Bucket:x", "xaws:s3/bucket:Bucket", "aws:nope/bucket:Bucket", "aws:s3:Bucket"],
  ...["azure", "azure-native", "gcp", "google-native", "null", "local", "external", "ansible", "pulumiservice", "github", "gitlab"].map(
    (name) => `${name}:module:Thing`,
  ),
  ...["aws:module:Thing", "docker:module:Thing", "docker-build:module:Thing", "terraform-provider:module:Thing"],
  ...["Cluster", "ManagedNodeGroup", "NodeGroup", "NodeGroupV2"].map((type) => `eks:index:${type}`),
  ...["acme:index:Site", "acme:index/site:Site", "awsx:ec2:Vpc", "awsx:lb:ApplicationLoadBalancer", "", ":"],
];

test.each([true, false])("types of other packages (a provider makes them: %p)", (hasProvider) => {
  expect(cloud(OTHERS, hasProvider)).toMatchSnapshot();
});

test("charts that are at hand, or cannot be read", () => {
  const chart = {
    ...{ name: "app", reference: "./app", version: "1.0.0", repository: undefined },
    ...{ valueFiles: undefined, postRenderer: undefined, values: undefined },
  };
  const said = (fetchesDependencies: unknown, local: Parameters<typeof classifyRelease>[1]) =>
    sentenceOf(classifyRelease({ ...chart, fetchesDependencies }, local, false));
  const objects = { type: "objects", objects: [] } as const;
  expect({
    objects: [undefined, false].map((fetches) => said(fetches, objects)),
    "with dependencies from elsewhere": [true, "false", null].map((fetches) => said(fetches, objects)),
    unreadable: said(false, { type: "unreadable", reason: "is not there" }),
    "with an answer": said(false, { type: "unreadable", reason: "is in the program's folder", instead: "Write the chart's absolute path" }),
    remote: said(false, { type: "remote" }),
  }).toMatchSnapshot();
});

test("kinds of Argo", () => {
  const kinds = ["Application", "ApplicationSet", "AppProject", "Workflow"];
  expect(kubernetes(kinds.map((kind) => `kubernetes:argoproj.io/v1alpha1:${kind}`))).toMatchSnapshot();
});
