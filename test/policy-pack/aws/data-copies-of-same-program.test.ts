import { dataCopiesOfSameProgram } from "../../../policy-pack/aws/sharing/data-copies-of-same-program";
import { COPIES } from "../../../policy-pack/resources/data-copies";
import { declarationOf } from "../../../src/rehearsal/stand-ins/declarations";
import { stackViolations } from "../stack-verdict";
import type { StackResource } from "../stack-verdict";
import { UNKNOWN } from "../verdict";

const ACCOUNT = "123456789012";
const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:${ACCOUNT}:${resource}`;

const OWN: readonly StackResource[] = [
  { type: "aws:s3/bucket:Bucket", name: "bucket", props: { id: "own", bucket: "own", arn: "arn:aws:s3:::own" } },
  { type: "aws:s3/bucketV2:BucketV2", name: "copy", props: { bucket: "copy" } },
  { type: "aws:dynamodb/table:Table", name: "table", props: { name: "orders", arn: arn("dynamodb", "table/orders") } },
  { type: "aws:rds/snapshot:Snapshot", name: "snapshot", props: { arn: arn("rds", "snapshot:own") } },
  { type: "aws:cloudwatch/logGroup:LogGroup", name: "group", props: { name: "/app/own", arn: arn("logs", "log-group:/app/own") } },
  { type: "aws:lambda/function:Function", name: "function", props: { name: "own", arn: arn("lambda", "function:own") } },
  { type: "aws:sns/topic:Topic", name: "topic", props: { name: "own", arn: arn("sns", "own") } },
  { type: "aws:s3/bucket:Bucket", name: "made", props: { id: "made" } },
  { type: "aws:sqs/queue:Queue", name: "queue", props: { name: "", arn: arn("sqs", "queue") } },
];

const judge = (type: string, props: object, from?: StackResource["from"], config = {}) =>
  stackViolations(
    dataCopiesOfSameProgram,
    [...OWN, { type: `aws:${type}`, name: "x", props: props as StackResource["props"], ...(from && { from }) }],
    config,
  ).map(({ message }) => message);

const replicated = (bucket: unknown, to: unknown, from?: StackResource["from"], config = {}) =>
  judge("s3/bucketReplicationConfig:BucketReplicationConfig", { bucket, rules: [{ destination: { bucket: to } }] }, from, config);
const stream = (props: object, from?: StackResource["from"]) => judge("kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", props, from);
const logs = (logGroup: unknown, from?: StackResource["from"]) =>
  judge("cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", { logGroup }, from);
const messages = (topic: unknown, protocol: string) => judge("sns/topicSubscription:TopicSubscription", { topic, protocol, endpoint: "x" });

describe("Should pass if", () => {
  test.each<[string, readonly string[]]>([
    ["a bucket is replicated into another of the program", replicated("own", "arn:aws:s3:::copy")],
    ["AWS made up the name", replicated("made", "arn:aws:s3:::made")],
    ["both are known only during `up`", replicated(UNKNOWN, UNKNOWN, { bucket: ["bucket"], rules: ["copy"] })],
    ["the other bucket is agreed on", replicated("own", "arn:aws:s3:::backup", undefined, { others: ["arn:aws:s3:::backup"] })],
    [
      "the rule is in the bucket",
      judge("s3/bucket:Bucket", { replicationConfiguration: { rules: [{ destination: { bucket: "arn:aws:s3:::copy" } }] } }),
    ],
    ["the provider fills in what a bucket is replicated to", judge("s3/bucket:Bucket", { replicationConfiguration: UNKNOWN })],
    ["a bucket is not replicated", judge("s3/bucket:Bucket", { bucket: "x" })],
    ["a stream writes into its bucket", stream({ extendedS3Configuration: { bucketArn: "arn:aws:s3:::own" } })],
    [
      "a stream knows its bucket only during `up`",
      stream({ extendedS3Configuration: { bucketArn: UNKNOWN } }, { extendedS3Configuration: ["bucket"] }),
    ],
    ["a table is exported", judge("dynamodb/tableExport:TableExport", { tableArn: arn("dynamodb", "table/orders"), s3Bucket: "own" })],
    ["a table is named", judge("dynamodb/kinesisStreamingDestination:KinesisStreamingDestination", { tableName: "orders" })],
    ["a snapshot is exported", judge("rds/exportTask:ExportTask", { sourceArn: arn("rds", "snapshot:own"), s3BucketName: "own" })],
    ["its log is read on", logs("/app/own")],
    ["the log of its function is", logs("/aws/lambda/own")],
    ["its messages go to people", messages(arn("sns", "own"), "email")],
    ["messages of others go to a queue", messages(arn("sns", "orders"), "sqs")],
    ["messages of others go to a function", messages(arn("sns", "orders"), "lambda")],
    ["messages of others go to a stream", messages(arn("sns", "orders"), "firehose")],
  ])("%s", (_, said) => {
    expect(said).toEqual([]);
  });
});

describe("Should fail if", () => {
  test.each<[string, readonly string[], RegExp]>([
    [
      "a bucket is replicated into one of others",
      replicated("own", "arn:aws:s3:::evil"),
      /^"rules\.\*\.destination\.bucket" is arn:aws:s3:::evil, which this program does not register\. Register it in this program, or name it in the setting others of this policy\.$/,
    ],
    ["the bucket of others is replicated", replicated("state", "arn:aws:s3:::copy"), /"bucket" is state/],
    [
      "nobody knows into which",
      replicated("own", UNKNOWN, { bucket: ["bucket"], rules: ["queue"] }),
      /"rules\.\*\.destination\.bucket" is unknown until `pulumi up`, so this policy cannot check whose data is copied, or who gets it/,
    ],
    [
      "the rule is in the bucket",
      judge("s3/bucketV2:BucketV2", { replicationConfigurations: [{ rules: [{ destinations: [{ bucket: "arn:aws:s3:::evil" }] }] }] }),
      /evil/,
    ],
    [
      "the rule is in a bucket of the native provider",
      stackViolations(dataCopiesOfSameProgram, [
        {
          type: "aws-native:s3:Bucket",
          name: "x",
          props: { replicationConfiguration: { rules: [{ destination: { bucket: "arn:aws:s3:::evil" } }] } },
        },
      ]).map(({ message }) => message),
      /evil/,
    ],
    ["a stream writes into the bucket of others", stream({ extendedS3Configuration: { bucketArn: "arn:aws:s3:::evil" } }), /evil/],
    [
      "a stream writes what fails there",
      stream({ httpEndpointConfiguration: { s3Configuration: { bucketArn: "arn:aws:s3:::evil" } } }),
      /evil/,
    ],
    [
      "a stream writes a copy there",
      stream({ redshiftConfiguration: { s3BackupConfiguration: { bucketArn: "arn:aws:s3:::evil" } } }),
      /evil/,
    ],
    [
      "nobody knows where a stream writes",
      stream({ extendedS3Configuration: { bucketArn: UNKNOWN } }, { extendedS3Configuration: ["queue"] }),
      /"\*\.bucketArn" is unknown/,
    ],
    [
      "the table of others is exported",
      judge("dynamodb/tableExport:TableExport", { tableArn: arn("dynamodb", "table/billing"), s3Bucket: "own" }),
      /billing/,
    ],
    [
      "the database of others is",
      judge("rds/exportTask:ExportTask", { sourceArn: arn("rds", "snapshot:billing"), s3BucketName: "own" }),
      /billing/,
    ],
    ["the log of the control plane is read on", logs("/aws/eks/dev/cluster"), /cluster/],
    ["a log that ends like its own is", logs("/aws/lambda/x/own"), /x\/own/],
    ["a queue without a name is no log", logs("" + "queue"), /queue/],
    ["messages of others go to people", messages(arn("sns", "orders"), "email"), /orders/],
    ["messages of others go to an address", messages(arn("sns", "orders"), "https"), /orders/],
  ])("%s", (_, said, message) => {
    expect(said).toEqual([expect.stringMatching(message)]);
  });
});

test("every place of the table, with somebody else's, and every path is an argument", () => {
  const nested = (path: readonly string[]): unknown => {
    const [key, ...rest] = path;
    return key === undefined ? "evil" : key === "*" ? [nested(rest)] : { [key]: nested(rest) };
  };
  const said = [...COPIES].map(([type, places]) => [
    type,
    places.flatMap(({ path }) =>
      // A stream has its first property among many.
      stackViolations(dataCopiesOfSameProgram, [
        {
          type,
          name: "x",
          props: nested(path[0] === "*" ? ["extendedS3Configuration", ...path.slice(1)] : path) as StackResource["props"],
        },
      ]),
    ).length,
  ]);
  expect(said).toEqual([...COPIES].map(([type, places]) => [type, places.length]));
  const missing = [...COPIES].flatMap(([type, places]) =>
    places
      .filter(({ path: [first = ""] }) => first !== "*" && type.startsWith("aws:") && declarationOf(type)?.arguments.has(first) !== true)
      .map(({ path }) => [type, path]),
  );
  expect(missing).toEqual([]);
});
