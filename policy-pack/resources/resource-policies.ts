/** The policies that resources carry themselves: who else may read a bucket, use a key, send to a queue. */
import { valueAt } from "../../src/json/value-at";
import { UNKNOWN, untypedEntries } from "../evaluation/snapshot";
import type { Snapshot } from "../evaluation/snapshot";

interface Carrier {
  /** Module and type of the provider: `s3` and `bucketPolicy`, of aws-native `BucketPolicy`. */
  readonly module: string;
  readonly types: readonly string[];
  /** Path of the document in the properties. */
  readonly path: string;
}

const of = (module: string, types: readonly string[], path = "policy"): Carrier => ({ module, types, path });

/**
 * Where the types of the aws provider have them. Not here: policies of APIs and search domains, which are often meant for everybody and have other gates; of
 * endpoints of a VPC, which only narrow; and of public repositories of images.
 * Source: the arguments of @pulumi/aws 7.48 of which the name says policy.
 */
const AWS: readonly Carrier[] = [
  of("s3", ["accessPoint", "bucket", "bucketV2", "bucketPolicy", "filesFileSystemPolicy", "vectorsVectorBucketPolicy"]),
  of("s3control", ["accessGrantsInstanceResourcePolicy", "accessPointPolicy", "bucketPolicy", "objectLambdaAccessPointPolicy"]),
  of("s3tables", ["tableBucketPolicy", "tablePolicy"], "resourcePolicy"),
  of("kms", ["key", "keyPolicy", "externalKey", "replicaKey", "replicaExternalKey"]),
  of("secretsmanager", ["secret", "secretPolicy"]),
  of("sqs", ["queue", "queuePolicy"]),
  of("sns", ["topic", "topicPolicy"]),
  of("lambda", ["resourcePolicy"]),
  of("ecr", ["repositoryPolicy", "registryPolicy"]),
  of("ecr", ["repositoryCreationTemplate"], "repositoryPolicy"),
  of("codeartifact", ["domainPermissions", "repositoryPermissionsPolicy"], "policyDocument"),
  of("dynamodb", ["resourcePolicy"]),
  of("kinesis", ["resourcePolicy"]),
  of("efs", ["fileSystemPolicy"]),
  of("backup", ["vaultPolicy"]),
  of("msk", ["clusterPolicy"]),
  of("redshift", ["resourcePolicy"]),
  of("acmpca", ["policy"]),
  of("schemas", ["registryPolicy"]),
  of("ses", ["identityPolicy"]),
  of("sesv2", ["emailIdentityPolicy"]),
  of("amp", ["resourcePolicy"], "policyDocument"),
  of("xray", ["resourcePolicy"], "policyDocument"),
  of("vpclattice", ["resourcePolicy"]),
  of("cloudwatch", ["eventBusPolicy"]),
  of("cloudwatch", ["logResourcePolicy"], "policyDocument"),
];

/** Where those of aws-native have them. */
const NATIVE: readonly Carrier[] = [
  of("s3", ["BucketPolicy"], "policyDocument"),
  of("s3", ["AccessPoint"]),
  of("sqs", ["QueuePolicy", "QueueInlinePolicy"], "policyDocument"),
  of("sns", ["TopicPolicy", "TopicInlinePolicy"], "policyDocument"),
  of("kms", ["Key", "ReplicaKey"], "keyPolicy"),
  of("secretsmanager", ["ResourcePolicy"], "resourcePolicy"),
  of("ecr", ["Repository"], "repositoryPolicyText"),
  of("ecr", ["RegistryPolicy"], "policyText"),
  of("efs", ["FileSystem"], "fileSystemPolicy"),
  of("dynamodb", ["Table"], "resourcePolicy.policyDocument"),
  of("kinesis", ["ResourcePolicy"], "resourcePolicy"),
  of("logs", ["ResourcePolicy"], "policyDocument"),
];

const upperFirst = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const tokensOf = (carriers: readonly Carrier[], token: (module: string, type: string) => string) =>
  carriers.flatMap(({ module, types, path }) => types.map((type) => [token(module, type), path] as const));

const PATHS: ReadonlyMap<string, string> = new Map([
  ...tokensOf(AWS, (module, type) => `aws:${module}/${type}:${upperFirst(type)}`),
  ...tokensOf(NATIVE, (module, type) => `aws-native:${module}:${type}`),
]);

