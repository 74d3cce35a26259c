import { eventsReachKnownTargets } from "../../../policy-pack/aws/iam/events-reach-known-targets";
import type { StackResource } from "../stack-verdict";
import { stackViolations } from "../stack-verdict";
import { UNKNOWN } from "../verdict";

const FUNCTION: StackResource = { type: "aws:lambda/function:Function", name: "function", props: {} };
const MACHINE: StackResource = { type: "aws:sfn/stateMachine:StateMachine", name: "machine", props: {} };
const of = (type: string) => (props: object, from?: StackResource["from"]) =>
  stackViolations(eventsReachKnownTargets, [
    FUNCTION,
    MACHINE,
    { type, name: "event", props: props as StackResource["props"], ...(from && { from }) },
  ]).map(({ message }) => message);
const target = of("aws:cloudwatch/eventTarget:EventTarget");
const schedule = of("aws:scheduler/schedule:Schedule");
const alarm = of("aws:cloudwatch/metricAlarm:MetricAlarm");
const composite = of("aws:cloudwatch/compositeAlarm:CompositeAlarm");

describe("Should pass if", () => {
  test.each<[string, readonly string[]]>([
    ["a rule reaches a function", target({ arn: "arn:aws:lambda:us-east-1:123456789012:function:nightly" })],
    ["a rule reaches a queue in another partition", target({ arn: "arn:aws-cn:sqs:cn-north-1:123456789012:jobs" })],
    ["a rule writes a log", target({ arn: "arn:aws:logs:us-east-1:123456789012:log-group:/events" })],
    ["the function is known only during `up`", target({ arn: UNKNOWN }, { arn: ["function"] })],
    ["a schedule reaches a topic", schedule({ target: { arn: "arn:aws:sns:us-east-1:123456789012:ops" } })],
    [
      "an alarm reaches a topic and a function",
      alarm({ alarmActions: ["arn:aws:sns:us-east-1:123456789012:ops", UNKNOWN] }, { alarmActions: ["function"] }),
    ],
    ["an alarm scales a service", alarm({ okActions: ["arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:resource/ecs/x"] })],
    ["an alarm has no actions", composite({ alarmRule: "ALARM(a)" })],
  ])("%s", (_, messages) => {
    expect(messages).toEqual([]);
  });
});

describe("Should fail if", () => {
  test.each<[string, readonly string[], RegExp]>([
    [
      "a rule runs a document on instances",
      target({ arn: "arn:aws:ssm:us-east-1::document/AWS-RunShellScript" }),
      /Use the ARN of one of these services.*lambda, sns, sqs/,
    ],
    ["a rule starts a task", target({ arn: "arn:aws:ecs:us-east-1:123456789012:cluster/x" }), /"arn" is "arn:aws:ecs/],
    ["a rule stops an instance", target({ arn: "arn:aws:events:us-east-1:123456789012:target/stop-instance" }), /"arn" is/],
    ["a schedule calls any API", schedule({ target: { arn: "arn:aws:scheduler:::aws-sdk:eks:createAccessEntry" } }), /"target.arn" is/],
    [
      "an alarm ends an instance",
      alarm({ alarmActions: ["arn:aws:automate:us-east-1:ec2:terminate"] }),
      /"alarmActions" is "arn:aws:automate/,
    ],
    [
      "an alarm restarts one when it is over",
      composite({ okActions: ["arn:aws:swf:us-east-1:123456789012:action/actions/AWS_EC2.InstanceId.Reboot/1.0"] }),
      /"okActions" is/,
    ],
    [
      "an alarm runs a document for want of data",
      alarm({ insufficientDataActions: ["arn:aws:ssm:us-east-1:123456789012:opsitem:1"] }),
      /sns, autoscaling/,
    ],
    ["the target is no ARN", target({ arn: "constructor" }), /"arn" is "constructor"/],
    ["the target is known only during `up`, and is something else", target({ arn: UNKNOWN }, { arn: ["machine"] }), /"arn" is unknown/],
  ])("%s", (_, messages, message) => {
    expect(messages).toEqual([expect.stringMatching(message)]);
  });
});
