/** Whom a statement may let in, at the edges of each pattern and by every entry of each list. */
import { accountOfKey, accountOfResources, strangersIn } from "../../../policy-pack/aws/iam/known-principals";

const OWN = "123456789012";
const OTHER = "210987654321";
const ORGANIZATION = "o-abcdefghij";

const letsIn = (statement: object) =>
  strangersIn({ effect: "Allow", action: "s3:GetObject", ...statement }, { accounts: [OWN], organizations: [ORGANIZATION] }).length === 0;
const when = (operator: string, key: string, value: unknown) => letsIn({ principal: "*", condition: { [operator]: { [key]: value } } });

test("principals of the account", () => {
  const of = (account: string) => [
    ...[account, `arn:aws:iam::${account}:root`, `arn:aws-cn:iam::${account}:role/x`, `arn:aws:sts::${account}:assumed-role/x/y`],
    `arn:aws:iam::${account}`,
  ];
  const others = [`x${OWN}`, `${OWN}1`, `arn:aws:s3::${OWN}:x`, `xarn:aws:iam::${OWN}:root`, `arn:aws:iam::${OWN}:role/a*b`, "*", 7, ""];
  expect([...of(OWN), ...of(OTHER), ...others].filter((aws) => letsIn({ principal: { AWS: aws } }))).toEqual(of(OWN));
});

test("services of AWS, on behalf of the account", () => {
  const condition = { StringEquals: { "aws:SourceAccount": OWN } };
  const services = ["s3.amazonaws.com", "logs.us-east-1.amazonaws.com", "s3.amazonaws.com.cn", "edge-lambda.amazonaws.com"];
  const others = [
    "s3.amazonaws.com.evil",
    "a/s3.amazonaws.com",
    "s3xamazonaws.com",
    "s3.amazonawsxcom",
    "s3.amazonaws.com.cnx",
    "amazonaws.com",
    "S3.amazonaws.com",
  ];
  expect([...services, ...others].filter((service) => letsIn({ principal: { Service: service }, condition }))).toEqual(services);
});

test("operators that compare each value, in any case", () => {
  const operators = ["StringEquals", "StringLike", "StringEqualsIgnoreCase", "ArnEquals", "ArnLike", "arnlike"];
  const others = [
    "StringNotEquals",
    "StringEqualsIfExists",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringLike",
    "Null",
    "Bool",
    "ArnNotLike",
  ];
  expect([...operators, ...others].filter((operator) => when(operator, "aws:PrincipalAccount", OWN))).toEqual(operators);
});

test("keys that say whose the request is", () => {
  const arn = (account: string) => `arn:aws:iam::${account}:role/x`;
  const keys: Readonly<Record<string, readonly [good: string, bad: string]>> = {
    ...Object.fromEntries(
      ["aws:PrincipalAccount", "aws:SourceAccount", "aws:SourceOwner", "kms:CallerAccount"].map((key) => [key, [OWN, OTHER]]),
    ),
    ...Object.fromEntries(
      ["aws:PrincipalArn", "aws:SourceArn", "kms:EncryptionContext:aws:logs:arn"].map((key) => [key, [arn(OWN), arn(OTHER)]]),
    ),
    ...Object.fromEntries(["aws:PrincipalOrgID", "aws:SourceOrgID"].map((key) => [key, [ORGANIZATION, "o-zzzzzzzzzz"]])),
  };
  for (const [key, [good, bad]] of Object.entries(keys)) {
    expect([key, when("StringLike", key, good), when("StringLike", key, [good, bad]), when("StringLike", key, [])]).toEqual([
      key,
      true,
      false,
      false,
    ]);
  }
  for (const key of ["aws:SourceVpc", "aws:Referer", "aws:PrincipalTag/x", "toString"]) {
    expect([key, OWN, arn(OWN), ORGANIZATION].filter((value) => when("StringEquals", key, value))).toEqual([]);
  }
});

