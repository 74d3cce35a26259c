/** What AWS copies by itself on behalf of a program. */
import type { StackMember } from "../evaluation/on-stack";

const BUCKETS: readonly string[] = ["bucket:Bucket", "bucketV2:BucketV2", "directoryBucket:DirectoryBucket"]
  .map((type) => `aws:s3/${type}`)
  .concat("aws-native:s3:Bucket");
const TABLES: readonly string[] = ["aws:dynamodb/table:Table"];

/** A property that names data, or where it goes, and the types of what it may name. */
export interface Place {
  readonly path: readonly string[];
  readonly types: readonly string[];
  /** Whether the place counts for this resource. @default always */
  readonly counts?: (member: StackMember) => boolean;
}

const at = (path: string, types: readonly string[], counts?: Place["counts"]): Place => ({
  ...{ path: path.split("."), types },
  ...(counts && { counts }),
});

/** Protocols of SNS that lead out of AWS. The others lead to a queue, a function or a stream, whose account accounts-known judges. */
const isSentOut = ({ props }: StackMember) => !["sqs", "lambda", "firehose"].includes(String(props["protocol"]));

/**
 * What AWS copies by itself from now on: the data, and the bucket that gets it. An ARN of a bucket has no account, so the bucket has to be the program's own, and the data
 * too: whoever may configure a copy needs no right to read what is copied. Logs of a program's own resources are not here.
 * Source: the arguments of @pulumi/aws 7.48.
 */
export const COPIES: ReadonlyMap<string, readonly Place[]> = new Map([
  ["aws:s3/bucketReplicationConfig:BucketReplicationConfig", [at("bucket", BUCKETS), at("rules.*.destination.bucket", BUCKETS)]],
  ["aws:s3/bucket:Bucket", [at("replicationConfiguration.rules.*.destination.bucket", BUCKETS)]],
  ["aws:s3/bucketV2:BucketV2", [at("replicationConfigurations.*.rules.*.destinations.*.bucket", BUCKETS)]],
  ["aws-native:s3:Bucket", [at("replicationConfiguration.rules.*.destination.bucket", BUCKETS)]],
  [
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
    ["*.bucketArn", "*.s3Configuration.bucketArn", "*.s3BackupConfiguration.bucketArn"].map((path) => at(path, BUCKETS)),
  ],
  ["aws:dynamodb/tableExport:TableExport", [at("tableArn", TABLES), at("s3Bucket", BUCKETS)]],
  ["aws:dynamodb/kinesisStreamingDestination:KinesisStreamingDestination", [at("tableName", TABLES)]],
  [
    "aws:rds/exportTask:ExportTask",
    [
      at(
        "sourceArn",
        ["instance", "snapshot", "cluster", "clusterSnapshot"].map((type) => `aws:rds/${type}:${upperFirst(type)}`),
      ),
      at("s3BucketName", BUCKETS),
    ],
  ],
  ["aws:msk/channel:Channel", [at("s3Destination.storage.bucketArn", BUCKETS)]],
  [
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
    [at("logGroup", ["aws:cloudwatch/logGroup:LogGroup", "aws:lambda/function:Function"])],
  ],
  ["aws:sns/topicSubscription:TopicSubscription", [at("topic", ["aws:sns/topic:Topic"], isSentOut)]],
]);

function upperFirst(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
