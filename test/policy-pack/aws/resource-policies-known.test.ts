import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { resourcePoliciesKnown } from "../../../policy-pack/aws/iam/resource-policies-known";
import { classifyType } from "../../../policy-pack/resources/classification/cloud-types";
import { DOCUMENTS } from "../../../policy-pack/resources/iam-documents";
import { BUCKETS, CARRIERS } from "../../../policy-pack/resources/resource-policies";
import { ROOT } from "../../support/program";
import { sdkTypes } from "../../support/sdk-types";
import { UNKNOWN, violations } from "../verdict";

const OWN = "123456789012";
const OTHER = "210987654321";
const ORGANIZATION = "o-abcdefghij";
const TRUST = { trustedAccounts: [OWN], trustedOrganizations: [ORGANIZATION] };

const BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy";
const QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy";
const KEY = "aws:kms/key:Key";
const PERMISSION = "aws:lambda/permission:Permission";

const judge = (type: string, props: object, config: object = TRUST) =>
  violations(resourcePoliciesKnown, props as Readonly<Record<string, unknown>>, config, type).join("\n");
const document = (...statements: readonly object[]) => ({ Version: "2012-10-17", Statement: statements });
const read = (more: object) => ({ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::data/*", ...more });
const bucket = (more: object, config?: object) => judge(BUCKET_POLICY, { bucket: "data", policy: document(read(more)) }, config);
const everybody = (operator: string, key: string, value: unknown) =>
  bucket({ Principal: "*", Condition: { [operator]: { [key]: value } } });
const service = (name: string, more: object) => bucket({ Principal: { Service: name }, ...more });
const source = (key: string, value: unknown, operator = "StringEquals") => ({ Condition: { [operator]: { [key]: value } } });

describe("Should pass if a bucket lets in", () => {
  test.each<[string, string]>([
    ["its own account", bucket({ Principal: { AWS: OWN } })],
    ["roles of it", bucket({ Principal: { AWS: [`arn:aws:iam::${OWN}:role/reader`, `arn:aws:iam::${OWN}:root`] } })],
    ["roles that are made by the same program", bucket({ Principal: { AWS: UNKNOWN } })],
    ["its organization", everybody("StringEquals", "aws:PrincipalOrgID", ORGANIZATION)],
    ["whoever is of its account", everybody("StringEquals", "AWS:PrincipalAccount", [OWN])],
    ["roles with a path in its account", everybody("ArnLike", "aws:PrincipalArn", `arn:aws:iam::${OWN}:role/readers/*`)],
    ["whom an unknown condition names", bucket({ Principal: "*", Condition: UNKNOWN })],
    ["whom an unknown comparison names", bucket({ Principal: "*", Condition: { StringEquals: UNKNOWN } })],
    ["whom an unknown value names", everybody("StringEquals", "aws:PrincipalOrgID", UNKNOWN)],
    ["nobody without TLS", bucket({ Effect: "Deny", Principal: "*", Condition: { Bool: { "aws:SecureTransport": "false" } } })],
    ["nobody but some", bucket({ Effect: "deny", NotPrincipal: { AWS: OTHER } })],
    [
      "a distribution of its account",
      service("cloudfront.amazonaws.com", source("AWS:SourceArn", `arn:aws:cloudfront::${OWN}:distribution/E1`)),
    ],
    ["a trail of its account", service("cloudtrail.amazonaws.com", { Action: "s3:PutObject", ...source("aws:SourceAccount", OWN) })],
    [
      "the logs of whoever is named",
      service("delivery.logs.amazonaws.com", { Action: "s3:PutObject", ...source("aws:SourceAccount", OTHER) }),
    ],
    [
      "the logs of a load balancer that is named",
      service("logdelivery.elasticloadbalancing.amazonaws.com", {
        Action: ["s3:PutObject"],
        ...source("aws:SourceArn", `arn:aws:elasticloadbalancing:*:${OTHER}:loadbalancer/*`, "ArnLike"),
      }),
    ],
    [
      "the inventory of another bucket",
      service("s3.amazonaws.com", { Action: "s3:PutObject", ...source("aws:SourceArn", "arn:aws:s3:::others") }),
    ],
    ["nobody, because it has no policy", judge("aws:s3/bucket:Bucket", { bucket: "data" })],
    ["nobody, by a list", judge("aws:s3/bucketAcl:BucketAcl", { bucket: "data", acl: "private" })],
    ["the logs of AWS, by a list", judge("aws:s3/bucketAclV2:BucketAclV2", { bucket: "data", acl: "log-delivery-write" })],
    ["its owner, by a list", judge("aws:s3/bucketObject:BucketObject", { bucket: "data", acl: "bucket-owner-full-control" })],
    ["nobody, by an empty list", judge("aws:s3/bucketV2:BucketV2", { grants: [] })],
    ["its owner, in the native provider", judge("aws-native:s3:Bucket", { accessControl: "BucketOwnerRead" })],
    ["somebody whom up checks", judge(BUCKET_POLICY, { bucket: "data", policy: UNKNOWN })],
  ])("%s", (_, said) => {
    expect(said).toBe("");
  });
});

describe("Should fail if a bucket lets in", () => {
  test.each<[string, string, RegExp]>([
    ["everybody", bucket({ Principal: "*" }), /statement 0 lets "\*" in\. Name roles or accounts/],
    ["everybody with an account", bucket({ Principal: { AWS: "*" } }), /Name roles/],
    ["every role of its account by a pattern", bucket({ Principal: { AWS: `arn:aws:iam::${OWN}:role/*` } }), /Name roles/],
    ["everybody but one", bucket({ NotPrincipal: { AWS: OWN } }), /everybody but somebody/],
    ["another account", bucket({ Principal: { AWS: OTHER } }), /trustedAccounts/],
    ["a role of another account among its own", bucket({ Principal: { AWS: [OWN, `arn:aws:iam::${OTHER}:role/x`] } }), /210987654321/],
    ["a number as such", bucket({ Principal: { AWS: 123 } }), /Name roles/],
    ["its own account, which no setting names", bucket({ Principal: { AWS: OWN } }, {}), /trustedAccounts/],
    [
      "a user of CloudFront's own account",
      bucket({ Principal: { AWS: "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1" } }),
      /Name roles/,
    ],
    ["a canonical user", bucket({ Principal: { CanonicalUser: "79a59d" } }), /kinds AWS and Service/],
    ["users of an identity provider", bucket({ Principal: { Federated: "cognito-identity.amazonaws.com" } }), /kinds AWS and Service/],
    ["another organization", everybody("StringEquals", "aws:PrincipalOrgID", "o-zzzzzzzzzz"), /Name roles/],
    ["one of two organizations", everybody("StringEquals", "aws:PrincipalOrgID", [ORGANIZATION, "o-zzzzzzzzzz"]), /Name roles/],
    ["organizations by a pattern", everybody("StringLike", "aws:PrincipalOrgID", "o-*"), /Name roles/],
    ["no organization at all", everybody("StringEquals", "aws:PrincipalOrgID", []), /Name roles/],
    ["everybody but its organization", everybody("StringNotEquals", "aws:PrincipalOrgID", ORGANIZATION), /Name roles/],
    ["its organization, or whoever has none", everybody("StringEqualsIfExists", "aws:PrincipalOrgID", ORGANIZATION), /Name roles/],
    ["any of its organization", everybody("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", ORGANIZATION), /Name roles/],
    ["whoever has an endpoint", everybody("StringEquals", "aws:SourceVpce", "vpce-1"), /Name roles/],
    ["an address", everybody("IpAddress", "aws:SourceIp", "203.0.113.7/32"), /Name roles/],
    ["who says where he comes from", everybody("StringLike", "aws:Referer", "https://example.com/*"), /Name roles/],
    ["a key of the prototype", everybody("StringEquals", "constructor", OWN), /Name roles/],
    ["roles of every account", everybody("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/reader"), /Name roles/],
    ["roles of accounts that end alike", everybody("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*3456789012:role/reader"), /Name roles/],
    ["a condition of numbers", everybody("StringEquals", "aws:PrincipalAccount", 123456789012), /Name roles/],
    ["every customer's distribution", service("cloudfront.amazonaws.com", {}), /every customer of AWS/],
    [
      "a distribution of another account",
      service("cloudfront.amazonaws.com", source("AWS:SourceArn", `arn:aws:cloudfront::${OTHER}:distribution/E1`)),
      /every customer/,
    ],
    ["a trail of anybody", service("cloudtrail.amazonaws.com", { Action: "s3:PutObject" }), /every customer/],
    [
      "a trail of a pattern",
      service("cloudtrail.amazonaws.com", {
        Action: "s3:PutObject",
        ...source("aws:SourceArn", "arn:aws:cloudtrail:*:*:trail/*", "ArnLike"),
      }),
      /every customer/,
    ],
    [
      "the inventory of every bucket",
      service("s3.amazonaws.com", { Action: "s3:PutObject", ...source("aws:SourceArn", "arn:aws:s3:::*", "ArnLike") }),
      /every customer/,
    ],
    [
      "a writer that reads too",
      service("delivery.logs.amazonaws.com", { Action: ["s3:PutObject", "s3:GetObject"], ...source("aws:SourceAccount", OTHER) }),
      /every customer/,
    ],
    [
      "a writer without actions",
      service("delivery.logs.amazonaws.com", { Action: [], ...source("aws:SourceAccount", OTHER) }),
      /every customer/,
    ],
    ["a service of somebody's", service("evil.example.com", source("aws:SourceAccount", OWN)), /Name a service of AWS/],
    ["services by a pattern", service("*.amazonaws.com", source("aws:SourceAccount", OWN)), /Name a service of AWS/],
    ["a service that is no text", bucket({ Principal: { Service: 1 }, ...source("aws:SourceAccount", OWN) }), /Name a service of AWS/],
    ["whom a text names", judge(BUCKET_POLICY, { policy: JSON.stringify(document(read({ Principal: "*" }))) }), /"\*" in/],
    ["whom a text names that is no document", judge(BUCKET_POLICY, { policy: "everybody" }), /not a policy document/],
    ["whom the bucket's own policy names", judge("aws:s3/bucket:Bucket", { policy: document(read({ Principal: "*" })) }), /"\*" in/],
    ["everybody, by a list", judge("aws:s3/bucketAcl:BucketAcl", { acl: "public-read" }), /"acl" is "public-read"/],
    ["everybody, by a list of the bucket", judge("aws:s3/bucket:Bucket", { acl: "public-read-write" }), /bucket policy/],
    [
      "everybody with an account, by a list of an object",
      judge("aws:s3/bucketObjectv2:BucketObjectv2", { acl: "authenticated-read" }),
      /acl/,
    ],
    [
      "everybody, by a list of a copy",
      judge("aws:s3/objectCopy:ObjectCopy", { grants: [{ uri: "http://acs.amazonaws.com/groups/global/AllUsers" }] }),
      /"grants"/,
    ],
    ["somebody, by a list of grants", judge("aws:s3/bucketAcl:BucketAcl", { accessControlPolicy: { grants: [] } }), /accessControlPolicy/],
    ["grants that are no list", judge("aws:s3/bucketV2:BucketV2", { grants: {} }), /grants/],
    ["whom an unknown list names", judge("aws:s3/bucketAcl:BucketAcl", { acl: UNKNOWN }), /"acl" is unknown until/],
    ["everybody, in the native provider", judge("aws-native:s3:Bucket", { accessControl: "PublicRead" }), /accessControl/],
  ])("%s", (_, said, words) => {
    expect(said).toMatch(words);
    expect(said).toMatchSnapshot();
  });
});

describe("The account of a resource is its own", () => {
  const ARN = `arn:aws:sqs:us-east-1:${OWN}:jobs`;
  const queue = (...statements: readonly object[]) => judge(QUEUE_POLICY, { policy: document(...statements) }, {});
  const send = (more: object) => ({ Effect: "Allow", Action: "sqs:*", Resource: ARN, ...more });
  test("if the statement is about its queue", () => {
    expect(queue(send({ Principal: { AWS: OWN } }))).toBe("");
    expect(queue(send({ Principal: "*", ...source("aws:PrincipalAccount", OWN) }))).toBe("");
    expect(queue(send({ Principal: { AWS: OTHER } }))).not.toBe("");
  });
  test.each<[string, object]>([
    ["its own and another queue", { Resource: [ARN, `arn:aws:sqs:us-east-1:${OTHER}:jobs`] }],
    ["another queue and every queue", { Resource: [`arn:aws:sqs:us-east-1:${OTHER}:jobs`, "*"] }],
    ["no queue", { Resource: undefined }],
    ["every queue", { Resource: "*" }],
    ["what is no text", { Resource: [1] }],
  ])("but not if it is about %s", (_, more) => {
    expect(queue(send({ Principal: { AWS: OTHER }, ...more }))).not.toBe("");
    expect(queue(send({ Principal: { AWS: OTHER }, ...more }), send({ Principal: { AWS: OWN } }))).not.toBe("");
  });

  const manage = (principal: unknown, more: object = {}) => ({
    Effect: "Allow",
    Action: "kms:*",
    Resource: "*",
    Principal: principal,
    ...more,
  });
  const use = (principal: unknown, more: object) => manage(principal, { Action: ["kms:Decrypt", "kms:GenerateDataKey*"], ...more });
  const key = (props: object, type = KEY) => judge(type, props, {});
  test.each<[string, object]>([
    ["the usual statement", { policy: document(manage({ AWS: `arn:aws:iam::${OWN}:root` })) }],
    [
      "roles that use it",
      { policy: document(manage({ AWS: `arn:aws:iam::${OWN}:root` }), manage({ AWS: OWN }, { Action: "kms:Decrypt" })) },
    ],
    [
      "a role that may change it",
      { policy: document(manage({ AWS: `arn:aws:iam::${OWN}:role/x` }, { Action: ["kms:Get*", "kms:Put*"] })) },
    ],
    [
      "a service on its behalf",
      { policy: document(manage({ AWS: OWN }), use({ Service: "sns.amazonaws.com" }, source("aws:SourceAccount", OWN))) },
    ],
    [
      "the encrypted logs of the account",
      {
        policy: document(
          manage({ AWS: OWN }),
          use(
            { Service: "logs.us-east-1.amazonaws.com" },
            source("kms:EncryptionContext:aws:logs:arn", `arn:aws:logs:us-east-1:${OWN}:*`, "ArnLike"),
          ),
        ),
      },
    ],
    [
      "whoever uses it by a service of the account",
      {
        policy: document(
          manage({ AWS: OWN }),
          use("*", { Condition: { StringEquals: { "kms:CallerAccount": OWN, "kms:ViaService": "s3.us-east-1.amazonaws.com" } } }),
        ),
      },
    ],
    ["the check of AWS as it is", { bypassPolicyLockoutSafetyCheck: false, policy: document(manage({ AWS: OWN })) }],
    ["the check of AWS as null", { bypassPolicyLockoutSafetyCheck: null, policy: document(manage({ AWS: OWN })) }],
  ])("if only its principals may change a key: %s", (_, props) => {
    expect(key(props)).toBe("");
  });
  test("if only its principals may change a key of the native provider", () => {
    expect(key({ keyPolicy: document(manage({ AWS: OWN })) }, "aws-native:kms:Key")).toBe("");
  });
  test.each<[string, object]>([
    ["another account too", { policy: document(manage({ AWS: OWN }), manage({ AWS: OTHER })) }],
    ["another account too, by a pattern", { policy: document(manage({ AWS: OWN }), manage({ AWS: OTHER }, { Action: "kms:*Policy" })) }],
    ["everybody", { policy: document(manage({ AWS: OWN }), manage("*")) }],
    ["nobody", { policy: document(manage({ AWS: OWN }, { Action: "kms:Decrypt" })) }],
    [
      "one who is denied",
      { policy: document(manage({ AWS: OTHER }, { Effect: "Deny" }), manage({ AWS: OWN }, { Action: "kms:Decrypt" })) },
    ],
    ["whoever AWS does not ask for", { bypassPolicyLockoutSafetyCheck: true, policy: document(manage({ AWS: OTHER })) }],
    ["whoever AWS may not ask for", { bypassPolicyLockoutSafetyCheck: UNKNOWN, policy: document(manage({ AWS: OTHER })) }],
    ["by actions that are no text", { policy: document(manage({ AWS: OWN }, { Action: [1] })) }],
  ])("but not if a key can be changed by %s", (_, props) => {
    expect(key(props)).not.toBe("");
  });
  test("other accounts may use a key that the own account changes only if a setting names them", () => {
    const policy = document(manage({ AWS: OWN }), manage({ AWS: OTHER }, { Action: "kms:Decrypt" }));
    expect(key({ policy })).toMatch(/210987654321/);
    expect(judge(KEY, { policy }, { trustedAccounts: [OTHER] })).toBe("");
    expect(judge("aws:secretsmanager/secret:Secret", { policy: document(manage({ AWS: OTHER })) }, {})).not.toBe("");
  });
});

describe("A function", () => {
  const permission = (props: object) => judge(PERMISSION, { action: "lambda:InvokeFunction", function: "f", ...props });
  test.each<[string, object]>([
    ["a bucket", { principal: "s3.amazonaws.com", sourceArn: "arn:aws:s3:::uploads" }],
    ["a rule", { principal: "events.amazonaws.com", sourceArn: `arn:aws:events:us-east-1:${OTHER}:rule/r` }],
    ["an API that is made by the same program", { principal: "apigateway.amazonaws.com", sourceArn: UNKNOWN }],
    ["a service of its account", { principal: "config.amazonaws.com", sourceAccount: OWN }],
    ["a role of its account", { principal: `arn:aws:iam::${OWN}:role/caller` }],
    ["its organization", { principal: "*", principalOrgId: ORGANIZATION }],
    ["somebody whom up checks", { principal: UNKNOWN }],
  ])("can be called by %s", (_, props) => {
    expect(permission(props)).toBe("");
  });
  test.each<[string, object, RegExp]>([
    [
      "everybody",
      { principal: "*", functionUrlAuthType: "NONE", action: "lambda:InvokeFunctionUrl" },
      /"principal", statement 0 lets "\*" in/,
    ],
    ["another account", { principal: OTHER }, /trustedAccounts/],
    ["every bucket", { principal: "s3.amazonaws.com" }, /every customer/],
    ["every API", { principal: "apigateway.amazonaws.com", sourceArn: "arn:aws:execute-api:*:*:*" }, /every customer/],
    ["another organization", { principal: "*", principalOrgId: "o-zzzzzzzzzz" }, /Name roles/],
    ["a service of somebody's", { principal: "evil.example.com", sourceAccount: OWN }, /Name a service of AWS/],
    [
      "a rule of another account, which changes it",
      { principal: "events.amazonaws.com", action: "lambda:*", sourceAccount: OTHER },
      /every customer/,
    ],
  ])("cannot be called by %s", (_, props, words) => {
    expect(permission(props)).toMatch(words);
    expect(permission(props)).toMatchSnapshot();
  });
});

describe("What is shared by a field", () => {
  const [GRANT, LAYER, URL] = [
    "aws:kms/grant:Grant",
    "aws:lambda/layerVersionPermission:LayerVersionPermission",
    "aws:lambda/functionUrl:FunctionUrl",
  ];
  const SERVICE = "aws:ec2/vpcEndpointService:VpcEndpointService";
  const SNAPSHOTS = [
    "snapshot:Snapshot",
    "clusterSnapshot:ClusterSnapshot",
    "snapshotCopy:SnapshotCopy",
    "clusterSnapshotCopy:ClusterSnapshotCopy",
  ].map((type) => `aws:rds/${type}`);
  const role = (account: string) => `arn:aws:iam::${account}:role/x`;
  test.each<[string, string, object]>([
    ["a key for a role of the account", GRANT, { granteePrincipal: role(OWN), keyId: "k" }],
    ["a key for a role that is made by the same program", GRANT, { granteePrincipal: UNKNOWN, keyId: "k" }],
    ["a layer for the account", LAYER, { principal: OWN }],
    ["a layer for the organization", LAYER, { principal: "*", organizationId: ORGANIZATION }],
    ["a function for whoever has rights", URL, { authorizationType: "AWS_IAM" }],
    ["a function for whom up checks", URL, { authorizationType: UNKNOWN }],
    ["a service of the network for the account", SERVICE, { allowedPrincipals: [`arn:aws:iam::${OWN}:root`] }],
    ["a service of the network for nobody", SERVICE, {}],
    ...SNAPSHOTS.flatMap((type): [string, string, object][] => [
      [`${type} for the account`, type, { sharedAccounts: [OWN] }],
      [`${type} for nobody`, type, {}],
      [`${type} for whom up checks`, type, { sharedAccounts: UNKNOWN }],
    ]),
  ])("should pass: %s", (_, type, props) => {
    expect(judge(type, props)).toBe("");
  });
  test("should pass without a setting: a key of the account for a role of the account", () => {
    const keyId = `arn:aws:kms:us-east-1:${OWN}:key/k`;
    expect(judge(GRANT, { granteePrincipal: role(OWN), keyId }, {})).toBe("");
    expect(judge(GRANT, { granteePrincipal: role(OTHER), keyId }, {})).toMatch(/"granteePrincipal"/);
  });
  test.each<[string, string, object, RegExp]>([
    ["a key for another account", GRANT, { granteePrincipal: role(OTHER), keyId: "k" }, /"granteePrincipal".*trustedAccounts/],
    ["a layer for everybody", LAYER, { principal: "*" }, /"principal".*Name roles/],
    ["a layer for another organization", LAYER, { principal: "*", organizationId: "o-zzzzzzzzzz" }, /Name roles/],
    ["a function for everybody", URL, { authorizationType: "NONE" }, /"authorizationType".*"\*" in/],
    ["a service of the network for everybody", SERVICE, { allowedPrincipals: ["*"] }, /"allowedPrincipals"/],
    ["a service of the network for another account", SERVICE, { allowedPrincipals: [role(OWN), role(OTHER)] }, /statement 1/],
    ...SNAPSHOTS.flatMap((type): [string, string, object, RegExp][] => [
      [`${type} for everybody`, type, { sharedAccounts: ["all"] }, /"sharedAccounts".*"\*" in/],
      [`${type} for another account`, type, { sharedAccounts: [OWN, OTHER] }, /statement 1.*trustedAccounts/],
    ]),
  ])("should fail: %s", (_, type, props, words) => {
    expect(judge(type, props)).toMatch(words);
    expect(judge(type, props)).toMatchSnapshot();
  });
});

test("every type whose policy is read denies everybody, where it has its policy, and is a type of its provider", () => {
  const paths = [
    "policy",
    "policyDocument",
    "resourcePolicy",
    "repositoryPolicy",
    "keyPolicy",
    "repositoryPolicyText",
    "policyText",
    "fileSystemPolicy",
  ];
  const open = document({ Effect: "Allow", Action: "*", Principal: "*" });
  const denied = (type: string) => [
    ...paths.filter((path) => judge(type, { [path]: open }).includes(`"${path}", statement 0 lets "*" in`)),
    ...(judge(type, { resourcePolicy: { policyDocument: open } }).includes("resourcePolicy.policyDocument")
      ? ["resourcePolicy.policyDocument"]
      : []),
  ];
  const types = [...CARRIERS, ...BUCKETS];
  expect(Object.fromEntries(types.map((type) => [type, denied(type)]))).toMatchSnapshot();
  expect(types.filter((type) => type.startsWith("aws:") && !sdkTypes("aws").includes(type))).toEqual([]);
});

test("the other known types of the aws provider whose arguments have a document that is not read", () => {
  const folder = join(ROOT, "node_modules/@pulumi/aws");
  const read = [...CARRIERS, ...BUCKETS, ...DOCUMENTS];
  const others = sdkTypes("aws").filter((type) => classifyType(type, true, () => false).type !== "unknown" && !read.includes(type));
  const argumentsOf = (type: string) => {
    const [, module = "", name = ""] = /^aws:(\w+)\/(\w+):/.exec(type) ?? [];
    // A few files have another case than their type.
    const file = readdirSync(join(folder, module)).find((each) => each.toLowerCase() === `${name}.d.ts`.toLowerCase()) ?? "";
    return /export interface \w+Args \{([^]*?)\n\}/.exec(readFileSync(join(folder, module, file), "utf8"))?.[1] ?? "";
  };
  const DOCUMENT =
    /\n {4}(?:policy|policyDocument|resourcePolicy|repositoryPolicy|accessPolic(?:y|ies)|\w+Policy)\??: pulumi\.Input<string(?: \||>)/;
  expect(others.filter((type) => DOCUMENT.test(argumentsOf(type)))).toMatchSnapshot();
});