test("ARNs that name the account", () => {
  const arns = [`arn:aws:sns:us-east-1:${OWN}:x`, `arn:aws-us-gov:sns:*:${OWN}:x`, `arn:aws:iam::${OWN}:role/*`];
  const others = [
    ...[`xarn:aws:sns:us-east-1:${OWN}:x`, `arn:aws:sns:us-east-1:${OWN}`, `arn:aws:sns:us-east-1:${OWN}1:x`, `arn:aws:sns:us-east-1:*:x`],
    ...[`arn:*:sns:us-east-1:${OWN}:x`, `arn:aws:*:us-east-1:${OWN}:x`, `arn:aws:sns:?:${OWN}:x`, "*", `arn:aws:sns:us-east-1::${OWN}:x`],
  ];
  expect([...arns, ...others].filter((arn) => when("ArnLike", "aws:SourceArn", arn))).toEqual(arns);
});

test("what a service may bring in for others, and from one source", () => {
  const deliver = (action: unknown, condition: object) => letsIn({ principal: { Service: "s3.amazonaws.com" }, action, condition });
  const from = (key: string, value: unknown) => ({ ArnLike: { [key]: value } });
  const actions = [
    ...["sqs:SendMessage", "sns:Publish", "lambda:InvokeFunction", "events:PutEvents", "logs:CreateLogStream", "logs:PutLogEvents"],
    ...["s3:PutObject", "s3:GetBucketAcl", "s3:ListBucket", "s3:GetBucketLocation", "S3:PUTOBJECT"],
  ];
  const others = ["s3:GetObject", "sqs:ReceiveMessage", "s3:*", "*", 7, [], ["s3:PutObject", "s3:GetObject"]];
  expect([...actions, ...others].filter((action) => deliver(action, from("aws:SourceAccount", OTHER)))).toEqual(actions);
  const sources = [OTHER, `x${OTHER}`, `${OTHER}1`, "*", 7];
  expect(sources.filter((value) => deliver("s3:PutObject", from("aws:SourceAccount", value)))).toEqual([OTHER]);
  const arns = [`arn:aws:sns:us-east-1:${OTHER}:x`, "arn:aws:s3:::others", "arn:aws-cn:s3:::a.b-c"];
  const otherArns = [
    "arn:aws:s3:::*",
    "arn:aws:s3:::a*",
    "arn:aws:s3:::-a",
    "arn:aws:s3:::a",
    "xarn:aws:s3:::others",
    "arn:aws:s3:::others/*",
    "*",
  ];
  expect([...arns, ...otherArns].filter((arn) => deliver("s3:PutObject", from("aws:SourceArn", arn)))).toEqual(arns);
});

test("the account of a statement's resources is the only one", () => {
  const queue = (account: string) => `arn:aws:sqs:us-east-1:${account}:x`;
  expect(accountOfResources({ resource: queue(OWN) })).toBe(OWN);
  expect(accountOfResources({ resource: [queue(OWN), `${queue(OWN)}/y`] })).toBe(OWN);
  for (const resource of [[queue(OWN), queue(OTHER)], [queue(OWN), "*"], [queue(OWN), 7], [], undefined, "*"]) {
    expect(accountOfResources({ resource })).toBeUndefined();
  }
});

test("the account of a key is the only one that may change its policy", () => {
  const allow = (action: unknown, account: string, effect = "Allow") => ({
    effect,
    action,
    principal: { AWS: `arn:aws:iam::${account}:root` },
  });
  expect(accountOfKey([allow("kms:*", OWN), allow("kms:Decrypt", OTHER)])).toBe(OWN);
  expect(accountOfKey([allow(["kms:Decrypt", "KMS:PutKeyPolicy"], OWN), allow("kms:Put*", OTHER, "Deny")])).toBe(OWN);
  expect(accountOfKey([allow("kms:*", OWN, "ALLOW")])).toBe(OWN);
  for (const statements of [[allow("kms:*", OWN), allow("kms:Put*", OTHER)], [allow("kms:Decrypt", OWN)], [allow(7, OWN)], []]) {
    expect(accountOfKey(statements)).toBeUndefined();
  }
});