/** Resources that share another one by fields of their own, as the statements that these stand for. `path` is the field that says with whom. */
const SHARES: ReadonlyMap<string, { readonly path: string; readonly statements: (props: Snapshot) => readonly object[] }> = new Map([
  [
    "aws:lambda/permission:Permission",
    {
      path: "principal",
      statements: ({ principal, action, sourceArn, sourceAccount, principalOrgId }) => [
        share(principal, {
          Action: action,
          ...comparing({ "aws:SourceArn": sourceArn, "aws:SourceAccount": sourceAccount, "aws:PrincipalOrgID": principalOrgId }),
        }),
      ],
    },
  ],
  [
    "aws:lambda/layerVersionPermission:LayerVersionPermission",
    {
      path: "principal",
      statements: ({ principal, organizationId }) => [share(principal, comparing({ "aws:PrincipalOrgID": organizationId }))],
    },
  ],
  [
    "aws:lambda/functionUrl:FunctionUrl",
    {
      path: "authorizationType",
      statements: ({ authorizationType }) =>
        authorizationType === UNKNOWN ? [UNKNOWN_SHARE] : authorizationType === "NONE" ? [share("*")] : [],
    },
  ],
  [
    "aws:kms/grant:Grant",
    { path: "granteePrincipal", statements: ({ granteePrincipal, keyId }) => [share(granteePrincipal, { Resource: keyId })] },
  ],
  ["aws:rds/snapshot:Snapshot", { path: "sharedAccounts", statements: ({ sharedAccounts }) => shares(sharedAccounts) }],
  ["aws:rds/clusterSnapshot:ClusterSnapshot", { path: "sharedAccounts", statements: ({ sharedAccounts }) => shares(sharedAccounts) }],
  ["aws:rds/snapshotCopy:SnapshotCopy", { path: "sharedAccounts", statements: ({ sharedAccounts }) => shares(sharedAccounts) }],
  [
    "aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy",
    { path: "sharedAccounts", statements: ({ sharedAccounts }) => shares(sharedAccounts) },
  ],
  [
    "aws:ec2/vpcEndpointService:VpcEndpointService",
    { path: "allowedPrincipals", statements: ({ allowedPrincipals }) => shares(allowedPrincipals) },
  ],
]);

/** A statement for one principal: a service of AWS, an account, or everybody. */
function share(principal: unknown, more: object = {}): object {
  const isService = typeof principal === "string" && /^[a-z].*\.[a-z]+$/.test(principal);
  return { Effect: "Allow", Principal: principal === UNKNOWN ? UNKNOWN : { [isService ? "Service" : "AWS"]: principal }, ...more };
}

const UNKNOWN_SHARE = share(UNKNOWN);

/** A statement for each principal of a list. RDS writes everybody as `all`. */
function shares(principals: unknown): readonly object[] {
  return principals === UNKNOWN
    ? [UNKNOWN_SHARE]
    : untypedEntries(principals).map((principal) => share(principal === "all" ? "*" : principal));
}

function comparing(values: Readonly<Record<string, unknown>>): object {
  return {
    Condition: { StringLike: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null)) },
  };
}

/** Buckets and objects, which can also have lists of whom they let in. */
export const BUCKETS: readonly string[] = [
  ...["bucket", "bucketV2", "bucketAcl", "bucketAclV2", "bucketObject", "bucketObjectv2", "objectCopy"].map(
    (type) => `aws:s3/${type}:${upperFirst(type)}`,
  ),
  "aws-native:s3:Bucket",
];

/** Types with a policy among other arguments. */
export const WITH_POLICY: readonly string[] = [...PATHS.keys()];

/** The other types whose policies are read. */
export const CARRIERS: readonly string[] = [...WITH_POLICY.filter((type) => !BUCKETS.includes(type)), ...SHARES.keys()];

/** A policy and its path in the resource. */
export interface CarriedPolicy {
  readonly path: string;
  readonly value: unknown;
}

/** The policy of a resource of {@link CARRIERS} or {@link BUCKETS}; undefined if it has none. */
export function policyOf(type: string, props: Snapshot): CarriedPolicy | undefined {
  const shared = SHARES.get(type);
  if (shared !== undefined) {
    return { path: shared.path, value: { Statement: shared.statements(props) } };
  }
  const path = PATHS.get(type) ?? "";
  const [first = "", ...rest] = path.split(".");
  const value = valueAt(props[first], ...rest);
  return value === undefined || value === null ? undefined : { path, value };
}
