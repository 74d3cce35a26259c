import { ARN_IS_ARGUMENT, accountsKnown } from "../../../policy-pack/aws/sharing/accounts-known";
import { declarationOf } from "../../../src/rehearsal/stand-ins/declarations";
import { sdkTypes } from "../../support/sdk-types";
import { stackVerdictOf, stackViolations } from "../stack-verdict";
import type { StackResource } from "../stack-verdict";
import { UNKNOWN } from "../verdict";

const OWN = "123456789012";
const OTHER = "210987654321";
const TRUSTED = "111122223333";

const ROLE: StackResource = { type: "aws:iam/role:Role", name: "role", props: { arn: `arn:aws:iam::${OWN}:role/x` } };

const judge = (type: string, props: object, others: readonly StackResource[] = [ROLE]) =>
  stackViolations(accountsKnown, [...others, { type, name: "x", props: props as StackResource["props"] }], {
    trustedAccounts: [TRUSTED],
  }).map(({ message }) => message);

const images = (registryId: unknown, others?: readonly StackResource[]) =>
  judge(
    "aws:ecr/replicationConfiguration:ReplicationConfiguration",
    { replicationConfiguration: { rules: [{ destinations: [{ region: "eu-west-1", registryId }] }] } },
    others,
  );
const logs = (account: string) =>
  judge("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", {
    destinationArn: `arn:aws:logs:us-east-1:${account}:destination:x`,
  });

describe("Should pass if", () => {
  test.each<[string, readonly string[]]>([
    ["images are replicated into another region", images(OWN)],
    ["images are replicated into an account that is trusted", images(TRUSTED)],
    ["the account is known only during `up`", images(UNKNOWN)],
    ["logs go to the account for logs", logs(TRUSTED)],
    [
      "a function has the layer of somebody",
      judge("aws:lambda/function:Function", { layers: [`arn:aws:lambda:us-east-1:${OTHER}:layer:tools:7`] }),
    ],
    [
      "a document names somebody, whom another policy judges",
      judge("aws:s3/bucket:Bucket", { policy: { Statement: [{ Principal: `arn:aws:iam::${OTHER}:root` }] } }),
    ],
    ...[
      "policy",
      "resourcePolicy",
      "keyPolicy",
      "fileSystemPolicy",
      "policyDocument",
      "policyText",
      "repositoryPolicy",
      "repositoryPolicyText",
    ].map((key): [string, readonly string[]] => [
      `another policy judges ${key}`,
      judge("aws:kms/key:Key", { [key]: { Statement: [{ Principal: { AWS: `arn:aws:iam::${OTHER}:root` } }] } }),
    ]),
    ["a text is about another account", judge("aws:s3/bucket:Bucket", { description: `see arn:aws:sqs:us-east-1:${OTHER}:q` })],
    ["an owner has thirteen digits", judge("aws:s3/bucket:Bucket", { owner: `${OTHER}1` })],
    ["an owner has a name before the digits", judge("aws:s3/bucket:Bucket", { owner: `x${OTHER}` })],
    ["a package is named like one of AWS", judge("xaws:s3/bucket:Bucket", { owner: OTHER })],
    ["everything has an ARN", judge("aws:s3/bucket:Bucket", { arn: `arn:aws:s3:us-east-1:${OWN}:x`, bucket: "x" })],
    ["a tag has twelve digits", judge("aws:s3/bucket:Bucket", { tags: { owner: OTHER }, tagsAll: { owner: OTHER } })],
    ["a number is not an account", judge("aws:sqs/queue:Queue", { name: OTHER })],
    ["a number beside an account is not one", judge("aws:dynamodb/table:Table", { name: OTHER, ownerCount: 7 })],
    ["a role names another account, which another policy judges", judge("aws:iam/role:Role", { x: `arn:aws:iam::${OTHER}:role/x` })],
    ["it is no resource of AWS", judge("random:index/randomId:RandomId", { accountId: OTHER })],
    [
      "AWS says whose it is, and the program has nothing else",
      judge(
        "aws:kinesis/stream:Stream",
        { arn: `arn:aws:kinesis:us-east-1:${OWN}:stream/x`, id: `arn:aws:kinesis:us-east-1:${OWN}:stream/x` },
        [],
      ),
    ],
    [
      "AWS says whose registry it is",
      judge("aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration", { registryId: OWN }, []),
    ],
    ["AWS says whose network joins", judge("aws:ec2transitgateway/vpcAttachment:VpcAttachment", { vpcOwnerId: OWN }, [])],
    ["AWS says whose interface it is", judge("aws:ec2/networkInterface:NetworkInterface", { ownerId: OWN }, [])],
    ["AWS fills in the account", judge("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", { accountId: OWN }, [])],
    [
      "AWS fills in the account of access points",
      judge("aws:s3control/storageLensConfiguration:StorageLensConfiguration", { accountId: OWN }, []),
    ],
    ["AWS fills in the account of a budget", judge("aws:budgets/budget:Budget", { accountId: OWN }, [])],
    ["AWS fills in the account of costs", judge("aws:costexplorer/anomalySubscription:AnomalySubscription", { accountId: OWN }, [])],
    ["a parameter is a text", judge("aws:ssm/parameter:Parameter", { value: `arn:aws:sns:us-east-1:${OTHER}:x` })],
    [
      "it listens to the topic of another account",
      judge("aws:sns/topicSubscription:TopicSubscription", { topic: `arn:aws:sns:us-east-1:${OTHER}:x` }),
    ],
    ["a listener has a certificate", judge("aws:lb/listener:Listener", { certificateArn: `arn:aws:acm:us-east-1:${OTHER}:certificate/x` })],
    [
      "a distribution has one",
      judge("aws:cloudfront/distribution:Distribution", {
        webAclId: `arn:aws:wafv2:us-east-1:${OTHER}:global/x`,
        viewerCertificate: { acmCertificateArn: `arn:aws:acm:us-east-1:${OTHER}:certificate/x` },
      }),
    ],
    [
      "a load balancer is guarded",
      judge("aws:wafv2/webAclAssociation:WebAclAssociation", { webAclArn: `arn:aws:wafv2:us-east-1:${OTHER}:regional/x` }),
    ],
    ["an ARN has no account", judge("aws:wafv2/webAclAssociation:WebAclAssociation", { resourceArn: "arn:aws:s3:::x" })],
  ])("%s", (_, said) => {
    expect(said).toEqual([]);
  });
});

