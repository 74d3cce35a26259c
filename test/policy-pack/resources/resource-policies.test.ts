import { policyOf } from "../../../policy-pack/resources/resource-policies";
import { UNKNOWN } from "../../../policy-pack/evaluation/snapshot";

const statementsOf = (type: string, props: object) => policyOf(type, props as Readonly<Record<string, unknown>>);
const PERMISSION = "aws:lambda/permission:Permission";

test("what a function's address lets in", () => {
  const url = (authorizationType: unknown) => statementsOf("aws:lambda/functionUrl:FunctionUrl", { authorizationType });
  expect(["NONE", "AWS_IAM", UNKNOWN, undefined].map(url)).toMatchSnapshot();
});

test.each([
  "s3.amazonaws.com",
  "*.amazonaws.com",
  "s3.amazonaws.com:x",
  "arn:aws:iam::123456789012:user/a.b1",
  "123456789012",
  "*",
  UNKNOWN,
])("the principal %p of a permission", (principal) => {
  const props = { principal, action: "lambda:InvokeFunction", sourceArn: "arn", sourceAccount: null, principalOrgId: undefined };
  expect(statementsOf(PERMISSION, props)).toMatchSnapshot();
});

test("whom snapshots are shared with", () => {
  const shared = (sharedAccounts: unknown) => statementsOf("aws:rds/snapshot:Snapshot", { sharedAccounts });
  expect([UNKNOWN, undefined, ["all", "123456789012", UNKNOWN]].map(shared)).toMatchSnapshot();
});

test("a policy that is not there is none", () => {
  const type = "aws-native:dynamodb:Table";
  expect(statementsOf(type, {})).toBeUndefined();
  expect(statementsOf(type, { resourcePolicy: { policyDocument: null } })).toBeUndefined();
  expect(statementsOf(type, { resourcePolicy: { policyDocument: "{}" } })).toEqual({ path: "resourcePolicy.policyDocument", value: "{}" });
  expect(statementsOf("aws:ec2/vpc:Vpc", { policy: "{}" })).toBeUndefined();
});
