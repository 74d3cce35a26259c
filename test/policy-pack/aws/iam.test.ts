import fc from "fast-check";
import { iamDocumentsKnown } from "../../../policy-pack/aws/iam/iam-documents-known";
import { iamNoAdministratorPolicies } from "../../../policy-pack/aws/iam/iam-no-administrator-policies";
import { iamNoWildcards } from "../../../policy-pack/aws/iam/iam-no-wildcards";
import { matches } from "../../../policy-pack/resources/iam-statements";
import { UNKNOWN, violations } from "../verdict";

const POLICY = "aws:iam/policy:Policy";
const ROLE = "aws:iam/role:Role";
const statement = (more: object): object => ({ Effect: "Allow", Action: "s3:ListBucket", Resource: "*", ...more });
const text = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });

const judge = (type: string, props: object) => violations(iamNoWildcards, props as Record<string, unknown>, {}, type).join("\n");

describe("iam-no-wildcards: Should pass if", () => {
  test.each<[string, object]>([
    ["an action that lists is allowed everywhere", statement({})],
    ["a dangerous action is allowed on something", statement({ Action: "iam:PassRole", Resource: "arn:aws:iam::123456789012:role/nodes" })],
    [
      "everything of a service is allowed on something",
      statement({ Action: "s3:*", Resource: ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"] }),
    ],
    ["a team's tables are read", statement({ Action: "dynamodb:*", Resource: "arn:aws:dynamodb:us-east-1:123456789012:table/team-a-*" })],
    [
      "a team's images are written",
      statement({ Action: "ecr:PutImage", Resource: "arn:aws:ecr:us-east-1:123456789012:repository/team-a/*" }),
    ],
    ["a folder of a bucket is read", statement({ Action: "s3:GetObject", Resource: "arn:aws:s3:::team/*" })],
    ["images are pulled", statement({ Action: ["ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"] })],
    ["logs and metrics are written", statement({ Action: ["logs:CreateLogStream", "logs:PutLogEvents", "cloudwatch:PutMetricData"] })],
    ["it is asked what there is", statement({ Action: ["ec2:Describe*", "tag:GetResources", "sts:GetCallerIdentity", "iam:ListRoles"] })],
    [
      "a function in a VPC makes its network interfaces",
      statement({ Action: ["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"] }),
    ],
    ["everything is denied", { Effect: "Deny", Action: "*", Resource: "*" }],
    ["all but something is denied", { Effect: "Deny", NotAction: "iam:*", Resource: "*" }],
    ["the resource is the output of another", statement({ Action: "iam:PassRole", Resource: UNKNOWN })],
  ])("%s", (_, one) => {
    expect(judge(POLICY, { policy: JSON.parse(text(one)) as object })).toBe("");
    expect(judge(POLICY, { policy: text(one) })).toBe("");
  });

  test("the document is unknown until `up`, which another policy says", () => {
    expect(judge(POLICY, { policy: UNKNOWN })).toBe("");
    expect(violations(iamDocumentsKnown, { policy: UNKNOWN }, {}, POLICY)).toEqual([expect.stringMatching(/"policy" is unknown/)]);
    expect(violations(iamDocumentsKnown, { policy: text(statement({})) }, {}, POLICY)).toEqual([]);
    expect(violations(iamDocumentsKnown, { policy: UNKNOWN }, {}, "aws:sqs/queuePolicy:QueuePolicy")).toEqual([
      expect.stringMatching(/"policy" is unknown/),
    ]);
    expect(violations(iamDocumentsKnown, { bucket: UNKNOWN }, {}, "aws:s3/bucket:Bucket")).toEqual([]);
    expect(violations(iamDocumentsKnown, { policy: UNKNOWN }, {}, "aws:s3/bucket:Bucket")).toHaveLength(1);
    expect(violations(iamDocumentsKnown, { assumeRolePolicy: UNKNOWN, inlinePolicies: UNKNOWN }, {}, ROLE)).toHaveLength(2);
    expect(violations(iamDocumentsKnown, { assumeRolePolicy: UNKNOWN, inlinePolicies: UNKNOWN }, {}, ROLE)).toMatchSnapshot();
  });
});

describe("iam-no-wildcards: Should fail if", () => {
  test.each<[string, object, RegExp]>([
    ["everything is allowed", statement({ Action: "*" }), /Action "\*" allows everything/],
    [
      "everything is allowed on one thing",
      statement({ Action: ["s3:Get*", "*:*"], Resource: "arn:aws:s3:::b" }),
      /Action "\*:\*" allows everything/,
    ],
    ["everything but something is allowed", statement({ Action: undefined, NotAction: "iam:*" }), /NotAction/],
    [
      "a dangerous action is allowed everywhere",
      statement({ Action: "iam:PassRole" }),
      /Action "iam:PassRole" is allowed on every resource \(Resource "\*"\)/,
    ],
    [
      "a pattern covers a dangerous action",
      statement({ Action: "iam:Pass*" }),
      /Action "iam:Pass\*" is allowed on every resource \(Resource "\*"\)\. Name the resources/,
    ],
    ["the pattern hides it", statement({ Action: "i?m:*Rol?" }), /"i\?m:\*Rol\?" is allowed/],
    ["the case is another", statement({ Action: "IAM:PASSROLE" }), /PASSROLE/],
    ["every file system is mounted", statement({ Action: "elasticfilesystem:ClientMount" }), /ClientMount/],
    ["every table is read", statement({ Action: ["dynamodb:Query"] }), /dynamodb:Query/],
    ["every queue is emptied", statement({ Action: "sqs:*" }), /sqs:\*/],
    [
      "every table is read by its kind",
      statement({ Action: "dynamodb:GetItem", Resource: "arn:aws:dynamodb:*:*:table/*" }),
      /dynamodb:GetItem/,
    ],
    [
      "every machine of states runs",
      statement({ Action: "states:StartExecution", Resource: "arn:aws:states:us-east-1:123456789012:stateMachine:*" }),
      /states:StartExecution/,
    ],
    ["every user of a database connects", statement({ Action: "rds-db:connect", Resource: "arn:aws:rds-db:*:*:dbuser:*/*" }), /rds-db/],
    ["every image is replaced", statement({ Action: "ecr:PutImage" }), /ecr:PutImage/],
    ["every function is called", statement({ Action: "lambda:InvokeFunction" }), /InvokeFunction/],
    ["nodes are ended", statement({ Action: "autoscaling:TerminateInstanceInAutoScalingGroup" }), /Terminate/],
    ["a whole service is allowed everywhere", statement({ Action: "eks:*" }), /"eks:\*" is allowed/],
    ["the resource is an ARN of wildcards", statement({ Action: "sts:AssumeRole", Resource: "arn:aws:iam::*:*" }), /arn:aws:iam::\*:\*/],
    [
      "the resource is one of several",
      statement({ Action: "kms:Decrypt", Resource: ["arn:aws:kms:us-east-1:1:key/a", "*"] }),
      /kms:Decrypt/,
    ],
    [
      "a condition that may be always true stands beside it",
      statement({ Action: "sts:*", Condition: { StringLike: { "aws:PrincipalArn": "*" } } }),
      /"sts:\*" is allowed/,
    ],
    [
      "all resources but some are meant",
      statement({ Action: "s3:PutObject", Resource: undefined, NotResource: "arn:aws:s3:::logs/*" }),
      /\(NotResource\)/,
    ],
    ["the elements are in lower case", { effect: "allow", action: "*", resource: "*" }, /allows everything/],
  ])("%s", (_, one, words) => {
    expect(judge(POLICY, { policy: text(one) })).toMatch(words);
    expect(judge(POLICY, { policy: text(one) })).toMatchSnapshot();
    expect(judge("aws:iam/rolePolicy:RolePolicy", { policy: text(statement({}), one) })).toMatch(/statement 1: /);
    expect(judge("aws:iam/rolePolicy:RolePolicy", { policy: text(statement({}), one) })).toMatchSnapshot();
    expect(judge(ROLE, { inlinePolicies: [{ name: "x", policy: text(one) }] })).toMatch(/"inlinePolicies\[0\]\.policy", statement 0: /);
    expect(judge(ROLE, { inlinePolicies: [{ name: "x", policy: text(one) }] })).toMatchSnapshot();
  });

  test("the only statement is not in a list", () => {
    expect(judge(POLICY, { policy: JSON.stringify({ Statement: statement({ Action: "*" }) }) })).toMatch(/allows everything/);
    expect(judge(POLICY, { policy: JSON.stringify({ Statement: statement({ Action: "*" }) }) })).toMatchSnapshot();
  });

  const twin = '{"Effect":"Allow","Action":"iam:PassRole","action":"s3:GetObject","Resource":"arn:aws:iam::123456789012:role/nodes"}';
  const twins = [`{"Statement":[${twin}]}`, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"},"statement":[]}`];
  test.each(["not JSON", "7", 7, undefined, ...twins])("the document is %j", (policy) => {
    expect(judge(POLICY, { policy })).toMatch(/not a policy document/);
    expect(judge(POLICY, { policy })).toMatchSnapshot();
  });
});

describe("iam-no-administrator-policies", () => {
  const attached = (policyArn: unknown, config = {}) =>
    violations(iamNoAdministratorPolicies, { policyArn }, config, "aws:iam/rolePolicyAttachment:RolePolicyAttachment");

  test.each([
    "arn:aws:iam::aws:policy/AdministratorAccess",
    "arn:aws-us-gov:iam::aws:policy/PowerUserAccess",
    "arn:aws:iam::aws:policy/IAMFullAccess",
    "arn:aws:iam::aws:policy/AmazonSSMFullAccess",
    "arn:aws:iam::aws:policy/AmazonEC2FullAccess",
    "arn:aws:iam::aws:policy/AWSCloudFormationFullAccess",
    "arn:aws:iam::aws:policy/job-function/SystemAdministrator",
    "arn:aws:iam::aws:policy/AdministratorAccess-AWSElasticBeanstalk",
    "arn:aws:iam::aws:policy/OneThatAwsHasNotMadeYet",
  ])("Should fail if %s is attached", (arn) => {
    expect(attached(arn)).toEqual([
      `it attaches ${arn}, which this policy does not know to be harmless. Attach a policy of your own with only the rights that are needed.`,
    ]);
    expect(violations(iamNoAdministratorPolicies, { managedPolicyArns: [arn] }, {}, ROLE)).toHaveLength(1);
    expect(violations(iamNoAdministratorPolicies, { managedPolicyArns: [arn] }, {}, ROLE)).toMatchSnapshot();
  });

  test.each([
    "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
    "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy",
    "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
    "arn:aws:iam::123456789012:policy/AdministratorAccess",
    UNKNOWN,
  ])("Should pass if %s is", (arn) => {
    expect(attached(arn)).toEqual([]);
  });

  test("the list can be longer", () => {
    const arn = "arn:aws:iam::aws:policy/AmazonRDSDataFullAccess";
    expect(attached(arn)).toHaveLength(1);
    expect(attached(arn)).toMatchSnapshot();
    expect(attached(arn, { allowed: ["AmazonRDSDataFullAccess"] })).toEqual([]);
  });
});

describe("patterns of IAM", () => {
  test("a text matches itself, and any pattern made from it by putting wildcards in", () => {
    const letter = fc.constantFrom("a", "b", ":");
    fc.assert(
      fc.property(fc.array(fc.record({ letter, becomes: fc.constantFrom("same", "one", "any", "both") })), (parts) => {
        const pattern = parts.map(({ letter: own, becomes }) => ({ same: own, one: "?", any: "*", both: `*${own}*` })[becomes]).join("");
        expect(matches(pattern, parts.map((part) => part.letter).join(""))).toBe(true);
      }),
    );
  });

  test.each([
    ["iam:Pass*", "iam:passrole"],
    ["a?", "a"],
    ["", "a"],
    ["a*b", "a"],
  ])("%s does not match %s", (pattern, candidate) => {
    expect(matches(pattern, candidate)).toBe(false);
  });
});
