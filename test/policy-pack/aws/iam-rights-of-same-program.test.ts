import { iamRightsOfSameProgram } from "../../../policy-pack/aws/iam/iam-rights-of-same-program";
import type { StackResource } from "../stack-verdict";
import { stackVerdictOf, stackViolations } from "../stack-verdict";
import { UNKNOWN } from "../verdict";

const OTHERS = "arn:aws:iam::123456789012:role/shared-gpu-deployer";
const ROLE: StackResource = {
  type: "aws:iam/role:Role",
  name: "own",
  props: { id: "own-1", name: "own-1", arn: "arn:aws:iam::123456789012:role/service/own-1" },
};
const PROFILE: StackResource = {
  type: "aws:iam/instanceProfile:InstanceProfile",
  name: "profile",
  props: { name: "profile-1", role: "own-1" },
};
const POLICY: StackResource = {
  type: "aws:iam/policy:Policy",
  name: "policy",
  props: { id: "arn:aws:iam::123456789012:policy/own-2", arn: "arn:aws:iam::123456789012:policy/own-2" },
};
const user = (type: string, props: object, from?: StackResource["from"]): StackResource => ({
  ...{ type, name: "user", props: props as StackResource["props"] },
  ...(from && { from }),
});
const judge = (resource: StackResource, config = {}) =>
  stackViolations(iamRightsOfSameProgram, [ROLE, PROFILE, POLICY, resource], config).map(({ message }) => message);

const INSTANCE = "aws:ec2/instance:Instance";
const LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";

describe("Should pass if", () => {
  test.each<[string, StackResource]>([
    [
      "a function has a role of the program",
      user("aws:lambda/function:Function", { role: "arn:aws:iam::123456789012:role/service/own-1" }),
    ],
    ["its role is known only during `up`", user("aws:lambda/function:Function", { role: UNKNOWN }, { role: ["own"] })],
    ["a profile has a role of the program", PROFILE],
    ["an instance has no profile", user(INSTANCE, { instanceType: "t3.micro" })],
    ["an instance has a profile of the program", user(INSTANCE, { iamInstanceProfile: "profile-1" })],
    ["a launch template has one", user(LAUNCH_TEMPLATE, { iamInstanceProfile: { name: UNKNOWN } }, { iamInstanceProfile: ["profile"] })],
    ["a policy of AWS is attached", user(ATTACHMENT, { policyArn: "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" })],
    ["a policy of the program is attached", user(ATTACHMENT, { policyArn: "arn:aws:iam::123456789012:policy/own-2" })],
    ["a role has policies that the provider will say", user("aws:iam/role:Role", { managedPolicyArns: UNKNOWN }, {})],
    ["its ARN is known only during `up`", user(ATTACHMENT, { policyArn: UNKNOWN }, { policyArn: ["policy"] })],
    [
      "a role has both",
      user("aws:iam/role:Role", {
        managedPolicyArns: ["arn:aws:iam::123456789012:policy/own-2", "arn:aws:iam::aws:policy/ReadOnlyAccess"],
      }),
    ],
    ["an integration calls a function without a role", user("aws:apigatewayv2/integration:Integration", { integrationType: "AWS_PROXY" })],
    [
      "a target has a role of the program",
      user("aws:cloudwatch/eventTarget:EventTarget", { roleArn: "arn:aws:iam::123456789012:role/service/own-1" }),
    ],
    ["flow logs have a role of others, which writes logs", user("aws:ec2/flowLog:FlowLog", { iamRoleArn: OTHERS })],
  ])("%s", (_, resource) => {
    expect(judge(resource)).toEqual([]);
  });

  test("the setting others names it", () => {
    const lambda = user("aws:lambda/function:Function", { role: OTHERS });
    expect(judge(lambda, { others: [OTHERS] })).toEqual([]);
    expect(judge(lambda, { others: ["arn:aws:iam::123456789012:role/another"] })).toHaveLength(1);
  });
});