describe("Should fail if", () => {
  test.each<[string, readonly string[], string]>([
    [
      "images are replicated into another account",
      images(OTHER),
      `"replicationConfiguration.rules[0].destinations[0].registryId" names account ${OTHER}, which this policy does not know. Remove it, or name the account, also if it is your own, in the setting trustedAccounts of this policy.`,
    ],
    ["the account is a number", images(Number(OTHER)), OTHER],
    ["nobody knows the program's own account yet", images(OWN, []), OWN],
    [
      "an ARN that the program writes says which account is its own",
      images(OTHER, [{ type: "aws:sns/topicPolicy:TopicPolicy", name: "p", props: { arn: `arn:aws:sns:us-east-1:${OTHER}:x` } }]),
      OTHER,
    ],
    [
      "what is no resource of AWS says it",
      images(OTHER, [{ type: "acme:index:Site", name: "p", props: { arn: `arn:aws:iam::${OTHER}:role/x` } }]),
      OTHER,
    ],
    [
      "a lens is on the buckets of another account",
      judge("aws:s3control/storageLensConfiguration:StorageLensConfiguration", {
        storageLensConfiguration: { dataExport: { s3BucketDestination: { accountId: OTHER } } },
      }),
      "dataExport.s3BucketDestination.accountId",
    ],
    [
      "a network is another account's",
      judge("aws:directconnect/gatewayAssociation:GatewayAssociation", { associatedGatewayOwnerAccountId: OTHER }),
      "associatedGatewayOwnerAccountId",
    ],
    [
      "a parameter is encrypted for another account",
      judge("aws:ssm/parameter:Parameter", { keyId: `arn:aws:kms:us-east-1:${OTHER}:key/x` }),
      "keyId",
    ],
    ["a budget is reported by another account", judge("aws:backup/plan:Plan", { accountId: OTHER }), "accountId"],
    [
      "a key only ends like one that is skipped",
      judge("aws:s3/bucket:Bucket", { lifecyclepolicy: `arn:aws:sqs:us-east-1:${OTHER}:q` }),
      "lifecyclepolicy",
    ],
    ["it is in another partition", judge("aws:s3/bucket:Bucket", { target: `arn:aws-cn:sqs:cn-north-1:${OTHER}:q` }), "target"],
    [
      "a bucket of the native provider is replicated for another owner",
      judge("aws-native:s3:Bucket", { replicationConfiguration: { rules: [{ destination: { account: OTHER } }] } }),
      "destination.account",
    ],
    [
      "a file system of the native provider is",
      judge("aws-native:efs:FileSystem", { replicationConfiguration: { destinations: [{ roleArn: `arn:aws:iam::${OTHER}:role/x` }] } }),
      "destinations[0].roleArn",
    ],
    [
      "a value is somewhere else than in a parameter",
      judge("aws:s3/bucket:Bucket", { value: `arn:aws:sqs:us-east-1:${OTHER}:q` }),
      "value",
    ],
    ["logs go to another account", logs(OTHER), "destinationArn"],
    [
      "an event goes to the queue of another account",
      judge("aws:cloudwatch/eventTarget:EventTarget", { arn: `arn:aws:sqs:us-east-1:${OTHER}:q` }),
      "arn",
    ],
    ["a schedule does", judge("aws:scheduler/schedule:Schedule", { target: { arn: `arn:aws:sqs:us-east-1:${OTHER}:q` } }), "target.arn"],
    [
      "a bucket is replicated for another owner",
      judge("aws:s3/bucket:Bucket", { replicationConfiguration: { rules: [{ destination: { accountId: OTHER } }] } }),
      "destination.accountId",
    ],
    [
      "a network is one with that of another account",
      judge("aws:ec2/vpcPeeringConnection:VpcPeeringConnection", { peerOwnerId: OTHER }),
      "peerOwnerId",
    ],
    [
      "backups are copied",
      judge("aws:backup/plan:Plan", {
        rules: [{ copyActions: [{ destinationVaultArn: `arn:aws:backup:us-east-1:${OTHER}:backup-vault:x` }] }],
      }),
      "copyActions[0].destinationVaultArn",
    ],
    [
      "snapshots are shared",
      judge("aws:dlm/lifecyclePolicy:LifecyclePolicy", { details: { shareRule: { targetAccounts: [TRUSTED, OTHER] } } }),
      "targetAccounts[1]",
    ],
    [
      "findings are another account's",
      judge("aws:guardduty/organizationAdminAccount:OrganizationAdminAccount", { adminAccountId: OTHER }),
      "adminAccountId",
    ],
    [
      "a share of data is another account's",
      judge("aws:redshift/dataShareAuthorization:DataShareAuthorization", { consumerIdentifier: OTHER }),
      "consumerIdentifier",
    ],
    [
      "a subscription goes to the queue of another account",
      judge("aws:sns/topicSubscription:TopicSubscription", { endpoint: `arn:aws:sqs:us-east-1:${OTHER}:q` }),
      "endpoint",
    ],
    [
      "signatures are another account's",
      judge("aws:signer/signingProfilePermission:SigningProfilePermission", { principal: OTHER }),
      "principal",
    ],
  ])("%s", (_, said, part) => {
    expect(said).toEqual([expect.stringContaining(part)]);
  });
});

test("an account that another policy trusts is known", () => {
  const resources = [{ type: "aws:securityhub/member:Member", name: "x", props: { accountId: OTHER } }];
  const said = (settings: object) => stackVerdictOf(accountsKnown, resources, {}, { settings: settings as never }).refused;
  expect(said({ "iam-trust-known": { trustedAccounts: [OTHER] }, "volumes-encrypted": {} })).toEqual([]);
  expect(said({ "iam-trust-known": { trustedAccounts: [OWN] }, "eks-api-server-not-open-to-world": { trusted: [OTHER] } })).toHaveLength(1);
});

test("what a snapshot lifecycle shares", () => {
  // The provider calls the rules details of a policy, and those are no document.
  expect(
    judge("aws:dlm/lifecyclePolicy:LifecyclePolicy", { policyDetails: { schedules: [{ shareRule: { targetAccounts: [OTHER] } }] } }),
  ).toEqual([expect.stringContaining("policyDetails.schedules[0].shareRule.targetAccounts[0]")]);
});

test("types of the SDK whose ARN is an argument", () => {
  expect(sdkTypes("aws").filter((type) => declarationOf(type)?.arguments.has("arn") === true)).toEqual(ARN_IS_ARGUMENT);
});