describe("Should fail if", () => {
  test.each<[string, StackResource, string]>([
    ["a function has a role of others", user("aws:lambda/function:Function", { role: OTHERS }), "role"],
    ["a canary has one", user("aws:synthetics/canary:Canary", { executionRoleArn: OTHERS }), "executionRoleArn"],
    ["an instance profile has one, by name", user("aws:iam/instanceProfile:InstanceProfile", { role: "shared-gpu-deployer" }), "role"],
    [
      "a capacity provider has one",
      user("aws:lambda/capacityProvider:CapacityProvider", { permissionsConfig: { capacityProviderOperatorRoleArn: OTHERS } }),
      "permissionsConfig.capacityProviderOperatorRoleArn",
    ],
    ["a state machine calls APIs with one", user("aws:sfn/stateMachine:StateMachine", { roleArn: OTHERS }), "roleArn"],
    ["a task runs with one", user("aws:ecs/taskDefinition:TaskDefinition", { taskRoleArn: OTHERS }), "taskRoleArn"],
    ["a task starts with one", user("aws:ecs/taskDefinition:TaskDefinition", { executionRoleArn: OTHERS }), "executionRoleArn"],
    ["a service registers itself with one", user("aws:ecs/service:Service", { iamRole: "ecsServiceAdmin" }), "iamRole"],
    [
      "people in Slack run commands with one",
      user("aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration", { iamRoleArn: OTHERS }),
      "iamRoleArn",
    ],
    ["people in Teams do", user("aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration", { iamRoleArn: OTHERS }), "iamRoleArn"],
    [
      "whoever visits an identity pool gets one",
      user("aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment", { roles: { unauthenticated: OTHERS } }),
      "roles.unauthenticated",
    ],
    [
      "its users get one",
      user("aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment", { roles: { authenticated: OTHERS } }),
      "roles.authenticated",
    ],
    ["a group of users gets one", user("aws:cognito/userGroup:UserGroup", { roleArn: OTHERS }), "roleArn"],
    ["a workspace of Grafana has one", user("aws:grafana/workspace:Workspace", { roleArn: OTHERS }), "roleArn"],
    ["access grants lend one", user("aws:s3control/accessGrantsLocation:AccessGrantsLocation", { iamRoleArn: OTHERS }), "iamRoleArn"],
    ["an image of microVMs is built with one", user("aws:lambda/microvmsImage:MicrovmsImage", { buildRoleArn: OTHERS }), "buildRoleArn"],
    ["an API made in one step has one", user("aws:apigatewayv2/api:Api", { credentialsArn: OTHERS }), "credentialsArn"],
    ["an integration calls an API with one", user("aws:apigateway/integration:Integration", { credentials: OTHERS }), "credentials"],
    ["an integration of version 2 does", user("aws:apigatewayv2/integration:Integration", { credentialsArn: OTHERS }), "credentialsArn"],
    ["the target of a rule has one", user("aws:cloudwatch/eventTarget:EventTarget", { roleArn: OTHERS }), "roleArn"],
    ["the target of a schedule has one", user("aws:scheduler/schedule:Schedule", { target: { roleArn: OTHERS } }), "target.roleArn"],
    ["an instance has a profile of others", user(INSTANCE, { iamInstanceProfile: "nodes" }), "iamInstanceProfile"],
    [
      "a launch template has one",
      user(LAUNCH_TEMPLATE, { iamInstanceProfile: { arn: "arn:aws:iam::123456789012:instance-profile/nodes" } }),
      "iamInstanceProfile.arn",
    ],
    ["a policy of others is attached", user(ATTACHMENT, { policyArn: "arn:aws:iam::123456789012:policy/everything" }), "policyArn"],
    [
      "a role has one",
      user("aws:iam/role:Role", { managedPolicyArns: ["arn:aws:iam::123456789012:policy/everything"] }),
      "managedPolicyArns",
    ],
    ["the name of a role of the program is given for a profile", user(INSTANCE, { iamInstanceProfile: "own-1" }), "iamInstanceProfile"],
  ])("%s", (_, resource, path) => {
    expect(judge(resource)).toEqual([
      expect.stringMatching(new RegExp(`^"${path}" is .*, which this program does not register.* or name it in the setting others`)),
    ]);
  });

  test.each([
    ["aws:lambda/function:Function", "role"],
    ["aws:ec2/launchConfiguration:LaunchConfiguration", "iamInstanceProfile"],
    ["aws:iam/rolePolicyAttachment:RolePolicyAttachment", "policyArn"],
  ])("a value of %s is unknown in a preview and comes from nowhere: %s", (type, property) => {
    const { refused } = stackVerdictOf(
      iamRightsOfSameProgram,
      [ROLE, POLICY, user(type, { [property]: UNKNOWN })],
      {},
      { isPreview: true },
    );
    expect(refused).toEqual([expect.stringContaining(`"${property}" is unknown until \`pulumi up\``)]);
  });

  test("a value is unknown in a preview and comes from something else", () => {
    const lambda = user("aws:lambda/function:Function", { role: UNKNOWN }, { role: ["policy"] });
    const { refused } = stackVerdictOf(iamRightsOfSameProgram, [ROLE, POLICY, lambda], {}, { isPreview: true });
    expect(refused).toEqual([
      expect.stringMatching(/"role" is unknown until `pulumi up`, so this policy cannot check whose rights it gives/),
    ]);
  });
});
